// Shared by the console's tests: moderators at work, people who write, and what holds in every browser.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';

import { LAPTOP } from './images.mjs';
import { call, noFaults, open } from './page.mjs';

export { LAPTOP };
/** The secret of a gateway whose tokens a test makes itself, because it needs hundreds. */
export const SECRET = 'a secret for the console’s tests only';

const part = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');

export function signed(sub, claims = {}) {
  const text = `${part({ alg: 'HS256' })}.${part({ sub, name: sub, exp: Math.floor(Date.now() / 1000) + 3600, ...claims })}`;
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
}

/** Opens the console with a token, and does not wait for anything. */
export const openWith = (on, token, { query = '', viewport = LAPTOP, ...options } = {}) =>
  open(on.browser, `${on.gateway.url}/moderate/${query}#token=${token}`, { viewport, ...options });

/** A moderator whose console is live. */
export async function moderator(on, name, { role = 'moderator', ...options } = {}) {
  const page = await openWith(on, signed(name.toLowerCase(), { name, roles: [role] }), options);
  await page.waitForSelector('#state[data-state=live]');
  return page;
}

/** Somebody who writes and reports over REST. */
export function person(on, name) {
  const token = signed(name.toLowerCase(), { name });
  const act = (method, path, body) => call(on.gateway.url, token, method, path, body);
  return { token, call: act, write: (message) => act('POST', 'send-message', { message }) };
}

/** The row with a text in a list. */
export const row = (page, list, text) => page.locator(`#${list} [role=option]`, { hasText: text });

/** Lets the feed go on: no pointer, no selection, no current row. */
export async function follow(page) {
  await page.mouse.move(1, 1);
  await page.focus('#feed');
  for (let times = 0; times < 2; times += 1) await page.keyboard.press('Escape');
}

/** Chooses a row as a pointer does. */
export async function choose(page, list, text) {
  if (list === 'feed') await follow(page);
  await row(page, list, text).click();
  await row(page, list, text).and(page.locator('.current')).waitFor();
}

export const notice = (page, text) => page.locator('#notice').getByText(text).waitFor();

/** Waits until a message with a text is gone, or stands. */
export const isGone = (page, text) => row(page, 'feed', text).and(page.locator('.gone')).first().waitFor();
export const isBack = (page, text) => row(page, 'feed', text).and(page.locator(':not(.gone)')).first().waitFor();

/** The chat refuses it, with this code. */
export const isRefused = (sending, code) => assert.rejects(sending, new RegExp(code));

/** A moderator bans and times out by keys, which deletes the messages, and takes both back. */
export async function sanctionAndTakeBack(on) {
  const mona = await moderator(on, 'Mona');
  for (const [key, name, code, said] of [['b', 'Bert', 'banned', '1 person banned.'], ['t', 'Tilda', 'timed_out', '1 person timed out.']]) {
    const writer = person(on, name);
    await writer.write(`${name} was here`);
    await writer.write(`${name} was here again`);
    await choose(mona, 'feed', `${name} was here again`);
    await mona.keyboard.press(key);
    await notice(mona, said);
    await mona.waitForFunction((name) => [...document.querySelectorAll('#feed .line')].filter((line) => line.textContent.includes(name)).every((line) => line.matches('.gone')), name);
    await isRefused(writer.write('and again'), code);
    await mona.keyboard.press('z');
    await notice(mona, `Taken back: ${said}`);
    await isBack(mona, `${name} was here again`);
    await writer.write(`thank you from ${name}`);
  }
  noFaults(mona);
}
