// The next socket opens before the old one ends, and tokens are renewed. With a fake clock and fake sockets.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MINUTE, live } from './live.mjs';
import { becomes, fakeChat, message, problem, resumed, settle, told, token } from './support.mjs';

test('the socket is renewed before the two hours are over, without a gap', async () => {
  const fake = await live();
  const [old] = fake.sockets;
  await fake.clock.pass(107 * MINUTE);
  assert.equal(fake.sockets.length, 1);
  await fake.clock.pass(0.25 * MINUTE);
  const [, renewed] = fake.sockets;
  renewed.open();
  await settle();
  old.tell(told(3));
  renewed.tell(told(3), told(4));
  assert.deepEqual(fake.seqs(), [1, 2, 3], 'the old one counts until the new one is complete');
  assert.ok(!old.isClosed);
  renewed.tell(resumed([3], 3));
  await settle();
  assert.deepEqual(fake.seqs(), [1, 2, 3, 4]);
  assert.ok(old.isClosed);
  renewed.tell(told(5));
  assert.deepEqual(fake.seqs(), [1, 2, 3, 4, 5]);
  assert.deepEqual(fake.heard.state.map(({ state }) => state), ['connecting', 'live']);
});

test('a failed renewal is retried, and the old socket stays in use', async () => {
  const fake = await live();
  await fake.clock.pass(107.25 * MINUTE);
  fake.sockets[1].end();
  await fake.clock.pass(10_000);
  fake.sockets[0].tell(told(3));
  assert.equal(fake.sockets.length, 3);
  assert.equal(fake.chat.state, 'live');
  assert.deepEqual(fake.seqs(), [1, 2, 3]);
});

test('a loss during a renewal has one way back only', async () => {
  const fake = await live();
  await fake.clock.pass(107.25 * MINUTE);
  fake.sockets[0].end();
  assert.ok(fake.sockets[1].isClosed);
  await fake.clock.pass(1000);
  assert.equal(fake.sockets.length, 3);
  fake.sockets[2].open();
  await settle();
  fake.sockets[2].tell(resumed([], 2));
  await becomes(fake.chat, 'live');
});

test('a renewal whose token comes after a loss opens no second socket', async () => {
  const waiting = [];
  const fake = await live({ token: () => (waiting.length === 0 ? (waiting.push(null), 'first') : new Promise((resolve) => waiting.push(resolve))) });
  fake.sockets[0].tell({ type: 'error', code: 'token_expired', message: 'The token has expired' });
  fake.sockets[0].end();
  await fake.clock.pass(750);
  waiting[1]('second');
  await settle();
  assert.equal(fake.sockets.length, 2);
});

test('a token is renewed before it expires', async () => {
  let fetched = 0;
  const fake = await live({ token: () => token('ann', { expiresIn: 600, fetched: ++fetched }) });
  await fake.clock.pass(8 * MINUTE);
  assert.equal(fake.sockets.length, 1);
  await fake.clock.pass(0.5 * MINUTE);
  assert.equal(fetched, 2);
  assert.equal(fake.sockets.length, 2);
  assert.notEqual(fake.sockets[1].url, fake.sockets[0].url);
});

test('while a token is being renewed, the previous one stays in use, for calls and for userId', async () => {
  let given = 0;
  const first = token('ann', { expiresIn: 600 });
  const fake = await live({ token: () => (given++ === 0 ? first : new Promise(() => {})) });
  fake.rest.like = () => ({ total_likes: 1 });
  await fake.clock.pass(8.5 * MINUTE);
  assert.equal(given, 2, 'the next one is asked for');
  assert.equal(fake.chat.userId, 'ann');
  assert.equal((await fake.chat.likeSession()).total_likes, 1);
  assert.equal(fake.rest.calls.at(-1).authorization, `Bearer ${first}`);
});

test('userId is still known after the server refused the token', async () => {
  let given = 0;
  const fake = await live({ token: () => (given++ === 0 ? token('ann') : new Promise(() => {})) });
  fake.sockets[0].tell({ type: 'error', code: 'token_expired', message: 'The token has expired' });
  assert.equal(fake.chat.userId, 'ann');
  assert.equal(given, 2);
});

