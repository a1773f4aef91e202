// The start and end of a connection, with a fake clock and fake sockets.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { live, reconnect } from './live.mjs';
import { becomes, fakeChat, message, record, resumed, settle, told } from './support.mjs';

test('it connects to the session from status, with batches, and emits the history before it is live', async () => {
  const { chat, sockets, heard, seqs } = await live();
  assert.equal(sockets[0].url, 'ws://chat.test/live-chat/ws/1?batch=1&token=opaque');
  assert.deepEqual(sockets[0].protocols, []);
  assert.deepEqual(seqs(), [1, 2]);
  assert.deepEqual(heard.state.map(({ state, previous }) => [previous, state]), [['ended', 'connecting'], ['connecting', 'live']]);
  assert.deepEqual(heard.session.map(({ session }) => session.id), [1]);
  sockets[0].tell({ type: 'batch', events: [told(3), told(5), { type: 'of the future' }] }, told(5), told(6));
  assert.deepEqual(seqs(), [1, 2, 3, 5, 6]);
  assert.equal(await chat.connect(), undefined, 'connecting again does nothing');
});

test('connecting fails while no session is open', async () => {
  const fake = fakeChat();
  const heard = record(fake.chat);
  fake.rest.status = () => ({ enabled: false, is_active: false, session: null, message: 'Live chat is disabled' });
  await assert.rejects(fake.chat.connect(), { code: 'chat_not_active', message: 'Live chat is disabled' });
  assert.deepEqual(heard.error.map(({ code }) => code), ['chat_not_active']);
  await assert.rejects(fake.chat.sendMessage('x'), { code: 'not_connected' });
  assert.deepEqual(fake.clock.waits, []);
});

test('when the session ends, the next one is looked for within 30 seconds, and joined', async () => {
  const fake = await live();
  const sending = fake.chat.sendMessage('too late');
  fake.sockets[0].tell(told(3), { type: 'session_ended', session_id: 1 });
  assert.equal(fake.chat.state, 'ended');
  await assert.rejects(sending, { code: 'chat_not_active' });
  assert.deepEqual(fake.clock.waits, [15_000]);
  fake.rest.status = () => ({ is_active: true, session: { id: 2, viewer_count: 4, total_likes: 0 } });
  await fake.clock.pass(15_000);
  assert.equal(fake.chat.state, 'connecting');
  assert.match(fake.sockets[1].url, /ws\/2\?/);
  assert.equal(fake.chat.messages.size, 0);
  assert.deepEqual(fake.heard.session.map(({ session }) => session.id), [1, 2]);
  assert.deepEqual(fake.heard.error, []);
});

test('when the session ends and no other is open, it stays ended, quietly', async () => {
  const fake = await live();
  fake.sockets[0].tell({ type: 'session_ended', session_id: 1 });
  fake.rest.status = () => ({ is_active: false, session: null });
  await fake.clock.pass(30_000);
  assert.equal(fake.chat.state, 'ended');
  assert.deepEqual(fake.heard.error, []);
  assert.deepEqual(fake.clock.waits, []);
  fake.rest.status = () => ({ is_active: true, session: fake.session });
  fake.chat.connect();
  await settle();
  assert.equal(fake.sockets.length, 2, 'and can be connected again');
});

test('a session that ends after a loss is not opened once more: `status` is asked first', async () => {
  const fake = await live();
  const socket = await reconnect(fake);
  socket.tell(resumed([], 2));
  await becomes(fake.chat, 'live');
  fake.rest.status = () => ({ is_active: true, session: { id: 2, viewer_count: 1, total_likes: 0 } });
  socket.tell({ type: 'session_ended', session_id: 1 });
  await fake.clock.pass(15_000);
  assert.deepEqual(fake.sockets.map(({ url }) => /ws\/(\d+)/.exec(url)[1]), ['1', '1', '2']);
});

test('a message that a listener sends on a final failure is refused, and does not wait forever', async () => {
  const ends = [
    (fake) => fake.sockets[0].tell({ type: 'session_ended', session_id: 1 }),
    (fake) => fake.chat.close(),
    (fake) => fake.sockets[0].tell({ type: 'error', code: 'token_expired', message: 'The token has expired' }),
  ];
  for (const end of ends) {
    const fake = await live();
    let again;
    fake.chat.addEventListener('failed', () => void (again = fake.chat.sendMessage('again')), { once: true });
    fake.chat.sendMessage('hello');
    end(fake);
    await assert.rejects(again, { code: 'not_connected' });
    assert.deepEqual(fake.chat.pending, []);
    assert.deepEqual(fake.heard.failed.map(({ message }) => message), ['hello']);
  }
});

