// Sessions that a server opens, changes and ends, in a real gateway in which nothing opens by itself.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
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

test('a session is exported in records and in pages, also over a lossy network', LIMIT, async () => {
  const { id } = await chat.sessions.create({ name: 'Export', room: 'attic' });
  await chat.announce('first', { sessionId: id });
  await chat.sendEvent('goal', { team: 'red' }, { sessionId: id });
  const read = async (iterable) => {
    const all = [];
    for await (const one of iterable) all.push(one);
    return all;
  };
  // The broadcast settles both numbers.
  let records = [];
  while (records.at(-1)?.up_to_seq !== 2) records = await read(await chat.sessions.exportSession(id));
  assert.deepEqual(records.map(({ type, seq }) => [type, seq]), [['session', 0], ['action', 0], ['message', 1], ['event', 2], ['end', undefined]]);
  assert.equal(records[2].message.message, 'first');
  const lossy = lossyFetch();
  const patient = new LiveChatServer({ baseUrl: gateway.url, serviceSecret: SERVICE_SECRET, fetch: lossy, random: () => 0 });
  const [{ text, sha256, readTo, upTo }, ...more] = await read(await patient.sessions.exportPages(id, { format: 'csv', after: 1 }));
  assert.deepEqual([lossy.calls, more, text.split('\r\n').length, readTo, upTo], [2, [], 3, 2, 2]);
  assert.equal(sha256, createHash('sha256').update(text).digest('hex'));
  const vtt = await read(await chat.sessions.exportPages(id, { format: 'vtt', start: new Date(0) }));
  assert.match(vtt.map((page) => page.text).join(''), /^WEBVTT\n\n1\n\d{6,}:\d\d:\d\d\.\d{3} --> .*\n<v programme>first\n\n$/);
  await assert.rejects(chat.sessions.exportSession(id, { after: -1 }), { name: 'LiveChatError', code: 'invalid_request' });
  await assert.rejects(chat.sessions.exportSession(99_999), { code: 'not_found' });
  await assert.rejects(chat.sessions.exportPages(id, { start: new Date(NaN), format: 'vtt' }), TypeError);
  await assert.rejects(chat.sessions.exportSession(0), TypeError);
});

test('a session whose answer is lost is opened once', LIMIT, async () => {
  const lossy = lossyFetch();
  const patient = new LiveChatServer({ baseUrl: gateway.url, serviceSecret: SERVICE_SECRET, name: 'programme', fetch: lossy, random: () => 0 });
  const made = await patient.sessions.create({ name: 'Once', room: 'hall' });
  assert.equal(lossy.calls, 2);
  assert.deepEqual((await chat.sessions.list({ room: 'hall' })).sessions.map(({ id }) => id), [made.id]);
});
