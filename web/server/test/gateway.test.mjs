// A server of the operator against a real gateway.

import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { after, before, test } from 'node:test';

import { Gateway, NO_RATE_LIMIT } from '../../../tests/clients/gateway.mjs';
import { createServiceToken, createToken, LiveChatServer } from '../src/index.js';
import { lossyFetch, SECRET, SERVICE_SECRET } from './support.mjs';

const LIMIT = { timeout: 60_000 };

let gateway;
let chat;
before(async () => {
  gateway = await Gateway.start({ settings: { ...NO_RATE_LIMIT, JWT_SECRET: SECRET, LIVE_CHAT_SERVICE_SECRET: SERVICE_SECRET } });
  chat = new LiveChatServer({ baseUrl: gateway.url, serviceSecret: SERVICE_SECRET, name: 'billing' });
});
after(() => gateway?.stop());

/** A call of a user: its status and its answer. */
async function as(sub, method, path, body, options = {}) {
  const headers = { authorization: `Bearer ${createToken({ sub, ...options }, SECRET)}`, 'content-type': 'application/json' };
  const response = await fetch(`${gateway.url}/live-chat/${path}`, { method, headers, body: body && JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

const send = async (sub, message, options) => (await as(sub, 'POST', 'send-message', { message }, options)).body.message_id;
const statusOfSend = async (sub) => (await as(sub, 'POST', 'send-message', { message: 'hello' })).status;
const texts = async () => (await as('reader', 'GET', 'messages?limit=100')).body.messages.map(({ message }) => message);

test('what a token says of its user is what everybody sees', LIMIT, async () => {
  const user = { name: 'Ann', roles: ['host'], badge: 'gold', picture: 'https://example.org/ann.png', attributes: { team: 'red' } };
  const id = await send('ann', 'hello from ann', user);
  const { messages } = (await as('reader', 'GET', 'messages?limit=100')).body;
  const { username, is_host, is_winner, badge, profile_pic, attributes } = messages.find((message) => message.id === id);
  assert.deepEqual({ username, is_host, is_winner, badge, profile_pic, attributes }, {
    username: 'Ann', is_host: true, is_winner: true, badge: 'gold', profile_pic: 'https://example.org/ann.png', attributes: { team: 'red' },
  });
  assert.equal((await as(12345678901234567890n, 'GET', 'status')).status, 200);
});

test('what is just within the limits is not dropped', LIMIT, async () => {
  const sub = `${'é'.repeat(127)}x`;
  const user = { badge: '🏅'.repeat(50), picture: `https://example.org/${'x'.repeat(2028)}`, attributes: { ab: 'é'.repeat(511) } };
  const id = await send(sub, 'hello from the limit', user);
  const { messages } = (await as('reader', 'GET', 'messages?limit=100')).body;
  const { user_id, badge, profile_pic, attributes } = messages.find((message) => message.id === id);
  assert.deepEqual({ user_id, badge, picture: profile_pic, attributes }, { user_id: sub, ...user });
});

test('a token opens what its capabilities and sessions name, and nothing else', LIMIT, async () => {
  const refused = await as('wat', 'POST', 'send-message', { message: 'hello' }, { capabilities: ['read'] });
  assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden']);
  assert.equal((await as('wat', 'GET', 'messages', undefined, { sessions: ['other'] })).status, 403);
  assert.equal((await as('wat', 'GET', 'messages', undefined, { sessions: ['main'] })).status, 200);
  assert.equal((await as('wat', 'GET', 'messages', undefined, { notBefore: Math.floor(Date.now() / 1000) + 600 })).status, 401);
});

test('a timeout, a ban and a lift are in force once they are answered', LIMIT, async () => {
  await send('bob', 'one of bob');
  const entry = await chat.timeout('bob', { seconds: 600, reason: 'spam', explanation: 'Please calm down', deleteMessages: true });
  assert.deepEqual([entry.action, entry.target.user_id, entry.reason, entry.explanation], ['timeout', 'bob', 'spam', 'Please calm down']);
  assert.deepEqual(entry.actor, { user_id: 'billing', username: 'billing' });
  assert.ok(Date.parse(entry.until) > Date.now());
  const refused = await as('bob', 'POST', 'send-message', { message: 'hello' });
  assert.deepEqual([refused.body.code, refused.body.explanation, refused.body.reference], ['timed_out', 'Please calm down', entry.id]);
  assert.ok(!(await texts()).includes('one of bob'));
  assert.equal((await chat.ban('bob', { sessionOnly: true })).action, 'ban');
  assert.equal((await as('bob', 'POST', 'ticket?session_id=1')).body.code, 'banned');
  await assert.rejects(chat.timeout('bob', { seconds: 1 }), { name: 'LiveChatError', code: 'conflict', status: 409 });
  await chat.lift('bob');
  assert.equal(await statusOfSend('bob'), 200);
  await assert.rejects(chat.lift('bob'), { code: 'conflict' });
});

test('a list of users is one call, which tells what it refused', LIMIT, async () => {
  const { actions, refused } = await chat.ban(['bot-1', 'bot-2', 'billing'], { reason: 'raid' });
  assert.deepEqual(actions.map(({ target }) => target.user_id), ['bot-1', 'bot-2']);
  assert.deepEqual(refused, [{ id: 'billing', code: 'forbidden' }]);
  assert.deepEqual([await statusOfSend('bot-1'), await statusOfSend('bot-2')], [403, 403]);
  const lifted = await chat.lift(['bot-1', 'bot-2']);
  assert.deepEqual([lifted.actions.length, lifted.refused.length], [2, 0]);
});

test('messages are deleted, purged, cleared, and restored', LIMIT, async () => {
  const ids = [await send('cy', 'first of cy'), await send('cy', 'second of cy'), await send('cy', 'third of cy')];
  const other = await send('dora', 'one of dora');
  const deleted = await chat.delete(ids[0]);
  assert.deepEqual(deleted.target.message_ids, [ids[0]]);
  const list = await chat.delete([ids[1]]);
  assert.deepEqual([list.actions.length, list.actions[0].target.message_ids, list.refused], [1, [ids[1]], []]);
  await assert.rejects(chat.delete(ids[0]), { code: 'not_found', status: 404 });
  assert.deepEqual((await texts()).filter((text) => text.endsWith('of cy')), ['third of cy']);
  await chat.purge('cy');
  assert.ok(!(await texts()).includes('third of cy'));
  const cleared = await chat.clear({ sessionId: Math.floor(other / 100_000_000) });
  assert.deepEqual(await texts(), []);
  await chat.restore(cleared.id);
  const restored = await texts();
  assert.deepEqual([restored.includes('one of dora'), restored.includes('third of cy')], [true, false]);
});

test('an act that is repeated under its key answers the first entry', LIMIT, async () => {
  const options = { clientActionId: 'job 7' };
  const first = await chat.note('eve', 'asks nicely', options);
  const second = await chat.note('eve', 'asks nicely', options);
  assert.equal(second.id, first.id);
  const card = await chat.user('eve');
  assert.deepEqual(card.notes.map(({ text, actor }) => [text, actor.user_id]), [['asks nicely', 'billing']]);
});

test('an act whose first answer is lost happens once', LIMIT, async () => {
  const lossy = lossyFetch();
  const unlucky = new LiveChatServer({ baseUrl: gateway.url, serviceSecret: SERVICE_SECRET, fetch: lossy, random: () => 0 });
  const entry = await unlucky.note('finn', 'only once');
  assert.equal(lossy.calls, 2);
  assert.deepEqual((await chat.log({ userId: 'finn' })).actions.map(({ id }) => id), [entry.id]);
});

test('the log, an entry and a card tell what was done', LIMIT, async () => {
  const [one, two] = [await chat.disconnect('gil'), await chat.note('gil', 'came back')];
  const page = await chat.log({ userId: 'gil', limit: 1 });
  assert.deepEqual([page.actions.map(({ id }) => id), page.has_more], [[two.id], true]);
  const next = await chat.log({ userId: 'gil', limit: 1, before: page.next_before });
  assert.deepEqual(next.actions, [one]);
  assert.deepEqual(await chat.action(one.id), one);
  assert.deepEqual((await chat.log({ actor: 'billing', action: 'disconnect' })).actions[0], one);
  await chat.ban('gil/é?', { reason: 'a name of its own' });
  const card = await chat.user('gil/é?');
  assert.deepEqual([card.user_id, card.sanctions[0].state, card.sanctions[0].reason], ['gil/é?', 'banned', 'a name of its own']);
});

test('tokens that were issued before are refused', LIMIT, async () => {
  const issuedAt = Math.floor(Date.now() / 1000) - 100;
  const status = async () => (await as('hal', 'GET', 'status', undefined, { issuedAt })).status;
  assert.equal(await status(), 200);
  await chat.revokeTokens('hal', { issuedBefore: new Date((issuedAt + 1) * 1000) });
  assert.equal(await status(), 401);
  assert.equal((await as('hal', 'GET', 'status')).status, 200);
});

test('a server may act with the token of a person, whose rank holds then', LIMIT, async () => {
  const token = () => createToken({ sub: 'mona', name: 'Mona', roles: ['moderator'] }, SECRET);
  const mona = new LiveChatServer({ baseUrl: gateway.url, token });
  assert.deepEqual((await mona.note('ira', 'by hand')).actor, { user_id: 'mona', username: 'Mona' });
  await assert.rejects(mona.revokeTokens('ira'), { code: 'forbidden', status: 403 });
  await assert.rejects(mona.ban('mona'), { code: 'forbidden' });
  const viewer = new LiveChatServer({ baseUrl: gateway.url, token: createToken({ sub: 'vic' }, SECRET) });
  await assert.rejects(viewer.log(), ({ code, detail }) => code === 'forbidden' && /moderate/.test(detail));
});

test('services have every capability but those that they leave out, and only by their own secret', LIMIT, async () => {
  const asService = (options, secret = SERVICE_SECRET) =>
    new LiveChatServer({ baseUrl: gateway.url, token: createServiceToken({ sub: 'reader', ...options }, secret) });
  await asService({}, createSecretKey(Buffer.from(SERVICE_SECRET))).log();
  await assert.rejects(asService({ capabilities: ['read'] }).log(), { code: 'forbidden' });
  await assert.rejects(asService({}, SECRET).log(), { code: 'unauthorized', status: 401 });
});
