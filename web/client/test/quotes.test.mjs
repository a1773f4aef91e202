// What replies show of the messages that they reply to: gone with them, back with them, in whatever order that arrives.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { liveChat, page, reopened } from './fake-live.mjs';
import { message, resumed, settle, told } from './support.mjs';

const idOf = (seq) => 100_000_000 + seq;
const quote = (seq, user_id = 'ann', excerpt = `text ${seq}`) => ({ id: idOf(seq), user_id, username: user_id, excerpt });
const gone = (seq) => ({ id: idOf(seq), user_id: null, username: null, excerpt: null });
const reply = (seq, to, more) => told(seq, { user_id: 'bob', reply_to: quote(to), ...more });
const quoted = ({ chat }, seq) => chat.messages.get(idOf(seq)).reply_to;

/** A chat with the messages 1 and 2, 3 by ann, and a reply to 3 by bob. */
async function room() {
  const fake = await liveChat();
  const socket = fake.sockets.at(-1);
  socket.tell(told(3, { user_id: 'ann', username: 'ann' }), reply(4, 3));
  assert.deepEqual(quoted(fake, 4), quote(3));
  return { fake, socket };
}

test('a reply and its mentions are sent, by socket and by REST, and a message without them has neither field', async () => {
  const { fake, socket } = await room();
  fake.chat.sendMessage('hi', { replyTo: idOf(3), mentions: ['ann'] });
  assert.deepEqual(socket.of('message').at(-1), { type: 'message', message: 'hi', client_message_id: fake.chat.pending[0].client_message_id, reply_to: idOf(3), mentions: ['ann'] });
  assert.deepEqual([fake.chat.pending[0].reply_to, fake.heard.pending[0].mentions], [idOf(3), ['ann']]);
  socket.tell({ type: 'error', code: 'not_found', message: 'There is no such message', client_message_id: fake.chat.pending[0].client_message_id });
  assert.deepEqual([fake.heard.failed[0].code, fake.heard.failed[0].reply_to], ['not_found', idOf(3)]);
  fake.chat.sendMessage('plain', { mentions: [] });
  assert.deepEqual(Object.keys(socket.of('message').at(-1)), ['type', 'message', 'client_message_id']);
  fake.rest['send-message'] = () => ({ message_id: idOf(9) });
  await fake.chat.postMessage('hi', { replyTo: idOf(3), mentions: ['ann'] });
  assert.deepEqual(fake.rest.calls.at(-1).body, { message: 'hi', reply_to: idOf(3), mentions: ['ann'] });
});

test('a message that is sent again over the next socket still replies', async () => {
  const { fake } = await room();
  fake.chat.sendMessage('hi', { replyTo: idOf(3) });
  const socket = await reopened(fake);
  socket.tell(resumed([], 4));
  await settle();
  assert.equal(socket.of('message')[0].reply_to, idOf(3));
});

test('a deletion takes the quote out of replies that are held', async () => {
  const { fake, socket } = await room();
  socket.tell({ type: 'message_deleted', message_id: idOf(3) });
  assert.deepEqual(quoted(fake, 4), gone(3));
});

test('a deletion that overtakes the reply counts', async () => {
  const { fake, socket } = await room();
  socket.tell({ type: 'message_deleted', message_id: idOf(2) }, reply(5, 2));
  assert.deepEqual(quoted(fake, 5), gone(2));
});

test('a purge takes the quotes of one user, a clear takes all', async () => {
  const { fake, socket } = await room();
  socket.tell(reply(5, 2, { reply_to: quote(2, 'carl') }), { type: 'user_purged', seq: 6, user_id: 'ann', up_to_seq: 5 });
  assert.deepEqual([quoted(fake, 4), quoted(fake, 5)], [gone(3), quote(2, 'carl')]);
  socket.tell(told(7), reply(8, 7), { type: 'chat_cleared', seq: 9, up_to_seq: 7 });
  assert.deepEqual(quoted(fake, 8), gone(7));
});

test('a parent that is back is quoted again, on one line of up to 100 characters', async () => {
  const { fake, socket } = await room();
  socket.tell({ type: 'message_deleted', message_id: idOf(3) });
  const back = message(3, { user_id: 'ann', username: 'ann', message: `one\n two ${'x'.repeat(200)}` });
  socket.tell({ type: 'message_restored', message: back });
  assert.deepEqual(quoted(fake, 4), quote(3, 'ann', `one two ${'x'.repeat(92)}`));
});

test('a deletion that was missed is found by comparing, and takes the quote', async () => {
  const { fake } = await room();
  fake.rest.messages = () => page([1, 2, 4], { messages: [message(1), message(2), message(4, { reply_to: gone(0) })], has_more: true, last_seq: 4 });
  fake.chat.messages.get(idOf(4)).reply_to = { ...quote(0), id: idOf(0) };
  const socket = await reopened(fake);
  socket.tell(resumed([], 4));
  await settle();
  await fake.clock.pass(10_000);
  assert.deepEqual(fake.chat.messages.get(idOf(4)).reply_to, gone(0));
  assert.ok(fake.heard.deleted.some(({ message_id }) => message_id === idOf(0)), 'the application hears of it');
});
