// Own messages: in every snapshot each of them is there once, from the moment it is sent.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { live, settle, soon, told } from './support.mjs';

const pending = ({ pending: own }) => own.map(({ message, status }) => `${message}: ${status}`);
const keyOf = (socket) => socket.of('message').at(-1).client_message_id;
const ackOf = (socket, more) => ({ type: 'ack', client_message_id: keyOf(socket), message_id: 100_000_001, created_at: '', duplicate: false, ...more });

test('a message is sending, then sent, and then it has arrived', async (t) => {
  const { mounted, frames, socket } = await live(t);
  const acknowledged = mounted.now.sendMessage('Hello!');
  await frames.draw();
  assert.deepEqual(pending(mounted.now), ['Hello!: sending']);
  const [sending] = mounted.now.pending;

  socket.tell(ackOf(socket));
  assert.equal((await acknowledged).message_id, 100_000_001);
  await frames.draw();
  assert.deepEqual(pending(mounted.now), ['Hello!: sent']);
  assert.equal(mounted.now.pending[0].client_message_id, sending.client_message_id);
  assert.equal(mounted.now.messages.length, 0);

  socket.tell(told(1, { client_message_id: keyOf(socket) }));
  await frames.draw();
  assert.deepEqual([pending(mounted.now), mounted.now.messages.length], [[], 1]);
});

test('a reply and its mentions are sent, and a message that is sending shows them', async (t) => {
  const { mounted, frames, socket } = await live(t);
  void mounted.now.sendMessage('Hello!', { replyTo: 100_000_001, mentions: ['ann'] });
  const { reply_to, mentions } = socket.of('message').at(-1);
  assert.deepEqual({ reply_to, mentions }, { reply_to: 100_000_001, mentions: ['ann'] });
  await frames.draw();
  assert.deepEqual([mounted.now.pending[0].reply_to, mounted.now.pending[0].mentions], [100_000_001, ['ann']]);
});

test('a message that arrives before its ack is shown once', async (t) => {
  const { mounted, frames, socket } = await live(t);
  const acknowledged = mounted.now.sendMessage('Hello!');
  socket.tell(told(1, { client_message_id: keyOf(socket) }), ackOf(socket));
  await acknowledged;
  await frames.draw();
  assert.deepEqual([pending(mounted.now), mounted.now.messages.length], [[], 1]);
});

test('a message that is written while the chat connects is still there when it is live', async (t) => {
  const { mounted, frames, settings, sockets, rest } = await live(t);
  const { status } = rest;
  let answer;
  rest.status = () => new Promise((resolve) => (answer = resolve));
  await mounted.render({ ...settings, baseUrl: 'http://other.test' });
  void mounted.now.sendMessage('Early');
  await frames.draw();
  assert.deepEqual([pending(mounted.now), mounted.now.session], [['Early: sending'], null]);
  answer(status());
  await settle();
  sockets[1].open();
  await frames.draw();
  assert.deepEqual([pending(mounted.now), mounted.now.session.id], [['Early: sending'], 1]);
  assert.equal(sockets[1].of('message').length, 1);
});

for (const [decision, last] of [
  ['approved', (key) => [{ type: 'message_approved', held_id: 'h', client_message_id: key, message_id: 100_000_001 }, told(1, { client_message_id: key })]],
  ['denied', (key) => [{ type: 'message_denied', held_id: 'h', client_message_id: key, reason: 'denied' }]],
]) {
  test(`a held message waits until it is ${decision}`, async (t) => {
    const { mounted, frames, socket } = await live(t);
    void mounted.now.sendMessage('Perhaps');
    socket.tell(ackOf(socket, { message_id: null, status: 'held', held_id: 'h' }));
    await frames.draw();
    await frames.draw();
    assert.deepEqual(pending(mounted.now), ['Perhaps: held']);
    socket.tell(...last(keyOf(socket)));
    await frames.draw();
    assert.deepEqual([pending(mounted.now), mounted.now.messages.length], [[], decision === 'approved' ? 1 : 0]);
  });
}

test('a message that is sent again after its denial does not wait', async (t) => {
  const { mounted, frames, socket } = await live(t);
  const acknowledged = mounted.now.sendMessage('Perhaps');
  socket.tell(ackOf(socket, { message_id: null, status: 'denied', held_id: 'h', duplicate: true }));
  await acknowledged;
  await frames.draw();
  assert.deepEqual(pending(mounted.now), []);
});

test('a message that fails is gone, and its promise says why', async (t) => {
  const { mounted, frames, socket } = await live(t);
  const acknowledged = mounted.now.sendMessage('x');
  socket.tell({ type: 'error', code: 'invalid_message', message: 'No', client_message_id: keyOf(socket) });
  await assert.rejects(acknowledged, { code: 'invalid_message' });
  await frames.draw();
  assert.deepEqual(pending(mounted.now), []);
});

test('a stored message that is deleted before it arrives is gone', async (t) => {
  const { mounted, frames, socket } = await live(t);
  const acknowledged = mounted.now.sendMessage('Oops');
  socket.tell(ackOf(socket));
  await acknowledged;
  socket.tell({ type: 'message_deleted', message_id: 100_000_001 }, told(2));
  await frames.draw();
  assert.deepEqual([pending(mounted.now), mounted.now.messages.length], [[], 1]);
});

test('a message that is deleted before its ack is gone', async (t) => {
  const { mounted, frames, socket } = await live(t);
  const acknowledged = mounted.now.sendMessage('Oops');
  // The next number has arrived, so this message never will.
  socket.tell(told(2), ackOf(socket));
  await acknowledged;
  await frames.draw();
  assert.deepEqual([pending(mounted.now), mounted.now.messages.length], [[], 1]);
});

test('a stored message that cannot arrive any more is gone', async (t) => {
  const { mounted, frames, socket } = await live(t);
  const acknowledged = mounted.now.sendMessage('Last words');
  socket.tell(ackOf(socket));
  await acknowledged;
  mounted.now.chat.close();
  await frames.draw();
  assert.deepEqual([pending(mounted.now), mounted.now.state, mounted.now.error.code], [[], 'ended', 'closed']);
});

test('a message without a connection is refused, and needs no handler', async (t) => {
  const { mounted, settings } = await live(t);
  await mounted.render({ ...settings, token: null });
  // An unhandled rejection would fail the test.
  void mounted.now.sendMessage('Nobody hears it');
  await soon();
  await assert.rejects(mounted.now.sendMessage('Nobody hears it'), { code: 'not_connected' });
});

test('a stored message of another session is gone', async (t) => {
  const { mounted, frames, socket, sockets, rest, clock, session } = await live(t);
  const acknowledged = mounted.now.sendMessage('Late');
  socket.tell(ackOf(socket));
  await acknowledged;
  const next = { ...session, id: 2, name: 'The next session' };
  rest.status = () => ({ enabled: true, is_active: true, session: next });
  rest.messages = () => ({ messages: [], session_id: 2, has_more: false, last_seq: 0 });
  socket.end();
  await clock.pass(1_000);
  // The socket into the old session is refused, so the client asks which one is open.
  sockets[1].end();
  await clock.pass(30_000);
  sockets.at(-1).open();
  await frames.draw();
  assert.deepEqual([mounted.now.session.id, mounted.now.state, pending(mounted.now)], [2, 'live', []]);
});
