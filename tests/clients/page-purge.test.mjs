// The page at / when a user is purged, the chat is cleared, either is taken back, or a message is shadowed. The test plays the server.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isAccessibleInBoth, noFaults } from './page.mjs';
import { stubStage } from './page-stub.mjs';

const on = stubStage();

async function room(count) {
  const stub = await on.chat(count);
  return { stub, page: await on.come(stub) };
}

const seqs = (page) => page.evaluate(() => findAll('#messages li').map((li) => li.dataset.id % 1e8));
const shows = (page, count) => page.waitForFunction((count) => findAll('#messages li').length === count, count);

test('a purge takes one user’s messages off the page, also those of earlier pages', async () => {
  const { stub, page } = await room(120);
  await shows(page, 50);
  await page.evaluate(() => (byId('log').scrollTop = 0));
  await page.waitForFunction(() => findAll('#messages li').length > 50);
  // Number 116 and each sixteenth before it are of user 4.
  stub.tell({ type: 'user_purged', seq: 121, user_id: 'user-4', up_to_seq: 120 });
  await page.waitForFunction(() => !findAll('#messages li').some((li) => (li.dataset.id % 1e8) % 16 === 4));
  assert.ok((await seqs(page)).includes(115));
  noFaults(page);
  await page.context().close();
});

test('a message that reports hid comes back in its place, and nothing else moves', async () => {
  const { stub, page } = await room(120);
  await shows(page, 50);
  await page.evaluate(() => (byId('log').scrollTop = 0));
  await page.waitForFunction(() => findAll('#messages li').length > 50);
  const before = await seqs(page);
  for (const seq of [80, 118]) stub.tell({ type: 'message_deleted', message_id: 100_000_000 + seq });
  await shows(page, before.length - 2);
  stub.tell({ type: 'message_restored', message: stub.messages[117] });
  await shows(page, before.length - 1);
  assert.deepEqual(await seqs(page), before.filter((seq) => seq !== 80));
  // It is among the rows of the page alone: the client never held it.
  stub.tell({ type: 'message_restored', message: stub.messages[79] });
  await shows(page, before.length);
  assert.deepEqual(await seqs(page), before);
  noFaults(page);
  await page.context().close();
});

test('a clear empties the page, what comes after it shows, and taking it back brings all back in order', async () => {
  const { stub, page } = await room(30);
  await shows(page, 30);
  const nothing = () => ({ messages: [], session_id: 1, has_more: false, last_seq: 31 });
  stub.answers = { 'GET messages': nothing };
  stub.tell({ type: 'chat_cleared', seq: 31, up_to_seq: 30 });
  await shows(page, 0);
  await page.waitForFunction(() => !byId('nothing').hidden);
  const later = { ...stub.messages[0], id: 100_000_032, seq: 32, message: 'after it' };
  stub.tell({ type: 'new_message', message: later });
  await shows(page, 1);
  stub.answers = {};
  stub.tell({ type: 'messages_restored', seq: 33, from_seq: 1, up_to_seq: 30 });
  await shows(page, 31);
  assert.deepEqual(await seqs(page), [...Array.from({ length: 30 }, (_, i) => i + 1), 32]);
  noFaults(page);
  await page.context().close();
});

test('staff see which messages only their author and staff see, and cannot like those', async () => {
  const { stub, page } = await room(3);
  await shows(page, 3);
  stub.tell({ type: 'new_message', message: { ...stub.messages[0], id: 100_000_004, seq: 4, message: 'psst', shadowed: true } });
  const marked = page.locator('#message-100000004');
  await marked.getByText('Only its author and staff see this').waitFor();
  assert.deepEqual([await page.locator('.badge.shadowed').count(), await marked.locator('.like-message').isHidden()], [1, true]);
  assert.equal(await page.locator('#message-100000003 .like-message').isVisible(), true);
  await isAccessibleInBoth(page, 'a shadowed message');
  noFaults(page);
  await page.context().close();
});
