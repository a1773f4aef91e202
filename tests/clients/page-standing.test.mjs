// What the page at / shows to whoever is timed out or banned, with a real gateway.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SECRET, person, signed } from './console.mjs';
import { NO_RATE_LIMIT } from './gateway.mjs';
import { DESKTOP, call, focused, inLog, isAccessibleInBoth, isLive, noFaults, open, say, stage } from './page.mjs';

const APPEAL = 'https://appeal.example/form';
const on = stage({ settings: { ...NO_RATE_LIMIT, JWT_SECRET: SECRET, LIVE_CHAT_APPEAL_URL: APPEAL } });

const act = (body) => call(on.gateway.url, signed('rest', { roles: ['host'] }), 'POST', 'moderation/actions', body);
const comes = (name, { query = '', ...options } = {}) =>
  open(on.browser, `${on.gateway.url}/${query}#token=${signed(name.toLowerCase(), { name })}`, options);

async function come(name, options) {
  const page = await comes(name, options);
  await isLive(page);
  return page;
}

const standing = (page) => page.locator('#standing');
const banned = (page) => page.locator('#banned');

test('a timeout is explained above the field, counts down, keeps the draft, and ends by itself', async () => {
  const page = await come('Tim', { prepare: (page) => page.clock.install() });
  await page.fill('#text', 'half a thought');
  const { id } = await act({ action: 'timeout', user_id: 'tim', seconds: 600, explanation: 'Please calm down.' });
  for (const text of ['Please calm down.', `Reference: ${id}`]) await standing(page).getByText(text, { exact: true }).waitFor();
  const appeal = standing(page).getByRole('link', { name: 'Appeal this decision' });
  assert.deepEqual(await appeal.evaluate(({ href, target, rel }) => [href, target, rel]), [APPEAL, '_blank', 'noopener noreferrer']);
  await page.locator('#notice').getByText(/^You can read, but not write, until \d/).waitFor();
  await page.locator('#wait').getByText(/^You can write again in (10:00|9:\d\d)\.$/).waitFor();
  await isAccessibleInBoth(page, 'timed-out');

  // What was written stays, and what others write comes.
  await page.press('#text', 'Enter');
  await page.keyboard.type('!');
  assert.equal(await page.inputValue('#text'), 'half a thought!');
  await person(on, 'Ann').write('still to be read');
  await inLog(page, 'still to be read').waitFor();

  await page.clock.fastForward(602_000);
  await standing(page).waitFor({ state: 'hidden' });
  assert.equal(await page.locator('.notices').isVisible(), false);
  await act({ action: 'lift', user_id: 'tim' });
  await page.press('#text', 'Enter');
  await inLog(page, 'half a thought!').waitFor();
  noFaults(page);
  await page.context().close();
});

test('a timeout that is lifted ends at once; whoever comes during one sees it, in their language', async () => {
  const page = await come('Lia');
  await act({ action: 'timeout', user_id: 'lia', seconds: 7200, explanation: 'Basta.' });
  await page.locator('#wait').getByText(/^You can write again in (2 h 0|1 h 59) min\.$/).waitFor();
  const late = await come('Lia', { query: '?lang=es' });
  await standing(late).getByText('Basta.').waitFor();
  await late.locator('#notice').getByText(/^Puedes leer, pero no escribir, hasta /).waitFor();
  await say(late, 'hola');
  assert.equal(await late.inputValue('#text'), 'hola');
  await act({ action: 'lift', user_id: 'lia' });
  for (const each of [page, late]) {
    await standing(each).waitFor({ state: 'hidden' });
    await each.locator('.notices').waitFor({ state: 'hidden' });
  }
  await late.press('#text', 'Enter');
  await inLog(page, 'hola').waitFor();
  noFaults(page, late);
  for (const each of [page, late]) await each.context().close();
});

test('a ban takes the place of the chat, says why, and the visitor enters again once it is lifted', async () => {
  await person(on, 'Ann').write('before the ban');
  const page = await come('Bo', { viewport: DESKTOP });
  await inLog(page, 'before the ban').waitFor();
  await page.fill('#text', 'my draft');
  const { id } = await act({ action: 'ban', user_id: 'bo', explanation: 'Too many links.' });
  await banned(page).getByRole('heading', { name: 'You are banned' }).waitFor();
  for (const text of ['You can no longer take part in this chat.', 'Too many links.', `Reference: ${id}`]) await banned(page).getByText(text, { exact: true }).waitFor();
  assert.equal(await banned(page).getByRole('link').getAttribute('href'), APPEAL);
  for (const part of ['#room', '#composer', '#enter']) assert.equal(await page.locator(part).isVisible(), false, part);
  assert.equal(await page.evaluate(() => focusedElement().textContent), 'You are banned');
  await isAccessibleInBoth(page, 'banned');

  const again = banned(page).getByRole('button', { name: 'Try to enter again' });
  await again.click();
  await banned(page).getByText('The ban still holds.').waitFor();
  assert.equal(await page.evaluate(() => focusedElement().textContent), 'Try to enter again');
  await act({ action: 'lift', user_id: 'bo' });
  await again.click();
  await isLive(page);
  await banned(page).waitFor({ state: 'hidden' });
  await inLog(page, 'before the ban').waitFor();
  await page.locator('#numbers').waitFor();
  assert.equal(await page.inputValue('#text'), 'my draft');
  await page.press('#text', 'Enter');
  await inLog(page, 'my draft').waitFor();
  noFaults(page);
  await page.context().close();
});

test('whoever is banned already sees the same on entering and after a reload, and no form', async () => {
  await act({ action: 'ban', user_id: 'cy', explanation: 'Spam.' });
  const page = await comes('Cy', { query: '?lang=es', viewport: { width: 280, height: 600 } });
  for (const reload of [false, true]) {
    if (reload) await page.reload();
    await banned(page).getByRole('heading', { name: 'Estás expulsado' }).waitFor();
    await banned(page).getByText('Spam.').waitFor();
    await page.locator('#enter').waitFor({ state: 'hidden' });
    await page.locator('#loading').waitFor({ state: 'hidden' });
    const heights = await banned(page).locator('a, button').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
    assert.ok(heights.length === 2 && heights.every((height) => height >= 44), String(heights));
  }
  await isAccessibleInBoth(page, 'banned-narrow');
  noFaults(page);
  await page.context().close();
});

test('a message on its way when the ban comes is back in the field once the ban is lifted', async () => {
  const page = await come('Dee', { viewport: DESKTOP });
  await page.context().setOffline(true);
  await page.evaluate(() => dispatchEvent(new Event('offline')));
  await page.waitForSelector('#state[data-state=recovering]');
  await say(page, 'on its way');
  await page.locator('#pending').getByText('on its way').waitFor();
  await act({ action: 'ban', user_id: 'dee' });
  await page.context().setOffline(false);
  await banned(page).waitFor();
  await act({ action: 'lift', user_id: 'dee' });
  await banned(page).getByRole('button', { name: 'Try to enter again' }).click();
  await isLive(page);
  assert.equal(await page.inputValue('#text'), 'on its way');
  assert.equal(await focused(page), 'log');
  noFaults(page);
  await page.context().close();
});
