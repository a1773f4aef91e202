// The page at / when an own message is held, approved or denied. The test plays the server.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './chromium.mjs';
import { isLive, noFaults, open } from './page.mjs';
import { StubChat, stubToken } from './stub-chat.mjs';

let browser;
let stub;
const keys = [];

before(async () => {
  [browser, stub] = await Promise.all([launch(), StubChat.start()]);
  stub.frames = {
    message: ({ client_message_id }) => {
      const held_id = `h${keys.push(client_message_id)}`;
      return { type: 'ack', client_message_id, status: 'held', held_id, message_id: null, created_at: '2024-01-01T19:00:00Z', duplicate: false };
    },
  };
});
after(async () => {
  await browser?.close();
  await stub?.stop();
});

/** The texts, progress and failures of own messages that are pending. */
const pending = (page) =>
  page.evaluate(() => findAll('#pending li').map((li) => ['.text', '.progress', '.reason'].map((part) => li.querySelector(part).textContent)));

async function say(page, text) {
  await page.fill('#text', text);
  await page.keyboard.press('Enter');
}

test('a held message waits on the page; approved it arrives, and denied it says why', async () => {
  const page = await open(browser, `${stub.url}/#token=${stubToken('bob')}`);
  await isLive(page);
  for (const text of ['one', 'two', 'three']) await say(page, text);
  const waits = 'Waiting for a moderator';
  await page.waitForFunction((waits) => findAll('#pending .progress').filter((node) => node.textContent === waits).length === 3, waits);
  assert.deepEqual(await pending(page), ['one', 'two', 'three'].map((text) => [text, waits, '']));
  const [message] = stub.fill(1);
  Object.assign(message, { user_id: 'bob', username: 'bob', message: 'one', client_message_id: keys[0] });
  stub.tell(
    { type: 'new_message', message },
    { type: 'message_approved', held_id: 'h1', client_message_id: keys[0], message_id: message.id, notice_id: '1' },
    { type: 'message_denied', held_id: 'h2', client_message_id: keys[1], reason: 'denied', notice_id: '2' },
    { type: 'message_denied', held_id: 'h3', client_message_id: keys[2], reason: 'expired', notice_id: '3' },
  );
  await page.waitForFunction(() => findAll('#pending .failed').length === 2 && findAll('#messages li').length === 1);
  assert.deepEqual(await pending(page), [
    ['two', '', 'Not sent. It was not approved.'],
    ['three', '', 'Not sent. Nobody approved it in time.'],
  ]);
  noFaults(page);
});
