// Rooms of a real gateway: clients side by side, the next session, and sessions in the hands of hosts.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import WebSocket from 'ws';

import { Gateway, NO_RATE_LIMIT } from '../../../tests/clients/gateway.mjs';
import { LiveChat } from '../src/index.js';
import { becomes, next, SECRET, token } from './support.mjs';

const LIMIT = { timeout: 60_000 };

let gateway;
let host;
const chats = [];
before(async () => {
  gateway = await Gateway.start({ settings: { ...NO_RATE_LIMIT, JWT_SECRET: SECRET, LIVE_CHAT_SCHEDULE: 'manual' } });
  host = client('hans', { roles: ['host'] });
});
after(async () => {
  chats.forEach((chat) => chat.close());
  await gateway?.stop();
});

/** A client that is not connected. Its waits are as short as they can be. */
function client(sub, claims, options) {
  const chat = new LiveChat({ baseUrl: gateway.url, token: token(sub, claims), WebSocket, random: () => 0, ...options });
  chats.push(chat);
  return chat;
}

async function live(sub, options) {
  const chat = client(sub, {}, options);
  await chat.connect();
  return chat;
}

test('two rooms are two chats', LIMIT, async () => {
  const stage = await host.sessions.create({ name: 'On stage', room: 'stage', maxMessageLength: 300 });
  const lounge = await host.sessions.create({ name: 'In the lounge', room: 'lounge' });
  const [ann, bob] = [await live('ann', { room: 'stage' }), await live('bob', { room: 'lounge' })];
  assert.deepEqual([ann.session.id, ann.session.room, ann.session.max_message_length], [stage.id, 'stage', 300]);
  assert.deepEqual([bob.session.id, bob.session.room], [lounge.id, 'lounge']);
  const heard = [next(ann, 'message'), next(bob, 'message')];
  await ann.sendMessage('to the stage');
  await bob.postMessage('to the lounge');
  assert.deepEqual((await Promise.all(heard)).map(({ message }) => message), ['to the stage', 'to the lounge']);
  assert.deepEqual([ann.messages.size, bob.messages.size], [1, 1]);
  await bob.likeSession();
  const [id] = [...bob.messages.keys()];
  assert.equal((await bob.likeMessage(id)).likes, 1);
  assert.deepEqual([(await ann.getLikes()).total_likes, (await bob.getLikes()).total_likes], [0, 1]);
  assert.deepEqual((await bob.getMessages()).messages.map(({ message }) => message), ['to the lounge']);
  assert.equal((await bob.deleteMessage(id)).message_id, id);
  for (const chat of [ann, bob]) chat.close();
  for (const { id } of [stage, lounge]) await host.sessions.end(id);
});

test('a client goes on with the next session of its room', LIMIT, async () => {
  const first = await host.sessions.create({ name: 'The first', room: 'stage' });
  const ann = await live('ann', { room: 'stage' });
  const ended = next(ann, 'state', ({ state }) => state === 'ended');
  // The next one is there before anybody looks.
  await host.sessions.end(first.id);
  const second = await host.sessions.create({ name: 'The second', room: 'stage' });
  assert.equal((await ended).reason.code, 'session_ended');
  await becomes(ann, 'live');
  assert.deepEqual([ann.session.id, ann.session.name], [second.id, 'The second']);
  ann.close();
  await host.sessions.end(second.id);
});

test('a room that is not open says when it opens', LIMIT, async () => {
  const startTime = new Date(Math.floor(Date.now() / 1000 + 3600) * 1000);
  const later = await host.sessions.create({ name: 'Later', room: 'stage', startTime });
  assert.equal(later.state, 'scheduled');
  const ann = client('ann', {}, { room: 'stage' });
  await assert.rejects(ann.connect(), { code: 'chat_not_active' });
  const { session, next_start_time: at } = await ann.getStatus();
  assert.deepEqual([session, Date.parse(at)], [null, Number(startTime)]);
  assert.equal((await host.sessions.end(later.id)).state, 'ended');
  assert.equal((await ann.getStatus()).next_start_time, null);
});

test('hosts list, read, change and end sessions; others do not', LIMIT, async () => {
  const made = await host.sessions.create({ name: 'Now', room: 'hall', tags: ['a'], messagesPerMinute: 5, retentionDays: 3, modes: { slow_seconds: 7 }, clientActionId: 'open it once' });
  assert.equal((await host.sessions.create({ name: 'Now', room: 'hall', tags: ['a'], messagesPerMinute: 5, retentionDays: 3, modes: { slow_seconds: 7 }, clientActionId: 'open it once' })).id, made.id);
  assert.deepEqual([made.state, made.tags, made.messages_per_minute, made.retention_days, made.modes.slow_seconds], ['open', ['a'], 5, 3, 7]);
  await assert.rejects(host.sessions.create({ name: 'Another', room: 'hall' }), { code: 'conflict', status: 409 });
  const endTime = new Date(Math.floor(Date.now() / 1000 + 3600) * 1000);
  const changed = await host.sessions.update(made.id, { name: 'Renamed', endTime, tags: [], retentionDays: null });
  assert.deepEqual([changed.name, Date.parse(changed.end_time), changed.tags, changed.messages_per_minute], ['Renamed', Number(endTime), [], 5]);
  assert.match((await host.sessions.update(made.id, { endTime: null })).end_time, /^9999/);
  assert.equal((await host.sessions.get(made.id)).name, 'Renamed');
  const mona = client('mona', { roles: ['moderator'] });
  assert.deepEqual((await mona.sessions.list({ room: 'hall', state: 'open' })).sessions.map(({ id }) => id), [made.id]);
  await assert.rejects(mona.sessions.end(made.id), { code: 'forbidden' });
  const page = await host.sessions.list({ limit: 1 });
  assert.equal(page.sessions.length, 1);
  const older = await host.sessions.list({ limit: 1, before: page.next_before });
  assert.ok(older.sessions[0].id < page.sessions[0].id);
  assert.equal((await host.sessions.end(made.id, { reason: 'enough' })).state, 'ended');
  assert.equal((await host.sessions.end(made.id)).state, 'ended');
  await assert.rejects(host.sessions.update(made.id, { name: 'Too late' }), { code: 'chat_not_active' });
});

test('a moderator of a room acts in its session', LIMIT, async () => {
  const main = await host.sessions.create({ name: 'Main' });
  const stage = await host.sessions.create({ name: 'On stage', room: 'stage' });
  const mona = client('mona', { roles: ['moderator'] }, { room: 'stage' });
  assert.equal((await mona.moderate.clear()).session_id, stage.id, 'before it is connected');
  await mona.connect();
  assert.equal((await mona.moderate.setModes({ slow_seconds: 5 })).session_id, stage.id);
  assert.deepEqual((await mona.moderate.held()).held, []);
  assert.equal((await host.sessions.get(main.id)).modes.slow_seconds, 0);
  mona.close();
  for (const { id } of [main, stage]) await host.sessions.end(id);
});
