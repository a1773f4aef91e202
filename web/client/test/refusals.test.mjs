// Responses to the sender alone: rate limits and errors; and the calls that need no socket.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { liveChat } from './fake-live.mjs';
import { problem } from './support.mjs';

const error = (more) => ({ type: 'error', message: 'Why', ...more });

test('a rate limit is reported with its wait and the held message, which is sent again automatically', async () => {
  const fake = await liveChat();
  const [socket] = fake.sockets;
  fake.chat.sendMessage('too fast');
  const [{ client_message_id }] = socket.of('message');
  socket.tell(error({ code: 'rate_limited', client_message_id, retry_after_ms: 4200 }));
  assert.deepEqual(fake.heard.rateLimited, [{ message: 'Why', client_message_id, retry_after_ms: 4200 }]);
  await fake.clock.pass(4200);
  assert.equal(socket.of('message').length, 2);
  assert.deepEqual([fake.heard.failed, fake.heard.error], [[], []]);
});

test('a rate limit without a time is reported with the client’s own wait', async () => {
  const fake = await liveChat();
  const limit = { type: 'batch', events: [error({ code: 'rate_limited' })] };
  fake.sockets[0].tell(limit);
  await fake.clock.pass(750);
  fake.sockets[0].tell(limit);
  assert.deepEqual(fake.heard.rateLimited.map(({ retry_after_ms }) => retry_after_ms), [750, 1250]);
});

test('every error to the sender is reported as the server sent it, whatever its consequences', async () => {
  const fake = await liveChat();
  const [socket] = fake.sockets;
  fake.chat.sendMessage('\0');
  const [{ client_message_id }] = socket.of('message');
  socket.tell(
    error({ code: 'unavailable', client_message_id, retry_after_ms: 1000, internal: 'not for the application' }),
    error({ code: 'invalid_message', client_message_id }),
    error({ code: 'of_the_future' }),
  );
  assert.deepEqual(fake.heard.refused, [
    { code: 'unavailable', message: 'Why', client_message_id, retry_after_ms: 1000 },
    { code: 'invalid_message', message: 'Why', client_message_id, retry_after_ms: undefined },
    { code: 'of_the_future', message: 'Why', client_message_id: undefined, retry_after_ms: undefined },
  ]);
  assert.deepEqual(fake.heard.failed.map(({ code }) => code), ['invalid_message']);
  assert.deepEqual(fake.heard.error.map(({ code }) => code), ['of_the_future']);
  assert.deepEqual(fake.heard.rateLimited, []);
});

test('the REST calls reach the paths of the contract, also of a session that is over', async () => {
  const { chat, rest } = await liveChat();
  rest.calls.length = 0;
  for (const path of ['viewers', 'likes', 'stats', 'send-message']) rest[path] = () => ({ from: path });
  assert.deepEqual(await chat.getViewers(), { from: 'viewers' });
  assert.deepEqual(await chat.getLikes({ session_id: 7 }), { from: 'likes' });
  assert.deepEqual(await chat.getStats({ session_id: 7 }), { from: 'stats' });
  await chat.getMessages({ session_id: 7, limit: 5 });
  assert.deepEqual(await chat.postMessage('by REST', { client_message_id: 'mine' }), { from: 'send-message' });
  await chat.postMessage('without a key');
  assert.deepEqual(
    rest.calls.map(({ method, url, body }) => [method, url.replace('http://chat.test/live-chat/', ''), body]),
    [
      ['GET', 'viewers', undefined],
      ['GET', 'likes?session_id=7', undefined],
      ['GET', 'stats?session_id=7', undefined],
      ['GET', 'messages?limit=5&session_id=7', undefined],
      ['POST', 'send-message', { message: 'by REST', client_message_id: 'mine' }],
      ['POST', 'send-message', { message: 'without a key' }],
    ],
  );
  rest['send-message'] = () => problem(429, 'rate_limited');
  await assert.rejects(chat.postMessage('again'), { code: 'rate_limited', status: 429 });
});

test('missed messages are requested from their own session, whichever is open now', async () => {
  const { chat, rest, sockets, clock } = await liveChat();
  sockets[0].end();
  await clock.pass(750);
  sockets[1].open();
  rest.calls.length = 0;
  await clock.pass(0);
  for (const after of [2, 3, 4]) {
    sockets[1].tell({ type: 'resumed', messages: [{ id: 100_000_001 + after, seq: after + 1 }], last_seq: 9, complete: false });
    await clock.pass(0);
  }
  assert.deepEqual(rest.calls.map(({ url }) => new URL(url).search), ['?after=100000005&session_id=1']);
  chat.close();
});
