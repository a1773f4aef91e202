// Why a socket is refused: a handshake does not say it, so the call for a ticket is asked.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { comeBack, liveChat } from './fake-live.mjs';
import { becomes, fakeChat, noRoute, problem, record, settle } from './support.mjs';

const MINUTE = 60_000;

/** An eleventh socket. */
function tooMany(wait = '5') {
  const answer = problem(429, 'rate_limited', 'You have 10 sockets already');
  answer.headers.set('retry-after', wait);
  return answer;
}

/** A chat whose first handshake has failed. The call for a ticket grants one unless it names a session, which `answer` answers. */
async function refused(answer, options = { tokenIn: undefined }) {
  const fake = fakeChat(options);
  fake.heard = record(fake.chat);
  fake.rest.ticket = (url) => (new URL(url).search ? answer() : { ticket: 'a-ticket', expires_in: 30 });
  fake.connecting = fake.chat.connect();
  fake.connecting.catch(() => {});
  await settle();
  fake.sockets[0].end();
  await settle();
  fake.asked = () => fake.rest.calls.filter(({ path }) => path === 'ticket').map(({ url }) => new URL(url).search);
  return fake;
}

test('after a failed handshake, the next call for a ticket asks for the reason, and reports it with code and status', async () => {
  const fake = await refused(() => tooMany());
  assert.deepEqual(fake.asked(), [''], 'not before the next attempt');
  await fake.clock.pass(750);
  assert.deepEqual(fake.asked(), ['', '?session_id=1']);
  const [lost, why] = fake.heard.error;
  assert.equal(lost.code, 'connection_lost');
  const { code, status, message, retryAfterMs, refusedSocket, cause } = why;
  assert.deepEqual(
    { code, status, message, retryAfterMs, refusedSocket, cause: cause.detail },
    { code: 'rate_limited', status: 429, message: 'You have 10 sockets already', retryAfterMs: 5000, refusedSocket: true, cause: 'You have 10 sockets already' },
  );
  assert.equal(fake.sockets.length, 1, 'no handshake that would be refused');
  assert.equal(fake.chat.state, 'connecting');
});

test('too many sockets are waited for with a growing delay, never less than the server says, and the first free place is taken', async () => {
  let isFull = true;
  const fake = await refused(() => (isFull ? tooMany() : { ticket: 'at-last', expires_in: 30 }));
  const waits = [];
  for (let i = 0; i < 7; i++) {
    waits.push(fake.clock.waits[0]);
    await fake.clock.pass(waits[i]);
  }
  assert.deepEqual(waits, [750, 5_000, 5_000, 5_000, 7_750, 7_750, 7_750]);
  isFull = false;
  await fake.clock.pass(fake.clock.waits[0]);
  assert.match(fake.sockets[1].url, /ticket=at-last/);
  fake.sockets[1].open();
  await fake.connecting;
  fake.sockets[1].end();
  await fake.clock.pass(fake.clock.waits[0]);
  assert.equal(fake.asked().at(-1), '', 'a socket that was open was not refused');
});

test('a final reason ends the chat, and `connect` rejects with it', async () => {
  for (const [status, code] of [[403, 'chat_not_active'], [404, 'not_found'], [403, 'forbidden']]) {
    const fake = await refused(() => problem(status, code));
    await fake.clock.pass(750);
    await assert.rejects(fake.connecting, { code, status, refusedSocket: true });
    assert.equal(fake.chat.state, 'ended');
    assert.deepEqual(fake.clock.waits, []);
  }
});

test('with a token instead of a ticket, the same call is made once before the next handshake', async () => {
  for (const tokenIn of ['query', 'subprotocol']) {
    const fake = await refused(() => tooMany(), { tokenIn });
    assert.deepEqual(fake.asked(), []);
    await fake.clock.pass(750);
    assert.deepEqual(fake.asked(), ['?session_id=1']);
    assert.deepEqual(fake.heard.error.map(({ code }) => code), ['connection_lost', 'rate_limited']);
    assert.equal(fake.sockets.length, 1);
    fake.rest.ticket = () => ({ ticket: 'unused', expires_in: 30 });
    await fake.clock.pass(5_000);
    assert.equal(fake.sockets.length, 2);
    assert.ok(!fake.sockets[1].url.includes('unused'));
    fake.chat.close();
  }
});

test('with a token, a call that gives no reason does not keep the handshake from being tried', async () => {
  for (const answer of [noRoute, () => problem(503, 'unavailable'), () => new TypeError('no network'), () => new Response('{"message":"Too Many Requests"}', { status: 429 })]) {
    const fake = await refused(answer, { tokenIn: 'query' });
    await fake.clock.pass(750);
    assert.equal(fake.sockets.length, 2);
    assert.deepEqual(fake.heard.error.map(({ code }) => code), ['connection_lost']);
    fake.chat.close();
  }
});

test('a deployment without tickets is not asked again', async () => {
  const fake = await refused(noRoute, { tokenIn: 'query' });
  await fake.clock.pass(750);
  fake.sockets[1].end();
  await fake.clock.pass(1_250);
  assert.equal(fake.sockets.length, 3);
  assert.equal(fake.asked().length, 1);
});

test('a throttle of API Gateway is not taken for the reason', async () => {
  const fake = await refused(() => new Response('{"message":"Too Many Requests"}', { status: 429 }));
  await fake.clock.pass(750);
  assert.deepEqual(fake.heard.error.map(({ code, refusedSocket }) => [code, refusedSocket]), [['connection_lost', undefined], ['rate_limited', undefined]]);
});

test('nobody is asked why a device without a network, or a socket that was live, has lost its connection', async () => {
  const fake = fakeChat();
  fake.rest.ticket = () => ({ ticket: 'unused', expires_in: 30 });
  fake.chat.connect();
  await settle();
  fake.network.dispatchEvent(new Event('offline'));
  await fake.clock.pass(750);
  assert.equal(fake.sockets.length, 2);
  const live = await liveChat();
  live.rest.ticket = fake.rest.ticket;
  live.sockets[0].end();
  await live.clock.pass(750);
  await comeBack(live);
  for (const { calls } of [fake.rest, live.rest]) assert.ok(calls.every(({ path }) => path !== 'ticket'));
});

test('a renewal for which there is no place is retried as the server says, and the old socket stays in use', async () => {
  const fake = await refused(() => tooMany('40'));
  await fake.clock.pass(750);
  fake.rest.ticket = () => ({ ticket: 'granted', expires_in: 30 });
  await fake.clock.pass(40_000);
  fake.sockets[1].open();
  await becomes(fake.chat, 'live');
  await fake.clock.pass(107.25 * MINUTE);
  fake.rest.ticket = () => tooMany('40');
  fake.sockets[2].end();
  await settle();
  const before = fake.asked().length;
  await fake.clock.pass(5_000);
  assert.equal(fake.asked().length, before + 1);
  assert.deepEqual([fake.chat.state, fake.sockets.length], ['live', 3]);
  await fake.clock.pass(39_999);
  assert.equal(fake.asked().length, before + 1);
  await fake.clock.pass(1);
  assert.equal(fake.asked().length, before + 2);
});
