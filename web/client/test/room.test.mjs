// A client that joins the sessions of one room.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LiveChat } from '../src/index.js';
import { live } from './live.mjs';
import { fakeChat, problem, settle } from './support.mjs';

const ofRoom = { id: 1, name: 'On stage', room: 'stage', viewer_count: 1, total_likes: 0, max_message_length: 300 };
const closed = (next_start_time = null) => ({ enabled: true, is_active: false, session: null, next_start_time });
const open = (session = ofRoom) => ({ enabled: true, is_active: true, session });

/** The calls to this path, each with its query. */
const callsTo = ({ rest }, wanted) => rest.calls.filter(({ path }) => path === wanted).map(({ url }) => new URL(url).search);
/** The last call, with its query. */
const lastCall = ({ rest }) => rest.calls.at(-1).url.replace('http://chat.test/live-chat/', '');

/** A live chat in the room `stage`. */
async function onStage(options) {
  const fake = fakeChat({ room: 'stage', ...options });
  fake.rest.status = () => open();
  const connecting = fake.chat.connect();
  await settle();
  fake.sockets[0].open();
  await connecting;
  return fake;
}

test('it asks for the open session of its room, and joins that one', async () => {
  const fake = await onStage();
  assert.deepEqual(callsTo(fake, 'status'), ['?room=stage']);
  assert.equal(new URL(fake.sockets[0].url).pathname, '/live-chat/ws/1');
  assert.deepEqual([fake.chat.session.room, fake.chat.session.max_message_length], ['stage', 300]);
  fake.chat.close();
});

test('a ticket is asked for in the room of the session, however the client came to it', async () => {
  for (const options of [{ room: 'stage' }, { sessionId: 1 }, {}]) {
    const fake = fakeChat({ tokenIn: 'ticket', ...options });
    fake.rest.status = () => open();
    fake.rest.ticket = () => ({ ticket: 't', expires_in: 30 });
    fake.chat.connect().catch(() => {});
    await settle();
    assert.deepEqual(callsTo(fake, 'ticket'), ['?room=stage'], JSON.stringify(options));
    // A refused handshake is asked about by its session.
    fake.sockets[0].end();
    await fake.clock.pass(60_000);
    assert.equal(callsTo(fake, 'ticket')[1], '?session_id=1');
    fake.chat.close();
  }
  const fake = fakeChat({ tokenIn: 'ticket' });
  fake.rest.status = () => open({ ...ofRoom, room: 'main' });
  fake.rest.ticket = () => ({ ticket: 't', expires_in: 30 });
  fake.chat.connect().catch(() => {});
  await settle();
  assert.deepEqual(callsTo(fake, 'ticket'), [''], 'the chat’s own room');
  fake.chat.close();
});

test('its calls go to the session that it has joined, unless they name another', async () => {
  const fake = await onStage();
  const { chat, rest } = fake;
  rest.like = rest['like-message'] = () => ({ total_likes: 1, message_id: 100000001, likes: 1 });
  rest.likes = rest.stats = rest.viewers = rest['send-message'] = () => ({});
  const messages = rest.messages;
  rest.messages = (url) => (new URL(url).pathname.endsWith('/messages') ? messages() : { message_id: 100000001 });
  const calls = [
    [() => chat.likeSession(), 'like?session_id=1'],
    [() => chat.unlike(), 'like?session_id=1'],
    [() => chat.likeMessage(100000001), 'like-message/100000001?session_id=1'],
    [() => chat.unlikeMessage(100000001), 'like-message/100000001?session_id=1'],
    [() => chat.deleteMessage(100000001), 'messages/100000001?session_id=1'],
    [() => chat.postMessage('hello'), 'send-message?session_id=1'],
    [() => chat.getLikes(), 'likes?session_id=1'],
    [() => chat.getStats({ session_id: 7 }), 'stats?session_id=7'],
    [() => chat.getViewers(), 'viewers?session_id=1'],
    [() => chat.getMessages({ limit: 5 }), 'messages?limit=5&session_id=1'],
    [() => chat.getMessages({ session_id: 7 }), 'messages?session_id=7'],
    [() => chat.getStatus(), 'status?room=stage'],
  ];
  for (const [call, path] of calls) {
    await call();
    assert.equal(lastCall(fake), path);
  }
  chat.close();
});

test('before it has joined any, its calls go to its room; without a room, to the open session', async () => {
  for (const [options, query] of [[{ room: 'stage' }, '?room=stage'], [{ sessionId: 7 }, '?session_id=7'], [{}, '']]) {
    const fake = fakeChat(options);
    fake.rest.like = () => ({ total_likes: 1 });
    await fake.chat.likeSession();
    await fake.chat.getMessages();
    await fake.chat.getStatus();
    assert.deepEqual(fake.rest.calls.map(({ url }) => new URL(url).search), [query, query, query]);
  }
});

test('when its session ends, it joins the next one of the room', async () => {
  const fake = await onStage();
  const next = { ...ofRoom, id: 2, name: 'The next' };
  fake.rest.status = () => open(next);
  fake.rest.messages = () => ({ messages: [], session_id: 2, has_more: false, last_seq: 0 });
  fake.sockets[0].tell({ type: 'session_ended', session_id: 1 });
  await fake.clock.pass(15_000);
  assert.deepEqual(callsTo(fake, 'status'), ['?room=stage', '?room=stage']);
  fake.sockets[1].open();
  await settle();
  assert.deepEqual([fake.chat.state, fake.chat.session.id], ['live', 2]);
  fake.rest.viewers = () => ({});
  await fake.chat.getViewers();
  assert.equal(lastCall(fake), 'viewers?session_id=2');
  fake.chat.close();
});

