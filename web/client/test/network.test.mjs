// The browser's events about its network: offline and online.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { comeBack, liveChat } from './fake-live.mjs';
import { fakeChat, problem, settle } from './support.mjs';

const offline = ({ network }) => network.dispatchEvent(new Event('offline'));
const online = ({ network }) => network.dispatchEvent(new Event('online'));

test('a device that goes offline has lost its socket at once', async () => {
  const fake = await liveChat();
  offline(fake);
  assert.equal(fake.chat.state, 'recovering');
  assert.ok(fake.sockets[0].isClosed);
  assert.equal(fake.heard.state.at(-1).reason.code, 'connection_lost');
});

test('back online, the next try is made at once, within a second, however long the waits had become', async () => {
  const fake = await liveChat();
  offline(fake);
  fake.rest.status = () => new TypeError('no network');
  await fake.clock.pass(750);
  fake.sockets[1].end();
  await settle();
  for (let i = 0; i < 6; i++) await fake.clock.pass(fake.clock.waits[0]);
  assert.deepEqual(fake.clock.waits, [15_250]);
  fake.rest.status = () => ({ is_active: true, session: fake.session });
  online(fake);
  assert.deepEqual(fake.clock.waits, [500]);
  await fake.clock.pass(500);
  await comeBack(fake);
  assert.equal(fake.chat.state, 'live');
});

test('failures without a network do not lengthen later waits', async () => {
  const fake = await liveChat();
  fake.rest.status = () => new TypeError('no network');
  fake.sockets[0].end();
  await fake.clock.pass(750);
  fake.sockets[1].end();
  await settle();
  for (let i = 0; i < 4; i++) await fake.clock.pass(fake.clock.waits[0]);
  online(fake);
  await fake.clock.pass(500);
  assert.deepEqual(fake.clock.waits, [750], 'as after the first failure');
});

test('coming online never shortens what the server asked to wait, nor the spread after its end', async () => {
  const throttled = await liveChat();
  throttled.sockets[0].end();
  await throttled.clock.pass(750);
  throttled.sockets[1].end();
  throttled.rest.status = () => {
    const answer = problem(503, 'unavailable');
    answer.headers.set('retry-after', '20');
    return answer;
  };
  await throttled.clock.pass(15_250);
  assert.deepEqual(throttled.clock.waits, [20_000]);
  online(throttled);
  assert.deepEqual(throttled.clock.waits, [20_000]);

  const sentAway = await liveChat({ random: () => 0.9 });
  sentAway.sockets[0].end(1001);
  online(sentAway);
  assert.deepEqual(sentAway.clock.waits, [27_000]);

  const ended = await liveChat({ random: () => 0.9 });
  ended.sockets[0].tell({ type: 'session_ended', session_id: 1 });
  online(ended);
  assert.deepEqual(ended.clock.waits, [27_000]);
});

test('coming online never makes a wait longer', async () => {
  const fake = await liveChat({ random: () => 1 });
  fake.sockets[0].end();
  await fake.clock.pass(900);
  online(fake);
  assert.deepEqual(fake.clock.waits, [100]);
});

test('a socket that was there when the device came online is tested, and given up after ten seconds of silence', async () => {
  const fake = await liveChat();
  const [socket] = fake.sockets;
  online(fake);
  online(fake);
  assert.equal(socket.of('ping').length, 2, 'the one of the beginning, and one for both events');
  await settle();
  await fake.clock.pass(10_000);
  assert.equal(fake.chat.state, 'live');
  socket.answersPings = false;
  online(fake);
  await fake.clock.pass(10_000);
  assert.equal(fake.chat.state, 'recovering');
});

test('a device that goes offline while a socket opens does not wait for its deadline', async () => {
  const fake = fakeChat();
  fake.chat.connect();
  await settle();
  offline(fake);
  assert.ok(fake.sockets[0].isClosed);
  await settle();
  assert.deepEqual(fake.clock.waits, [750]);
});

test('a chat listens to the network while it is connected, and no longer', async () => {
  const listeners = new Set();
  const network = {
    addEventListener: (type, listener) => listeners.add(listener),
    removeEventListener: (type, listener) => listeners.delete(listener),
  };
  const fake = await liveChat({ network });
  assert.equal(listeners.size, 2);
  fake.chat.close();
  assert.equal(listeners.size, 0);
});

test('a server that closes with any of its own codes is not stormed', async () => {
  for (const code of [1000, 1001, 1012, 1013]) {
    const fake = await liveChat({ random: () => 0.9 });
    fake.sockets[0].end(code);
    assert.deepEqual(fake.clock.waits, [27_000], String(code));
  }
});
