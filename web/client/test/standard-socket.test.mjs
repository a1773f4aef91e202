// The client needs only the browser's standard WebSocket API: no method, event or property of a library.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { LiveChat } from '../src/index.js';
import { becomes, fakeChat, message, record, resumed, settle, told } from './support.mjs';
import { strictWebSocket } from './strict-socket.mjs';

const original = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
afterEach(() => {
  if (original) Object.defineProperty(globalThis, 'WebSocket', original);
  else delete globalThis.WebSocket;
});

/** A chat over the global WebSocket, which is the strict one. */
function chatOverGlobal(options) {
  const { WebSocket, made } = strictWebSocket();
  Object.defineProperty(globalThis, 'WebSocket', { value: WebSocket, configurable: true, writable: true });
  return { ...fakeChat({ WebSocket: undefined, ...options }), made };
}

const PONG = { type: 'pong', server_time: '', last_seq: 2, viewer_count: 1, total_likes: 0 };
const of = (socket, type) => socket.sent.filter((frame) => frame.type === type);

test('the global WebSocket is taken where there is one, and used by its standard alone', async () => {
  const { chat, clock, made } = chatOverGlobal();
  const heard = record(chat);
  const connecting = chat.connect();
  await settle();
  const [first] = made;
  assert.match(first.url, /^ws:\/\/chat\.test\/live-chat\/ws\/1\?batch=1/);
  first.open();
  await connecting;
  const sending = chat.sendMessage('hello');
  const [{ client_message_id }] = of(first, 'message');
  first.tell({ type: 'ack', client_message_id, message_id: message(1).id, created_at: '', duplicate: false }, told(1, { client_message_id }), told(2));
  await sending;

  // One socket's network ends; the next socket just stops responding.
  first.end();
  assert.equal(chat.state, 'recovering');
  await clock.pass(2_000);
  made[1].open();
  await settle();
  made[1].tell(resumed([], 2), PONG);
  await becomes(chat, 'live');
  await clock.pass(40_000);
  assert.equal(chat.state, 'recovering');
  await clock.pass(2_000);
  made[2].open();
  await settle();
  made[2].tell(resumed([], 2), PONG, told(3));
  await becomes(chat, 'live');
  assert.deepEqual(heard.message.map(({ seq }) => seq), [1, 2, 3]);

  // The session ends, and the socket for the next session is abandoned before it has opened.
  made[2].tell({ type: 'session_ended', session_id: 1 });
  await clock.pass(15_000);
  chat.close();
  assert.deepEqual(made.map(({ readyState }) => readyState >= 2), made.map(() => true));
  assert.deepEqual(made.map((socket) => [socket.onopen, socket.onmessage, socket.onclose]), made.map(() => [null, null, null]));
  assert.deepEqual(heard.error, []);
  assert.deepEqual(clock.waits, []);
});

test('each way to show a token is one that a standard socket takes', async () => {
  for (const [tokenIn, wanted] of [['query', /token=opaque/], ['subprotocol', /batch=1$/], ['ticket', /ticket=t1/]]) {
    const { chat, rest, made } = chatOverGlobal({ tokenIn });
    rest.ticket = () => ({ ticket: 't1', expires_in: 30 });
    const connecting = chat.connect();
    await settle();
    assert.match(made[0].url, wanted);
    made[0].open();
    await connecting;
    chat.close();
  }
});

test('where there is none, one is asked for', () => {
  delete globalThis.WebSocket;
  assert.throws(() => new LiveChat({ token: 'x' }), /no WebSocket here.*pass one/);
});

test('the strict socket is strict', () => {
  const { WebSocket } = strictWebSocket();
  const socket = new WebSocket('ws://chat.test/');
  for (const use of [() => socket.on('open', () => {}), () => socket.terminate, () => (socket.isAlive = true)]) {
    assert.throws(use, /A standard WebSocket has no/);
  }
  assert.throws(() => socket.send('too early'), { name: 'InvalidStateError' });
  assert.throws(() => socket.close(1001), { name: 'InvalidAccessError' });
  assert.ok(!('terminate' in socket));
});
