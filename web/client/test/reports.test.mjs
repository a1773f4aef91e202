// Reports: the call, and messages that reports hid and that are back.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { liveChat } from './fake-live.mjs';
import { message, told } from './support.mjs';

const deleted = (seq) => ({ type: 'message_deleted', message_id: message(seq).id });
const restored = (seq, more) => ({ type: 'message_restored', message: message(seq, more) });
const held = ({ chat }) => [...chat.messages.values()].map(({ seq }) => seq);

test('a report names its message, its reason and perhaps a comment', async () => {
  const { chat, rest } = await liveChat();
  rest['report-message'] = () => ({ message: 'Message reported', message_id: message(1).id, report_id: 'r1', already_reported: false });
  const answer = await chat.report(message(1).id, 'spam', { comment: 'a false shop' });
  assert.deepEqual([answer.report_id, answer.already_reported], ['r1', false]);
  await chat.report(message(1).id, 'other');
  const calls = rest.calls.filter(({ path }) => path.startsWith('report-message'));
  assert.deepEqual(calls.map(({ url, method, body }) => [new URL(url).pathname, method, body]), [
    ['/live-chat/report-message/100000001', 'POST', { reason: 'spam', comment: 'a false shop' }],
    ['/live-chat/report-message/100000001', 'POST', { reason: 'other' }],
  ]);
});

test('a message that was hidden comes back in its place', async () => {
  const fake = await liveChat();
  const socket = fake.sockets.at(-1);
  socket.tell(told(3), told(4), deleted(2), deleted(3));
  assert.deepEqual(held(fake), [1, 4]);
  socket.tell(restored(3, { likes: 7 }));
  assert.deepEqual([held(fake), fake.chat.messages.get(message(3).id).likes], [[1, 3, 4], 7]);
  const [{ from_seq, up_to_seq, messages }] = fake.heard.restored;
  assert.deepEqual([from_seq, up_to_seq, messages.map(({ seq }) => seq)], [3, 3, [3]]);
  assert.equal(fake.heard.message.filter(({ seq }) => seq === 3).length, 1, 'it is not new');
  // Hidden for good by a deletion, it is gone again.
  socket.tell(deleted(3));
  assert.deepEqual([held(fake), fake.heard.deleted.length], [[1, 4], 3]);
});

test('a repeat changes nothing but the likes, and one that was never shown comes as new', async () => {
  const fake = await liveChat();
  const socket = fake.sockets.at(-1);
  socket.tell(restored(2, { likes: 3 }));
  assert.deepEqual([held(fake), fake.heard.restored.length, fake.chat.messages.get(message(2).id).likes], [[1, 2], 0, 3]);
  socket.tell(restored(3), told(3), told(4));
  assert.deepEqual([held(fake), fake.heard.message.at(-2).seq, fake.heard.message.length], [[1, 2, 3, 4], 3, 4]);
});