test('while no session of its room is open, it ends with chat_not_active, and `connect` tries again', async () => {
  const fake = fakeChat({ room: 'stage' });
  fake.rest.status = () => closed('2026-12-24T18:00:00Z');
  await assert.rejects(fake.chat.connect(), { name: 'ChatError', code: 'chat_not_active' });
  assert.equal((await fake.chat.getStatus()).next_start_time, '2026-12-24T18:00:00Z');
  fake.rest.status = () => open();
  const connecting = fake.chat.connect();
  await settle();
  fake.sockets[0].open();
  await connecting;
  assert.equal(fake.chat.session.room, 'stage');
  fake.chat.close();
});

test('the calls of staff are about the session that it has joined', async () => {
  const fake = await onStage();
  const { moderate } = fake.chat;
  fake.rest.moderation = () => ({});
  const sessionOf = async (act) => (await act, fake.rest.calls.at(-1).body.session_id);
  assert.equal(await sessionOf(moderate.clear()), 1);
  assert.equal(await sessionOf(moderate.ban('bob', { sessionId: 7 })), 7);
  // Ids of messages name their session.
  assert.equal(await sessionOf(moderate.delete(700000001)), undefined);
  assert.equal(await sessionOf(moderate.dismissReports(700000001)), undefined);
  const calls = [
    [moderate.held(), 'moderation/held?session_id=1'],
    [moderate.reports({ sessionId: 7 }), 'moderation/reports?session_id=7'],
    [moderate.user('bob'), 'moderation/users/bob?session_id=1'],
    [moderate.users('bo'), 'moderation/users?name=bo&session_id=1'],
    [moderate.message(100000001), 'moderation/messages/100000001?session_id=1'],
    // Lists of all sessions stay so.
    [moderate.log(), 'moderation/actions'],
    [moderate.sanctions(), 'moderation/sanctions'],
    [moderate.presets(), 'moderation/presets?room=stage'],
    [moderate.presets({ room: 'main' }), 'moderation/presets?room=main'],
  ];
  for (const [call, path] of calls) {
    await call;
    assert.ok(fake.rest.calls.some(({ url }) => url.endsWith(`/live-chat/${path}`)), path);
  }
  fake.chat.close();
});

test('before it has joined any, an act is about the open session of its room; without one, nothing in another room is touched', async () => {
  const fake = fakeChat({ room: 'stage' });
  const { moderate } = fake.chat;
  fake.rest.moderation = () => ({});
  fake.rest.status = () => open();
  await moderate.clear();
  assert.equal(fake.rest.calls.at(-1).body.session_id, 1);
  fake.rest.status = () => closed();
  fake.rest.calls.length = 0;
  for (const act of [() => moderate.clear(), () => moderate.setModes({ slow_seconds: 5 }), () => moderate.ban('bob', { deleteMessages: true })]) {
    await assert.rejects(act(), { name: 'ChatError', code: 'chat_not_active' });
  }
  assert.deepEqual([...new Set(fake.rest.calls.map(({ path }) => path))], ['status']);
  await moderate.ban('bob');
  assert.equal(fake.rest.calls.at(-1).body.session_id, undefined);
  await moderate.held();
  assert.equal(lastCall(fake), 'moderation/held?room=stage');
});

test('a client that is given nothing leaves the session of an act to the chat', async () => {
  const fake = await live();
  fake.rest.moderation = () => ({});
  await fake.chat.moderate.clear();
  assert.equal('session_id' in fake.rest.calls.at(-1).body, false);
  await fake.chat.moderate.held();
  assert.equal(lastCall(fake), 'moderation/held');
  fake.chat.close();
});

test('a wrong name of a room is refused at once, and so is a room beside a session', () => {
  const given = (options) => () => new LiveChat({ token: 'x', WebSocket: class {}, ...options });
  for (const room of ['', 'Stage', 'a b', 'a'.repeat(65), 7, null]) assert.throws(given({ room }), /room is the name of a room/);
  assert.throws(given({ room: 'stage', sessionId: 1 }), /either sessionId or room/);
  assert.throws(given({ room: 'stage', sessionId: 0 }), TypeError);
  assert.equal(given({ room: 'stage-2', sessionId: undefined })().state, 'ended');
});

test('a room that the token may not enter ends the client', async () => {
  const fake = fakeChat({ room: 'stage' });
  fake.rest.status = () => problem(403, 'forbidden');
  await assert.rejects(fake.chat.connect(), { code: 'forbidden' });
});

test('an older server, which has one room, is not taken for another one', async () => {
  const fake = fakeChat({ room: 'stage' });
  const { room, ...ofMain } = ofRoom;
  fake.rest.status = () => open(ofMain);
  await assert.rejects(fake.chat.connect(), { code: 'chat_not_active' });
  assert.deepEqual([room, fake.sockets.length], ['stage', 0]);
  await assert.rejects(fake.chat.moderate.clear(), { code: 'chat_not_active' });
  fake.chat.close();
});

test('an invalid date is refused before it would mean now, or never', async () => {
  const { chat, rest } = fakeChat();
  const never = new Date('202612-12-01T10:00');
  for (const call of [() => chat.sessions.create({ name: 'Launch', startTime: never }), () => chat.sessions.update(1, { endTime: never })]) {
    await assert.rejects(call(), TypeError);
  }
  assert.deepEqual(rest.calls, []);
});