test('a token function that never answers is asked again, in a renewal and on the way back', async () => {
  let given = 0;
  const fake = await live({ token: () => (given++ === 0 ? token('ann', { expiresIn: 600 }) : given === 4 ? token('ann') : new Promise(() => {})) });
  await fake.clock.pass(8.5 * MINUTE);
  assert.equal(given, 2);
  await fake.clock.pass(30_000);
  assert.deepEqual(fake.heard.error.map(({ code }) => code), ['token_unavailable']);
  await fake.clock.pass(5_000);
  assert.equal(given, 3, 'asked again');
  fake.sockets[0].tell({ type: 'error', code: 'token_expired', message: 'The token has expired' });
  fake.sockets[0].end();
  await fake.clock.pass(40_000);
  assert.equal(given, 4);
  const socket = fake.sockets.at(-1);
  socket.open();
  await settle();
  socket.tell(resumed([], 2));
  await becomes(fake.chat, 'live');
});

test('a loss during a renewal does not keep the next socket from being renewed', async () => {
  let given = 0;
  const fake = await live({ token: () => (given++ === 1 ? new Promise(() => {}) : token('ann', { expiresIn: 600, given })) });
  await fake.clock.pass(8.5 * MINUTE);
  assert.equal(given, 2);
  fake.sockets[0].end();
  await fake.clock.pass(750);
  fake.sockets[1].open();
  await settle();
  fake.sockets[1].tell(resumed([], 2));
  await becomes(fake.chat, 'live');
  fake.sockets[1].tell({ type: 'error', code: 'token_expired', message: 'The token has expired' });
  await fake.clock.pass(36_000);
  assert.equal(fake.sockets.length, 3, 'a third one with a new token');
});

test('an application that keeps its token until the end is asked again, without another socket', async () => {
  let given = token('ann', { expiresIn: 600 });
  const fake = await live({ token: () => given });
  await fake.clock.pass(9 * MINUTE);
  assert.equal(fake.sockets.length, 1);
  given = token('ann', { expiresIn: 1200 });
  await fake.clock.pass(15_000);
  assert.equal(fake.sockets.length, 2);
  assert.deepEqual(fake.heard.error, []);
});

test('when the server says that the token has expired, a new one is fetched', async () => {
  let fetched = 0;
  const fake = await live({ token: () => `token-${++fetched}` });
  const sending = fake.chat.sendMessage('hello');
  const [{ client_message_id }] = fake.sockets[0].of('message');
  fake.sockets[0].tell({ type: 'error', code: 'token_expired', message: 'The token has expired' });
  await settle();
  assert.match(fake.sockets[1].url, /token=token-2$/);
  fake.sockets[1].open();
  await settle();
  fake.sockets[1].tell(resumed([], 2));
  await settle();
  assert.equal(fake.sockets[1].of('message')[0].client_message_id, client_message_id);
  fake.sockets[1].tell({ type: 'ack', client_message_id, message_id: message(3).id, created_at: '', duplicate: false });
  assert.equal((await sending).message_id, message(3).id);
});

test('without a token function, an expired token ends the chat with a clear error', async () => {
  const fake = await live();
  fake.sockets[0].tell({ type: 'error', code: 'token_expired', message: 'The token has expired' });
  assert.equal(fake.chat.state, 'ended');
  assert.equal(fake.heard.error[0].code, 'token_expired');
  assert.match(fake.heard.error[0].message, /pass a function/);
  assert.deepEqual(fake.clock.waits, []);
});

test('a refused token is asked for again once; without a function, or refused again, the chat ends', async () => {
  let fetched = 0;
  const refusesFirst = fakeChat({ token: () => `token-${++fetched}` });
  refusesFirst.rest.status = (_, { Authorization }) =>
    Authorization.endsWith('-1') ? problem(401, 'unauthorized') : { is_active: true, session: refusesFirst.session };
  refusesFirst.chat.connect();
  await settle();
  assert.match(refusesFirst.sockets[0].url, /token-2$/);

  for (const token of ['fixed', () => 'fetched']) {
    const refusesAll = fakeChat({ token });
    refusesAll.rest.status = () => problem(401, 'unauthorized');
    await assert.rejects(refusesAll.chat.connect(), { code: 'unauthorized', status: 401 });
    assert.equal(refusesAll.chat.state, 'ended');
    assert.equal(refusesAll.rest.calls.length, token === 'fixed' ? 1 : 2);
  }
});

test('a token function that fails is tried again', async () => {
  let fails = true;
  const fake = fakeChat({ token: async () => (fails ? Promise.reject(new Error('offline')) : 'token') });
  fake.chat.connect();
  await settle();
  fails = false;
  await fake.clock.pass(750);
  assert.equal(fake.sockets.length, 1);
});
