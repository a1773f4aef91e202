// How a socket authenticates, with a server that the test plays itself.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { comeBack, liveChat } from './fake-live.mjs';
import { becomes, fakeChat, message, noRoute, problem, resumed, settle, token } from './support.mjs';

const MINUTE = 60_000;

/** Options with which the chat uses tickets, and a server that issues numbered ones. */
async function withTickets(options) {
  let given = 0;
  const fake = fakeChat({ tokenIn: undefined, ...options });
  fake.rest.ticket = () => ({ ticket: `ticket-${++given}`, expires_in: 30 });
  fake.asked = () => fake.rest.calls.filter(({ path }) => path === 'ticket');
  fake.chat.connect().catch(() => {});
  await settle();
  return fake;
}

test('a socket opens with a ticket that was fetched with the token, which is in no address', async () => {
  const fake = await withTickets({ token: 'a.secret.token' });
  const [socket] = fake.sockets;
  assert.equal(socket.url, 'ws://chat.test/live-chat/ws/1?batch=1&ticket=ticket-1');
  assert.deepEqual(socket.protocols, []);
  const [{ method, authorization }] = fake.asked();
  assert.deepEqual([method, authorization], ['POST', 'Bearer a.secret.token']);
  const addresses = [...fake.rest.calls, ...fake.sockets].map(({ url }) => url);
  assert.ok(addresses.length >= 3 && addresses.every((url) => !url.includes('secret')), addresses.join(' '));
});

test('each attempt fetches a ticket of its own: after a refusal, after a loss, and for a renewal', async () => {
  const fake = await withTickets();
  fake.sockets[0].end();
  await fake.clock.pass(750);
  fake.sockets[1].open();
  await becomes(fake.chat, 'live');
  fake.sockets[1].end();
  await fake.clock.pass(1250);
  await comeBack(fake);
  await fake.clock.pass(107.25 * MINUTE);
  assert.deepEqual(fake.sockets.map(({ url }) => new URL(url).searchParams.get('ticket')), ['ticket-1', 'ticket-2', 'ticket-3', 'ticket-4']);
  assert.equal(fake.asked().length, 4);
});

test('a deployment without tickets is asked once; then the token goes as a subprotocol, and in no URL', async () => {
  for (const answer of [noRoute, () => new Response('Method Not Allowed', { status: 405 })]) {
    const fake = fakeChat({ tokenIn: undefined, token: 'a.secret.token' });
    fake.rest.ticket = answer;
    fake.chat.connect();
    await settle();
    fake.sockets[0].open();
    await becomes(fake.chat, 'live');
    fake.sockets[0].end();
    await fake.clock.pass(750);
    assert.equal(fake.rest.calls.filter(({ path }) => path === 'ticket').length, 1);
    for (const { url, protocols } of fake.sockets) {
      assert.equal(url, 'ws://chat.test/live-chat/ws/1?batch=1');
      assert.deepEqual(protocols, ['bearer', 'a.secret.token']);
    }
    assert.equal(fake.sockets.length, 2);
  }
});

test('a ticket that cannot be had now is asked for again: no failure but a missing route lets the token out', async () => {
  const answers = [
    new TypeError('no network'),
    problem(503, 'unavailable'),
    new Response('{"message":"Too Many Requests"}', { status: 429 }),
    { expires_in: 30 },
    { ticket: 'at last', expires_in: 30 },
  ];
  const fake = fakeChat({ tokenIn: undefined });
  fake.rest.ticket = () => answers.shift();
  const codes = [];
  fake.chat.addEventListener('error', ({ detail }) => codes.push(detail.code));
  fake.chat.connect();
  await settle();
  for (let i = 0; i < 4; i++) {
    assert.equal(fake.sockets.length, 0);
    await fake.clock.pass(fake.clock.waits[0]);
  }
  assert.deepEqual(codes, ['network', 'unavailable', 'rate_limited', 'invalid_answer']);
  assert.deepEqual(fake.sockets.map(({ url }) => new URL(url).searchParams.get('ticket')), ['at last']);
});

test('a call for a ticket that hangs is given up after five seconds', async () => {
  const fake = fakeChat({
    tokenIn: undefined,
    fetch: (url, { signal }) =>
      new URL(url).pathname.endsWith('status')
        ? Promise.resolve(new Response('{"is_active":true,"session":{"id":1}}'))
        : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  });
  const codes = [];
  fake.chat.addEventListener('error', ({ detail }) => codes.push(detail.code));
  fake.chat.connect();
  await settle();
  await fake.clock.pass(4_999);
  assert.deepEqual(codes, []);
  await fake.clock.pass(1);
  assert.deepEqual(codes, ['network']);
  assert.deepEqual(fake.clock.waits, [750]);
});

test('a token that is refused for a ticket is replaced, and the socket is renewed for the new one', async () => {
  let fetched = 0;
  const tokens = [6000, 600, 6000].map((expiresIn, jti) => token('ann', { expiresIn, jti }));
  const fake = fakeChat({ tokenIn: undefined, token: () => tokens[fetched++] });
  fake.rest.ticket = (_, { Authorization }) =>
    Authorization.endsWith(tokens[0]) ? problem(401, 'unauthorized') : { ticket: 'good', expires_in: 30 };
  fake.chat.connect();
  await settle();
  assert.equal(fetched, 2);
  fake.sockets[0].open();
  await becomes(fake.chat, 'live');
  await fake.clock.pass(8.5 * MINUTE);
  assert.equal(fetched, 3, 'by the time of the second token, not of the first one');
  assert.equal(fake.sockets.length, 2);
});

test('a session that ended while the connection was lost is reported by the call for the ticket', async () => {
  const fake = await withTickets();
  fake.sockets[0].open();
  await becomes(fake.chat, 'live');
  fake.rest.ticket = () => problem(403, 'chat_not_active');
  fake.sockets[0].end();
  await fake.clock.pass(750);
  assert.equal(fake.chat.state, 'ended');
  assert.equal(fake.sockets.length, 1);
});

test('a renewal that gets no ticket keeps the old socket, and is retried', async () => {
  const fake = await withTickets();
  const give = fake.rest.ticket;
  fake.sockets[0].open();
  await becomes(fake.chat, 'live');
  fake.rest.ticket = () => problem(503, 'unavailable');
  await fake.clock.pass(107.25 * MINUTE);
  assert.deepEqual([fake.sockets.length, fake.chat.state], [1, 'live']);
  fake.rest.ticket = give;
  await fake.clock.pass(10_000);
  assert.equal(fake.sockets.length, 2);
  fake.sockets[1].open();
  await settle();
  fake.sockets[1].tell(resumed([3], 3));
  await settle();
  assert.ok(fake.sockets[0].isClosed);
  assert.ok(fake.chat.messages.has(message(3).id));
});

test('with another tokenIn, the token goes there, and no ticket is fetched', async () => {
  for (const [tokenIn, url, protocols] of [
    ['query', 'ws://chat.test/live-chat/ws/1?batch=1&token=opaque', []],
    ['subprotocol', 'ws://chat.test/live-chat/ws/1?batch=1', ['bearer', 'opaque']],
  ]) {
    const { sockets, rest } = await liveChat({ tokenIn });
    assert.deepEqual([sockets[0].url, sockets[0].protocols], [url, protocols]);
    assert.ok(rest.calls.every(({ path }) => path !== 'ticket'));
  }
});
