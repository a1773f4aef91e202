// The budgets of a user: what the server refuses until the minute is over is not tried before.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { comeBack, liveChat, page, reopened } from './fake-live.mjs';
import { fakeChat, message, resumed, settle } from './support.mjs';

const WAIT_MS = 40_000;
const limited = { type: 'error', code: 'rate_limited', message: 'At most so many a minute are allowed', retry_after_ms: WAIT_MS };
const refusal = () =>
  new Response(JSON.stringify({ type: 'about:blank', status: 429, code: 'rate_limited', detail: 'Too many' }), {
    status: 429,
    headers: { 'Retry-After': String(WAIT_MS / 1000) },
  });

test('a socket that is closed for its frames is replaced when the minute is over', async () => {
  const fake = await liveChat();
  fake.sockets[0].tell(limited);
  await fake.clock.pass(1_000);
  fake.sockets[0].end(1000);
  await fake.clock.pass(WAIT_MS - 1_001);
  assert.equal(fake.sockets.length, 1, 'another one would be closed, too');
  await fake.clock.pass(1);
  await comeBack(fake);
  assert.equal(fake.chat.state, 'live');
});

test('a socket that is lost long after a refusal is replaced as soon as any other', async () => {
  const fake = await liveChat();
  fake.sockets[0].tell(limited);
  await fake.clock.pass(WAIT_MS + 1_000);
  fake.sockets[0].end();
  await fake.clock.pass(750);
  assert.equal(fake.sockets.length, 2);
});

test('a resume that is refused is tried again when the minute is over', async () => {
  const fake = await liveChat();
  const socket = await reopened(fake);
  assert.equal(socket.of('resume').length, 1);
  socket.tell(limited);
  await fake.clock.pass(WAIT_MS - 1);
  assert.deepEqual([fake.sockets.length, fake.chat.state], [2, 'recovering']);
  await fake.clock.pass(1);
  assert.equal(fake.sockets.length, 3);
  await comeBack(fake);
  assert.equal(fake.chat.state, 'live');
});

test('a gap that cannot be asked for is asked for when the minute is over', async () => {
  const fake = await liveChat();
  const socket = await reopened(fake);
  socket.tell(resumed([3, 5], 3));
  await fake.clock.pass(1_000);
  assert.equal(socket.of('resume').length, 2);
  socket.tell(limited);
  await fake.clock.pass(WAIT_MS - 1);
  assert.equal(socket.of('resume').length, 2);
  await fake.clock.pass(1);
  assert.equal(socket.of('resume').length, 3);
  socket.tell(resumed([4, 5], 5));
  await settle();
  assert.ok(fake.chat.messages.has(message(4).id));
});

test('the comparison after a loss waits with its next page', async () => {
  const fake = await liveChat();
  let pages = 0;
  fake.rest.messages = () => (++pages === 1 ? refusal() : page([1, 2]));
  fake.sockets[0].end();
  await fake.clock.pass(750);
  await comeBack(fake);
  assert.equal(pages, 1);
  await fake.clock.pass(WAIT_MS - 1);
  assert.equal(pages, 1);
  await fake.clock.pass(1);
  assert.equal(pages, 2);
});

test('a ticket that is refused is asked for again when the minute is over', async () => {
  const fake = fakeChat({ tokenIn: undefined });
  let asked = 0;
  fake.rest.ticket = () => (++asked === 1 ? refusal() : { ticket: 'at-last', expires_in: 30 });
  fake.chat.connect().catch(() => {});
  await settle();
  await fake.clock.pass(WAIT_MS - 1);
  assert.deepEqual([asked, fake.sockets.length], [1, 0]);
  await fake.clock.pass(1);
  assert.deepEqual([asked, fake.sockets.length], [2, 1]);
});
