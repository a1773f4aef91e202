// Announcing from the console: in a colour, pinned or not, taken back, and never lost.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { choose, follow, moderator, notice, openWith, person, row, signed, SECRET } from './console.mjs';
import { focused, isAccessibleInBoth, noFaults, stage } from './page.mjs';

const on = stage({ settings: { JWT_SECRET: SECRET } });

const visitor = () => person(on, 'Vera');
const messages = async () => (await visitor().call('GET', 'messages')).messages;
const pins = async () => (await visitor().call('GET', 'status')).session.pins.map(({ message }) => message);

async function isPinned(text) {
  const end = Date.now() + 30_000;
  while (!(await pins()).includes(text)) assert.ok(Date.now() < end, text);
}

const isOpen = (page) => page.locator('#announce-dialog').isVisible();

test('a moderator announces by a key, in a colour and pinned, and takes it back', async () => {
  await visitor().write('When do we start?');
  const mona = await moderator(on, 'Mona');
  await choose(mona, 'feed', 'When do we start?');
  await mona.keyboard.press('a');
  assert.equal(await focused(mona), 'announce-text');
  await isAccessibleInBoth(mona, 'console-announce');
  await mona.keyboard.type('We start at nine');
  await mona.selectOption('#announce-color', 'orange');
  await mona.check('#announce-pin');
  await mona.click('#announce-yes');
  await notice(mona, 'Announced and pinned.');
  await follow(mona);
  await row(mona, 'feed', 'We start at nine').getByText('Announcement', { exact: true }).waitFor();
  const said = (await messages()).find(({ message }) => message === 'We start at nine');
  assert.deepEqual([said.message_type, said.color, said.user_id], ['announcement', 'orange', 'mona']);
  assert.deepEqual([await pins(), await isOpen(mona)], [['We start at nine'], false]);

  await mona.click('#notice-undo');
  await notice(mona, 'Taken back: Announced and pinned.');
  assert.equal((await messages()).some(({ message }) => message === 'We start at nine'), false);
  await mona.waitForFunction(() => [...document.querySelectorAll('#feed .gone')].some((line) => line.textContent.includes('We start at nine')));

  // The next one begins anew, and Ctrl+Enter sends.
  await choose(mona, 'feed', 'When do we start?');
  await mona.keyboard.press('a');
  assert.deepEqual([await mona.inputValue('#announce-text'), await mona.inputValue('#announce-color'), await mona.isChecked('#announce-pin')], ['', 'primary', false]);
  await mona.keyboard.type('We start now');
  await mona.keyboard.press('Control+Enter');
  await notice(mona, 'Announced.');
  assert.deepEqual(await pins(), []);
  noFaults(mona);
  await mona.context().close();
});

test('an announcement that fails keeps its text, and one whose answer is lost is made once', async () => {
  const mona = await moderator(on, 'Mona');
  const failures = [];
  await mona.route('**/live-chat/announcements*', async (route) => {
    failures.push(route.request().postDataJSON().client_message_id);
    if (failures.length === 1) await route.fulfill({ status: 400, contentType: 'application/problem+json', body: '{"code":"invalid_message","detail":"Too long","status":400,"title":"Bad Request"}' });
    else {
      await route.fetch();
      await route.abort();
    }
  });
  await mona.click('[data-act=announce]');
  await mona.fill('#announce-text', 'The doors are open');
  await mona.click('#announce-yes');
  await mona.locator('#announce-problem').getByText('The chat does not take this text.').waitFor();
  assert.equal(await mona.inputValue('#announce-text'), 'The doors are open');
  // Escape is no decision, either.
  await mona.keyboard.press('Escape');
  await mona.click('[data-act=announce]');
  assert.equal(await mona.inputValue('#announce-text'), 'The doors are open');
  await mona.click('#announce-yes');
  await mona.locator('#announce-problem').getByText('The chat cannot be reached').waitFor({ timeout: 60_000 });
  await mona.unroute('**/live-chat/announcements*');
  // The pin is no part of what was sent.
  await mona.check('#announce-pin');
  await mona.click('#announce-yes');
  await notice(mona, 'Announced and pinned.');
  assert.equal(new Set(failures).size, 1, 'one key');
  assert.equal((await messages()).filter(({ message }) => message === 'The doors are open').length, 1);
  await mona.context().close();
});

test('a fourth pin is refused, and the announcement stands', async () => {
  const mona = await moderator(on, 'Mona', { query: '?lang=es' });
  for (const text of ['uno', 'dos', 'tres']) {
    await mona.click('[data-act=announce]');
    await mona.fill('#announce-text', text);
    await mona.check('#announce-pin');
    await mona.click('#announce-yes');
    await mona.locator('#announce-dialog').waitFor({ state: 'hidden' });
    if (text !== 'tres') await isPinned(text);
    await notice(mona, text === 'tres' ? 'Anunciado. Ya hay tres mensajes fijados. Quita uno primero.' : 'Anunciado y fijado.');
  }
  assert.deepEqual(await pins(), ['dos', 'uno', 'The doors are open']);
  assert.ok((await messages()).some(({ message }) => message === 'tres'));
  await mona.click('[data-act=announce]');
  await isAccessibleInBoth(mona, 'console-announce-spanish');
  noFaults(mona);
  await mona.context().close();
});

test('a moderator without the capability has no way to announce', async () => {
  const page = await openWith(on, signed('mike', { capabilities: ['read', 'moderate'] }));
  await page.waitForSelector('#state[data-state=live]');
  assert.equal(await page.locator('[data-act=announce]').isVisible(), false);
  await choose(page, 'feed', 'When do we start?');
  await page.keyboard.press('a');
  assert.equal(await isOpen(page), false);
  noFaults(page);
  await page.context().close();
});
