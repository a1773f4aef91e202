// The modes of a session on the page at /, with a real gateway: their chips, the pause of slow mode, and texts that they refuse.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SECRET, person, signed } from './console.mjs';
import { NO_RATE_LIMIT } from './gateway.mjs';
import { call, inLog, isAccessibleInBoth, isLive, noFaults, open, say, shows, stage } from './page.mjs';

const on = stage({ settings: { ...NO_RATE_LIMIT, JWT_SECRET: SECRET } });

const host = (method, path, body) => call(on.gateway.url, signed('rest', { roles: ['host'] }), method, path, body);
const set = (modes) => host('POST', 'moderation/actions', { action: 'set_modes', modes });
const OFF = { audience: 'everyone', account_age_minutes: 0, slow_seconds: 0, unique_seconds: 0, emoji_only: false, links: 'allow', review_all: false };

async function come(name, { query = '', ...claims } = {}) {
  const token = signed(name.toLowerCase(), { name, ...claims });
  const page = await open(on.browser, `${on.gateway.url}/${query}#token=${token}`, { prepare: (page) => page.clock.install() });
  await isLive(page);
  return page;
}

const showsChips = (page, texts) =>
  page.waitForFunction((texts) => findAll('#modes li').map((chip) => chip.textContent).join('|') === texts.join('|'), texts);
const pending = (page, text) => page.locator('#pending li', { hasText: text });

test('each mode in force has a chip, which comes and goes with it and is read out', async () => {
  const page = await come('Ann');
  assert.equal(await page.locator('#modes').isVisible(), false);
  for (const [modes, texts] of [
    [{ slow_seconds: 30 }, ['Slow mode: 30 s']],
    [{ audience: 'members', links: 'hold' }, ['Members only', 'Slow mode: 30 s', 'Links wait for approval']],
    [{ audience: 'staff', links: 'block', unique_seconds: 60 }, ['Team only', 'Slow mode: 30 s', 'No repeats', 'No links']],
    [{ ...OFF, account_age_minutes: 90, emoji_only: true, review_all: true }, ['Accounts older than 90 min', 'Emoji only', 'Messages wait for approval']],
  ]) {
    await set(modes);
    await showsChips(page, texts);
    await shows(page, 'announcer', `Rules now: ${texts.join(', ')}`);
  }
  await isAccessibleInBoth(page, 'modes');
  // Who comes later sees them, too.
  const spanish = await come('Eva', { query: '?lang=es' });
  await showsChips(spanish, ['Cuentas de más de 90 min', 'Solo emojis', 'Los mensajes esperan aprobación']);
  await set(OFF);
  for (const each of [page, spanish]) await each.locator('#modes').waitFor({ state: 'hidden' });
  await shows(page, 'announcer', 'The special rules are off.');
  noFaults(page, spanish);
  for (const each of [page, spanish]) await each.context().close();
});

test('a shield shows as the modes that it sets', async () => {
  const page = await come('Ann');
  await host('POST', 'moderation/actions', { action: 'shield', on: true, minutes: 5 });
  await showsChips(page, ['Slow mode: 30 s', 'No repeats', 'No links']);
  await host('POST', 'moderation/actions', { action: 'shield', on: false });
  await page.locator('#modes').waitFor({ state: 'hidden' });
  noFaults(page);
  await page.context().close();
});

test('slow mode counts down after each own message, and keeps the draft; staff do not wait', async () => {
  await set({ ...OFF, slow_seconds: 120 });
  const page = await come('Sol');
  await say(page, 'the first');
  await inLog(page, 'the first').waitFor();
  await page.locator('#wait').getByText(/^You can write again in (2:00|1:\d\d)\.$/).waitFor();
  assert.equal(await page.locator('#notice').textContent(), '', 'nothing is announced unless somebody tries');
  await say(page, 'the second');
  await page.locator('#notice').getByText('Slow mode is on: please wait a moment.').waitFor();
  assert.equal(await page.inputValue('#text'), 'the second');
  await page.clock.fastForward(61_000);
  await page.locator('#wait').getByText(/^You can write again in \d+ s\.$/).waitFor();
  await isAccessibleInBoth(page, 'slow-mode');
  await page.clock.fastForward(60_000);
  await shows(page, 'wait', '');
  assert.equal(await page.locator('.notices').isVisible(), false);
  assert.equal(await page.inputValue('#text'), 'the second');

  // The chat's clock has not moved: it refuses the text, and says for how long.
  await page.press('#text', 'Enter');
  await pending(page, 'the second').getByText('Not sent. Slow mode is on: please wait a moment.').waitFor();
  await page.locator('#wait').getByText(/^You can write again in /).waitFor();
  await set({ slow_seconds: 0 });
  await shows(page, 'wait', '');
  await pending(page, 'the second').getByRole('button', { name: 'Retry' }).click();
  await inLog(page, 'the second').waitFor();

  await set({ slow_seconds: 120 });
  const mona = await come('Mona', { roles: ['moderator'] });
  for (const text of ['mona one', 'mona two']) {
    await say(mona, text);
    await inLog(mona, text).waitFor();
  }
  assert.equal(await mona.locator('#wait').textContent(), '');
  await set(OFF);
  noFaults(page, mona);
  for (const each of [page, mona]) await each.context().close();
});

