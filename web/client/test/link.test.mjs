// How a connection begins and ends, with a clock and sockets that do what the test says.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { live } from './live.mjs';
import { fakeChat, record, settle, told } from './support.mjs';

test('it connects to the session of the status, in batches, and tells the history before it is live', async () => {
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
