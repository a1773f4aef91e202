// A client that joins one session, and no other. (room.test.mjs: one that joins those of a room.)

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LiveChat } from '../src/index.js';
import { live } from './live.mjs';
import { fakeChat, problem, record } from './support.mjs';

const statusCalls = ({ rest }) => rest.calls.filter(({ path }) => path === 'status').map(({ url }) => new URL(url).search);
const inactive = (more) => ({ enabled: true, is_active: false, session: null, ...more });

test('a client that is given a session asks for that one, and joins it', async () => {
  const fake = await live({ sessionId: 1 });
  assert.deepEqual(statusCalls(fake), ['?session_id=1']);
  assert.equal(new URL(fake.sockets[0].url).pathname, '/live-chat/ws/1');
  assert.equal(fake.chat.session.id, 1);
  fake.chat.close();
});

for (const [what, code, status] of [
  ['does not exist', 'not_found', () => problem(404, 'not_found')],
  ['has ended', 'session_ended', () => inactive({ session: { id: 7, name: 'Over', viewer_count: 0, total_likes: 0 } })],
  ['cannot be entered', 'chat_not_active', () => inactive({ message: 'Live chat is disabled' })],
]) {
  test(`a session that ${what} ends the client with ${code}, and nothing is tried again`, async () => {
    const fake = fakeChat({ sessionId: 7 });
    fake.rest.status = status;
    const heard = record(fake.chat);
    await assert.rejects(fake.chat.connect(), { name: 'ChatError', code });
    assert.deepEqual(heard.state.map(({ state, reason }) => [state, reason?.code]), [['connecting', undefined], ['ended', code]]);
    await fake.clock.pass(120_000);
    assert.deepEqual([statusCalls(fake).length, fake.sockets.length], [1, 0]);
  });
}

test('when its session ends, the client does not look for the next one; without a session it does', async () => {
  for (const [options, looksOn] of [[{ sessionId: 1 }, false], [{}, true]]) {
    const fake = await live(options);
    fake.rest.calls.length = 0;
    const sending = fake.chat.sendMessage('too late');
    fake.sockets[0].tell({ type: 'session_ended', session_id: 1 });
    await assert.rejects(sending, { code: 'chat_not_active' });
    assert.deepEqual([fake.chat.state, fake.heard.state.at(-1).reason.code], ['ended', 'session_ended']);
    await fake.clock.pass(60_000);
    assert.equal(statusCalls(fake).length > 0, looksOn);
    fake.chat.close();
  }
});

test('a session that ended while the client was away ends it, with what it had not sent', async () => {
  const fake = await live({ sessionId: 1 });
  fake.sockets[0].end();
  const sending = fake.chat.sendMessage('unsent');
  fake.rest.status = () => inactive({ session: fake.session });
  await fake.clock.pass(750);
  fake.sockets[1].end();
  await fake.clock.pass(60_000);
  await assert.rejects(sending, { code: 'session_ended' });
  assert.deepEqual([fake.chat.state, fake.heard.state.at(-1).reason.code, fake.sockets.length], ['ended', 'session_ended', 2]);
});

test('what is no number of a session is refused at once', () => {
  for (const sessionId of [0, -1, 1.5, NaN, '1', null]) assert.throws(() => new LiveChat({ token: 'x', WebSocket: class {}, sessionId }), TypeError);
});