test('an own message that has arrived is stored, even if the session ends before its ack', async () => {
  const fake = await live();
  const sending = fake.chat.sendMessage('just in time');
  const [{ client_message_id }] = fake.sockets[0].of('message');
  fake.sockets[0].tell(told(3, { client_message_id, created_at: 'then' }), { type: 'session_ended', session_id: 1 });
  assert.deepEqual(await sending, { client_message_id, message_id: message(3).id, created_at: 'then', duplicate: false });
  assert.deepEqual(fake.heard.failed, []);
});

test('an own message that arrives before its ack releases the next one, and the ack changes nothing', async () => {
  const fake = await live();
  const [socket] = fake.sockets;
  fake.chat.sendMessage('one');
  const second = fake.chat.sendMessage('two');
  const [{ client_message_id }] = socket.of('message');
  socket.tell(told(3, { client_message_id }));
  assert.deepEqual(socket.of('message').map((frame) => frame.message), ['one', 'two']);
  socket.tell({ type: 'ack', client_message_id, message_id: message(3).id, created_at: '', duplicate: false });
  assert.deepEqual(fake.chat.pending.map((pending) => pending.message), ['two']);
  const [, { client_message_id: key }] = socket.of('message');
  socket.tell({ type: 'ack', client_message_id: key, message_id: message(4).id, created_at: '', duplicate: false });
  assert.equal((await second).message_id, message(4).id);
  assert.deepEqual(fake.heard.deleted, []);
});

test('an own message that was deleted before it arrived is reported as deleted', async () => {
  for (const isAnsweredFirst of ['answer', 'resumed']) {
    const fake = await live();
    const sending = fake.chat.sendMessage('too rude');
    const socket = await reconnect(fake);
    const [{ client_message_id }] = socket.of('message');
    const frames = [{ type: 'ack', client_message_id, message_id: message(3).id, created_at: '', duplicate: true }, resumed([], 3)];
    socket.tell(...(isAnsweredFirst === 'answer' ? frames : frames.reverse()));
    await sending;
    await settle();
    assert.deepEqual(fake.heard.deleted, [{ message_id: message(3).id, message: undefined, client_message_id }], isAnsweredFirst);
    socket.tell(told(4));
    assert.equal(fake.heard.deleted.length, 1);
  }
});

test('an own message from before the history is not reported as deleted', async () => {
  for (const history of [0, 1]) {
    const fake = fakeChat({ history });
    const heard = record(fake.chat);
    let answer;
    fake.rest.messages = () => new Promise((resolve) => (answer = resolve));
    fake.chat.connect();
    const sending = fake.chat.sendMessage('early');
    await settle();
    const [socket] = fake.sockets;
    socket.open();
    await settle();
    const [{ client_message_id }] = socket.of('message');
    socket.tell({ type: 'ack', client_message_id, message_id: message(7).id, created_at: '', duplicate: false });
    await sending;
    answer({ messages: history === 0 ? [] : [message(9)], session_id: 1, has_more: true, last_seq: 9 });
    await settle();
    socket.tell(resumed([], 9));
    await becomes(fake.chat, 'live');
    assert.deepEqual(heard.deleted, []);
  }
});

test('a socket that cannot even be made ends the chat with the reason', async () => {
  class Forbidden {
    constructor() {
      throw new SyntaxError('not this protocol');
    }
  }
  const fake = fakeChat({ WebSocket: Forbidden });
  const heard = record(fake.chat);
  await assert.rejects(fake.chat.connect(), { code: 'no_socket', message: /not this protocol/ });
  assert.equal(fake.chat.state, 'ended');
  assert.deepEqual(heard.error.map(({ code }) => code), ['no_socket']);
  assert.deepEqual(fake.clock.waits, []);
});

test('closing leaves nothing behind, at any time', async () => {
  for (const moment of [() => {}, () => settle(), (fake) => settle().then(() => fake.sockets[0].open())]) {
    const fake = fakeChat();
    const connecting = fake.chat.connect();
    await moment(fake);
    fake.chat.close();
    await assert.rejects(connecting, { code: 'closed' });
    await settle();
    assert.deepEqual(fake.clock.waits, []);
    assert.ok(fake.sockets.every((socket) => socket.isClosed));
  }
  const fake = await live();
  const sending = fake.chat.sendMessage('x');
  fake.chat.close();
  await assert.rejects(sending, { code: 'closed' });
  assert.deepEqual(fake.clock.waits, []);
  assert.deepEqual(fake.heard.error, []);
});