test('a text that a mode or a word refuses stays, says why, and can be edited and sent', async () => {
  const terms = [{ term: 'darn', match: 'word', action: 'block', explanation: 'Be kind.' }, { term: 'drat', match: 'word', action: 'block' }];
  await host('PUT', 'moderation/terms', { terms, allow: [], link_domains: [] });
  const page = await come('Ann');
  const cases = [
    [{ links: 'block' }, 'see example.com', 'Not sent. Links are not allowed now.'],
    [{ emoji_only: true }, 'words', 'Not sent. Only emoji can be sent now.'],
    [{ audience: 'members' }, 'from outside', 'Not sent. Only members can write now.'],
    [{ audience: 'staff' }, 'from below', 'Not sent. Only the team can write now.'],
    [{ account_age_minutes: 5 }, 'from a new one', 'Not sent. Your account is too new to write now.'],
    [{}, 'darn it', 'Not sent. Be kind.'],
    [{}, 'drat it', 'Not sent. This text is not allowed here.'],
  ];
  for (const [modes, text, why] of cases) {
    await set({ ...OFF, ...modes });
    await say(page, text);
    await pending(page, text).locator('.reason').getByText(why, { exact: true }).waitFor();
    await page.fill('#text', '');
    await pending(page, text).getByRole('button', { name: 'Edit' }).click();
    assert.equal(await page.inputValue('#text'), text);
    assert.equal(await page.locator('#pending li').count(), 0);
    assert.equal(await page.locator('#counter').textContent(), `${text.length}/1000`);
  }
  await set({ ...OFF, unique_seconds: 60 });
  await say(page, 'once');
  await inLog(page, 'once').waitFor();
  await say(page, 'ONCE');
  await pending(page, 'ONCE').getByText('Not sent. You have sent this already.').waitFor();
  await isAccessibleInBoth(page, 'refused-by-a-mode');
  await pending(page, 'ONCE').getByRole('button', { name: 'Edit' }).click();
  await page.keyboard.type(' more');
  await page.keyboard.press('Enter');
  await inLog(page, 'ONCE more').waitFor();
  await set(OFF);
  noFaults(page);
  await page.context().close();
});

test('a held message waits for a moderator, and arrives or says that it was denied', async () => {
  await set({ ...OFF, review_all: true });
  const page = await come('Ann');
  for (const text of ['let me in', 'me as well']) {
    await say(page, text);
    await pending(page, text).getByText('Waiting for a moderator').waitFor();
  }
  await isAccessibleInBoth(page, 'held');
  const { held } = await host('GET', 'moderation/held');
  const idOf = (text) => held.find(({ message }) => message === text).held_id;
  await host('POST', 'moderation/actions', { action: 'approve', held_id: idOf('let me in') });
  await inLog(page, 'let me in').waitFor();
  await pending(page, 'let me in').waitFor({ state: 'detached' });
  await host('POST', 'moderation/actions', { action: 'deny', held_id: idOf('me as well') });
  await pending(page, 'me as well').getByText('Not sent. It was not approved.').waitFor();
  await set(OFF);
  await person(on, 'Bob').write('the end');
  await inLog(page, 'the end').waitFor();
  noFaults(page);
  await page.context().close();
});

test('the domains that staff set make links of what is written already, and of what comes', async () => {
  const page = await come('Ann');
  await say(page, 'see https://shop.example/x');
  const link = (text) => inLog(page, text).locator('a');
  await inLog(page, 'see https://shop.example/x').waitFor();
  assert.equal(await page.locator('#messages a').count(), 0);
  await host('PUT', 'moderation/terms', { link_domains: ['Shop.example'] });
  await link('see shop.example/x').waitFor();
  await say(page, 'and https://www.shop.example/y');
  await link('and shop.example/y').waitFor();
  // Who comes later has them from the beginning.
  const eva = await come('Eva');
  await inLog(eva, 'see shop.example/x').locator('a').waitFor();
  await host('PUT', 'moderation/terms', {});
  await inLog(page, 'see https://shop.example/x').waitFor();
  await page.locator('#messages a').first().waitFor({ state: 'detached' });
  noFaults(page, eva);
  for (const each of [page, eva]) await each.context().close();
});
