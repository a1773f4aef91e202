// Shared by the console's tests: moderators at work, and people who write.

import { createHmac } from 'node:crypto';

import { LAPTOP } from './images.mjs';
import { call, open } from './page.mjs';

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
