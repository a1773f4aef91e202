// Purge, clear and restore: applied in the order of their numbers, live and after an absence.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { liveChat, page, reopened } from './fake-live.mjs';
import { message, resumed, settle, told } from './support.mjs';

const by = (seq, user_id) => told(seq, { user_id });
const purged = (seq, user_id, up_to_seq = seq - 1) => ({ type: 'user_purged', seq, user_id, up_to_seq });
const cleared = (seq, up_to_seq = seq - 1) => ({ type: 'chat_cleared', seq, up_to_seq });
const restored = (seq, from_seq, up_to_seq) => ({ type: 'messages_restored', seq, from_seq, up_to_seq });
const held = ({ chat }) => [...chat.messages.values()].map(({ seq }) => seq);

/** A chat with the messages 1 and 2, and 3 to 5 by ann, bob and ann. */
async function room() {
  const fake = await liveChat();
  const socket = fake.sockets.at(-1);
  socket.tell(by(3, 'ann'), by(4, 'bob'), by(5, 'ann'));
  return { fake, socket };
}

test('a purge takes out the messages of one user, and what the user sends later stays', async () => {
  const { fake, socket } = await room();
  socket.tell(purged(6, 'ann'), by(7, 'ann'));
  assert.deepEqual(held(fake), [1, 2, 4, 7]);
  const [{ user_id, up_to_seq, messages }] = fake.heard.purged;
  assert.deepEqual([user_id, up_to_seq, messages.map(({ seq }) => seq)], ['ann', 5, [3, 5]]);
  socket.tell(purged(6, 'ann'));
  assert.equal(fake.heard.purged.length, 1, 'a repeat changes nothing');
  assert.equal(fake.heard.deleted.length, 0);
});

test('a clear takes out everything up to its number', async () => {
  const { fake, socket } = await room();
  socket.tell(cleared(6), by(7, 'bob'));
  assert.deepEqual(held(fake), [7]);
  assert.deepEqual([fake.heard.cleared[0].up_to_seq, fake.heard.cleared[0].messages.length], [5, 5]);
});

test('a client that was away hears of them with `resumed`, in order with the messages', async () => {
  const { fake } = await room();
  const socket = await reopened(fake);
  assert.deepEqual(socket.of('resume').map(({ after }) => after), [5]);
  const order = [];
  for (const type of ['message', 'purged', 'cleared']) fake.chat.addEventListener(type, ({ detail }) => order.push([type, detail.seq ?? detail.up_to_seq]));
  socket.tell({ ...resumed([], 9), messages: [message(6, { user_id: 'ann' }), message(8), message(9)], events: [purged(7, 'bob'), { type: 'of_a_later_version', seq: 10 }], last_seq: 10 });
  await settle();
  assert.deepEqual(order, [['message', 6], ['purged', 6], ['message', 8], ['message', 9]]);
  assert.deepEqual([held(fake), fake.chat.state], [[1, 2, 3, 5, 6, 8, 9], 'live']);
  socket.tell(told(11));
  assert.equal(held(fake).at(-1), 11, 'the number of the unknown event has passed');
});

test('an event that overtakes a message with a lower number waits for it', async () => {
  const { fake } = await room();
  const socket = await reopened(fake);
  // Number 6 is open still when the answer is made.
  socket.tell({ ...resumed([], 5), events: [purged(7, 'ann')], up_to: 5 });
  await settle();
  assert.equal(fake.heard.purged.length, 0);
  socket.tell(by(6, 'ann'), purged(7, 'ann'));
  await settle();
  assert.deepEqual([held(fake), fake.heard.purged.length], [[1, 2, 4], 1]);
});

test('over REST, a long absence brings them, too', async () => {
  const { fake } = await room();
  const socket = await reopened(fake);
  fake.rest.messages = () => ({ ...page([]), messages: [message(10)], events: [cleared(9)], last_seq: 10, next_after: null });
  for (const seq of [6, 7, 8]) {
    socket.tell({ ...resumed([seq], 10, false), up_to: seq });
    await settle();
  }
  socket.tell(resumed([], 10));
  await settle();
  assert.deepEqual([held(fake), fake.heard.cleared.length, fake.chat.state], [[10], 1, 'live']);
});

test('restored messages come back in their places, once for all', async () => {
  const { fake, socket } = await room();
  socket.tell(cleared(6), by(7, 'bob'), restored(8, 1, 5));
  const asked = [];
  fake.rest.messages = (url) => {
    asked.push(Number(new URL(url).searchParams.get('before')) - 100_000_000);
    const seqs = asked.length === 1 ? [4, 5] : [1, 2, 3];
    return { ...page([]), messages: seqs.map((seq) => message(seq)), has_more: asked.length === 1, next_before: asked.length === 1 ? message(4).id : null };
  };
  assert.deepEqual(held(fake), [7]);
  await fake.clock.pass(5_000);
  assert.deepEqual([held(fake), asked], [[1, 2, 3, 4, 5, 7], [6, 4]]);
  const [{ from_seq, up_to_seq, messages }] = fake.heard.restored;
  assert.deepEqual([from_seq, up_to_seq, messages.length], [1, 5, 5]);
  assert.equal(fake.heard.message.length, 6, 'they are not new');
});

test('a page of restored messages that a later purge overtakes brings nothing of it back', async () => {
  const { fake, socket } = await room();
  socket.tell(cleared(6), restored(7, 1, 5));
  let answer;
  fake.rest.messages = () => new Promise((resolve) => (answer = resolve));
  await fake.clock.pass(5_000);
  socket.tell(purged(8, 'ann', 7));
  answer({ ...page([]), messages: [message(2), message(3, { user_id: 'ann' }), message(4, { user_id: 'bob' })] });
  await settle();
  assert.deepEqual(held(fake), [2, 4]);
});

test('a restore that cannot be read is tried again', async () => {
  const { fake, socket } = await room();
  socket.tell(cleared(6), restored(7, 1, 5));
  fake.rest.messages = () => new Error('no network');
  await fake.clock.pass(5_000);
  assert.equal(fake.heard.error.length, 1);
  fake.rest.messages = () => ({ ...page([]), messages: [message(5)] });
  await fake.clock.pass(30_000);
  assert.deepEqual([held(fake), fake.heard.restored.length], [[5], 1]);
});
