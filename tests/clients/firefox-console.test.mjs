// The console at /moderate/ in Firefox: keys and undo, what is held, words, and the essentials at a phone's width.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SECRET, choose, isBack, isGone, moderator, notice, person, row, sanctionAndTakeBack, signed } from './console.mjs';
import { launchFirefox } from './firefox.mjs';
import { NO_RATE_LIMIT } from './gateway.mjs';
import { PHONE, call, isAccessible, noFaults, stage } from './page.mjs';

const on = stage({ begin: launchFirefox, settings: { ...NO_RATE_LIMIT, JWT_SECRET: SECRET } });

const setModes = (modes) => call(on.gateway.url, signed('rest', { roles: ['host'] }), 'POST', 'moderation/actions', { action: 'set_modes', modes });

test('keys delete a message and take it back', async () => {
  const mona = await moderator(on, 'Mona');
  await person(on, 'Ann').write('buy followers');
  await row(mona, 'feed', 'buy followers').waitFor();
  assert.equal(await mona.evaluate(() => document.activeElement.id), 'feed', 'keys act at once');
  await mona.keyboard.press('ArrowUp');
  await mona.keyboard.press('d');
  await notice(mona, '1 message deleted.');
  await row(mona, 'feed', 'Deleted by Mona').waitFor();
  await mona.keyboard.press('z');
  await notice(mona, 'Taken back: 1 message deleted.');
  await isBack(mona, 'buy followers');
  noFaults(mona);
});

test('keys ban and time out with all messages, and take both back', () => sanctionAndTakeBack(on));

test('a selection is acted on after a question', async () => {
  const mona = await moderator(on, 'Mona');
  for (const name of ['Sam', 'Sid', 'Sue']) await person(on, name).write('WIN A PHONE');
  await row(mona, 'feed', 'WIN A PHONE').nth(2).waitFor();
  await mona.keyboard.press('ArrowUp');
  await mona.keyboard.press('f');
  await mona.getByText('3 selected').waitFor();
  await mona.keyboard.press('d');
  await mona.getByText('Delete 3 messages?').waitFor();
  await mona.keyboard.press('Enter');
  await notice(mona, '3 messages deleted.');
  await mona.keyboard.press('z');
  await isBack(mona, 'WIN A PHONE');
  noFaults(mona);
});

test('what is held is approved and denied by keys', async () => {
  const mona = await moderator(on, 'Mona');
  await setModes({ review_all: true });
  for (const text of ['may I speak?', 'and this?']) await person(on, 'Ann').write(text);
  await row(mona, 'held', 'and this?').waitFor();
  await setModes({ review_all: false });
  assert.equal(await mona.title(), '(2) Moderation');
  await mona.focus('#feed');
  await mona.keyboard.press('2');
  await mona.keyboard.press('Home');
  await mona.keyboard.press('a');
  await notice(mona, '1 message approved.');
  await isBack(mona, 'may I speak?');
  await choose(mona, 'held', 'and this?');
  await mona.keyboard.press('d');
  await notice(mona, '1 message denied.');
  await mona.waitForFunction(() => document.title === 'Moderation');
  noFaults(mona);
});

test('a host adds a word and tries a text', async () => {
  const hans = await moderator(on, 'Hans', { role: 'host' });
  await hans.keyboard.press('6');
  await hans.locator('#terms-empty').waitFor();
  await hans.fill('#term', 'idiot*');
  await hans.selectOption('#term-action', 'hold');
  await hans.click('#add-term [type=submit]');
  await notice(hans, 'The list is in force.');
  await hans.fill('#try-text', 'what an id1ot');
  await hans.click('#try [type=submit]');
  await hans.locator('#tried').getByText('“idiot*” would hold it.').waitFor();
  await hans.locator('#terms').getByText('Remove').click();
  await hans.locator('#terms-empty').waitFor();
  noFaults(hans);
});

test('the essentials fit a phone', async () => {
  const page = await moderator(on, 'Mona', { viewport: PHONE });
  const press = (selector) => page.locator(selector).locator('visible=true').click();
  await person(on, 'Tom').write('delete me by thumb');
  await row(page, 'feed', 'delete me by thumb').click();
  await press('[data-act=delete]');
  await isGone(page, 'delete me by thumb');
  await press('#undo');
  await notice(page, 'Taken back: 1 message deleted.');
  await press('[data-act=shield]');
  await notice(page, 'The shield is up');
  await isAccessible(page, 'firefox-console-phone');
  await press('#undo');
  await notice(page, 'Taken back: The shield is up');
  const sizes = await page.locator('#view-feed .acts button:visible').evaluateAll((all) => all.map((button) => button.getBoundingClientRect().height));
  assert.ok(sizes.length > 0 && sizes.every((height) => height >= 44), `${sizes}`);
  noFaults(page);
});
