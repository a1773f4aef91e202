// Sessions that a server opens, changes and ends, in a real gateway in which nothing opens by itself.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Gateway } from '../../../tests/clients/gateway.mjs';
import { LiveChatServer } from '../src/index.js';
import { lossyFetch, SERVICE_SECRET } from './support.mjs';

const LIMIT = { timeout: 60_000 };

let gateway;
let chat;
before(async () => {
  gateway = await Gateway.start({ settings: { LIVE_CHAT_SCHEDULE: 'manual', LIVE_CHAT_SERVICE_SECRET: SERVICE_SECRET } });
  chat = new LiveChatServer({ baseUrl: gateway.url, serviceSecret: SERVICE_SECRET, name: 'programme' });
});
after(() => gateway?.stop());

test('a programme is scheduled, opened, changed and ended', LIMIT, async () => {
  const [startTime, endTime] = [1, 2].map((hours) => new Date(Math.floor(Date.now() / 1000 + hours * 3600) * 1000));
  const later = await chat.sessions.create({ name: 'Later', room: 'stage', startTime, endTime });
  assert.deepEqual([later.state, Date.parse(later.start_time), Date.parse(later.end_time)], ['scheduled', Number(startTime), Number(endTime)]);
  const now = await chat.sessions.create({ name: 'Now', room: 'stage', endTime: new Date(startTime - 1000), tags: ['season 3'] });
  assert.equal(now.state, 'open');
  await assert.rejects(chat.sessions.update(now.id, { endTime }), { name: 'LiveChatError', code: 'conflict', status: 409 });
  assert.deepEqual((await chat.sessions.update(now.id, { name: 'Still now', reason: 'a typo' })).tags, ['season 3']);
  const { sessions, next_before } = await chat.sessions.list({ room: 'stage' });
  assert.deepEqual([sessions.map(({ id, name }) => [id, name]), next_before], [[[now.id, 'Still now'], [later.id, 'Later']], null]);
  for (const { id } of sessions) assert.equal((await chat.sessions.end(id)).state, 'ended');
  const { actions } = await chat.log({ limit: 10 });
  assert.deepEqual([...new Set(actions.map(({ action }) => action))].sort(), ['create_session', 'end_session', 'update_session']);
  assert.equal(actions[0].actor.user_id, 'programme');
});

test('a session whose answer is lost is opened once', LIMIT, async () => {
  const lossy = lossyFetch();
  const patient = new LiveChatServer({ baseUrl: gateway.url, serviceSecret: SERVICE_SECRET, name: 'programme', fetch: lossy, random: () => 0 });
  const made = await patient.sessions.create({ name: 'Once', room: 'hall' });
  assert.equal(lossy.calls, 2);
  assert.deepEqual((await chat.sessions.list({ room: 'hall' })).sessions.map(({ id }) => id), [made.id]);
});
