// docs/openapi.yaml against the running gateway: every call and every status. Every response must be documented, and everything
// documented must be seen, with the exceptions named here.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import WebSocket from 'ws';

import { BOB, SECRET, act, allSeen, call, jwt, refused, seen, send } from './documented.mjs';
import { at, openapi, operations } from './documents.mjs';
import { Gateway } from './gateway.mjs';
import { denies } from './reviewer.mjs';

const NO_THROTTLE = 'the local gateway has no throttle';
const NO_CRASH = 'no function of the local run crashes or takes too long';
const NO_FAILURE = 'the embedded DynamoDB does not fail';
const UNSEEN_RESPONSES = {
  '429 application/json': NO_THROTTLE,
  '500 application/json': NO_CRASH,
  '503 application/json': NO_CRASH,
  '503 application/problem+json': NO_FAILURE,
};

const report = (gateway, body, options) => call(gateway, 'report-message', { body: JSON.stringify(body), token: BOB, ...options });

const announce = (gateway, message, options) => call(gateway, 'announce', { body: JSON.stringify(message), ...options });

/** A body for each call that takes one. */
const BODIES = {
  announce: '{"message":"hi"}',
  'send-event': '{"name":"goal"}',
  react: '{"reactions":{"🎉":1}}',
  'start-poll': '{"question":"Encore?","options":["Yes","No"],"seconds":60}',
  vote: '{"option":0}',
  'close-poll': '{}',
  'start-draw': '{"prize":"A cup","winners":1,"among":"senders"}',
  'reveal-draw': '{}',
  redraw: '{"reason":"no answer"}',
  'send-message': '{"message":"hi"}',
  'moderation-act': '{"action":"clear"}',
  'moderation-put-presets': '{"shield":{"slow_seconds":30}}',
  'moderation-put-terms': '{}',
  'moderation-test-terms': '{"text":"hi"}',
  'report-message': '{"reason":"spam"}',
  react: '{"reactions":{"🎉":1}}',
  'answer-question': '{"answered":true}',
  'create-session': '{"name":"Launch","room":"stage"}',
  'update-session': '{"name":"Launch"}',
  'end-session': '{}',
};
/** Parameters that calls need. */
const QUERIES = { 'moderation-users': { name: 'bo' } };
/** The calls that run sessions. */
const SESSIONS = ['sessions', 'session', 'create-session', 'update-session', 'end-session', 'export'];
/** Calls about a poll or a draw, whose ids name their session. */
const BY_ID = ['vote', 'close-poll', 'entrants', 'reveal-draw', 'redraw'];
/** Calls that address no session in their query: the body names that of an act, and an entry has its own, as a reported message has. */
const WITHOUT_SESSION = [
  ...SESSIONS,
  ...BY_ID,
  'answer-question',
  'moderation-act',
  'moderation-action',
  'moderation-message',
  'moderation-presets',
  'moderation-put-presets',
  'moderation-terms',
  'moderation-put-terms',
  'moderation-test-terms',
  'report-message',
];

let gateway;
let disabled;
let guarded;
let reviewed;

before(async () => {
  gateway = await Gateway.start({ settings: { JWT_SECRET: SECRET } });
  disabled = await Gateway.start({ settings: { JWT_SECRET: SECRET, LIVE_CHAT_ENABLED: 'false' } });
  guarded = await Gateway.start({ settings: { JWT_SECRET: SECRET, LIVE_CHAT_ORIGIN_SECRETS: 's'.repeat(32) } });
  const settings = { JWT_SECRET: SECRET, LIVE_CHAT_REVIEW_FUNCTION: await denies('Spam'), LIVE_CHAT_REVIEW_TIMEOUT_MS: '5000' };
  reviewed = await Gateway.start({ settings });
});
after(() => Promise.all([gateway?.stop(), disabled?.stop(), guarded?.stop(), reviewed?.stop()]));

test('every call succeeds as documented', async () => {
  assert.equal((await call(gateway, 'messages')).messages.length, 0);
  const first = await send(gateway, { message: ' <b>Grüße</b> 👋\n\tתודה ', client_message_id: 'k1' });
  assert.deepEqual([first.duplicate, first.message_id], [false, 100000001]);
  assert.equal((await send(gateway, { message: 'Grüße', client_message_id: 'k1' })).duplicate, true);
  assert.equal((await send(gateway, { message: 'hi', client_message_id: null }, { token: BOB, query: { session_id: 1 } })).http, 200);
  const news = { message: 'We start', color: 'blue', client_message_id: 'news' };
  const hosts = { token: jwt('hugo', { roles: ['host'] }) };
  for (const again of [false, true]) assert.equal((await announce(gateway, news, hosts)).duplicate, again);
  assert.equal((await call(gateway, 'delete-message', { message_id: 100000003 })).http, 200);
  const goal = JSON.stringify({ name: 'goal', attributes: { team: 'red' }, client_event_id: 'goal' });
  for (const again of [false, true]) assert.equal((await call(gateway, 'send-event', { body: goal, ...hosts })).duplicate, again);
  const counted = await call(gateway, 'react', { body: '{"reactions":{"🎉":3,"❤":1}}' });
  assert.deepEqual(counted.reactions, { '❤️': 1, '🎉': 3 });
  const question = await send(gateway, { message: 'When?', kind: 'question' }, { token: BOB });
  const of = { message_id: question.message_id };
  for (const answered of [true, false]) {
    assert.equal((await call(gateway, 'answer-question', { ...of, body: JSON.stringify({ answered }) })).answered, answered);
  }
  for (const query of [{}, { sort: 'new', mine: true }]) {
    assert.deepEqual((await call(gateway, 'questions', { query })).questions.map(({ id }) => id), [question.message_id]);
  }
  await call(gateway, 'delete-message', of);
  for (const again of [false, true]) {
    assert.equal((await call(gateway, 'like')).already_liked, again);
    assert.equal((await call(gateway, 'like-message')).already_liked, again);
  }
  for (const was of [true, false]) {
    assert.equal((await call(gateway, 'unlike')).was_liked, was);
    assert.equal((await call(gateway, 'unlike-message')).was_liked, was);
  }
  for (const id of ['status', 'viewers', 'likes', 'stats']) {
    assert.equal((await call(gateway, id)).http, 200);
    assert.equal((await call(gateway, id, { query: { session_id: 1 } })).http, 200);
  }
  for (const [query, found] of [[{}, 2], [{ limit: 1 }, 1], [{ before: 100000002 }, 1], [{ after: 100000001, limit: 100 }, 1]]) {
    assert.equal((await call(gateway, 'messages', { query })).messages.length, found);
  }
  for (const again of [false, true]) {
    assert.equal((await report(gateway, { reason: 'spam', comment: 'a false shop' })).already_reported, again);
  }
  const { reports } = await call(gateway, 'moderation-reports', { query: { limit: 10 } });
  assert.deepEqual([reports.length, reports[0].message_id, reports[0].reasons], [1, 100000001, { spam: 1 }]);
  assert.equal((await call(gateway, 'delete-message', { message_id: 100000002 })).http, 200);
  assert.equal((await call(gateway, 'ticket')).expires_in, 30);
  const entry = await act(gateway, { action: 'timeout', user_id: 'bob', seconds: 60, reason: 'spam' });
  assert.equal(entry.action, 'timeout');
  assert.equal((await call(gateway, 'moderation-log', { query: { user_id: 'bob' } })).actions[0].id, entry.id);
  assert.equal((await call(gateway, 'moderation-action', { action_id: entry.id })).action, 'timeout');
  const { state, reports: [first_report] } = await call(gateway, 'moderation-message');
  assert.deepEqual([state, first_report.comment], ['standing', 'a false shop']);
  assert.equal((await call(gateway, 'moderation-message', { message_id: 100000002 })).state, 'deleted');
  assert.equal((await call(gateway, 'moderation-user')).sanctions[0].state, 'timed_out');
  for (const query of [{}, { active: false, session_id: 1 }]) {
    assert.equal((await call(gateway, 'moderation-sanctions', { query })).sanctions[0].reference, entry.id);
  }
  assert.equal((await call(gateway, 'status', { token: BOB })).standing.reference, entry.id);
  const { users } = await call(gateway, 'moderation-users', { query: { name: 'ÁLI', limit: 5 } });
  assert.deepEqual([users.length, users[0].user_id], [1, 'alice']);
  assert.deepEqual((await call(gateway, 'moderation-presets')).default, {});
  const presets = { default: { slow_seconds: 0 } };
  assert.deepEqual((await call(gateway, 'moderation-put-presets', { body: JSON.stringify(presets) })).default, presets.default);
  assert.equal((await act(gateway, { action: 'dismiss_reports', message_id: 100000001 })).changes.was_hidden, false);
  assert.equal((await act(gateway, { action: 'lift', user_ids: ['bob', 'nobody'] })).refused[0].code, 'conflict');
  const terms = { terms: [{ term: 'idiot', match: 'word', action: 'block', explanation: 'Be kind' }], allow: [], link_domains: ['example.com'] };
  const put = await call(gateway, 'moderation-put-terms', { body: JSON.stringify(terms), headers: { 'if-match': '"0"' } });
  assert.deepEqual([put.action, put.changes.version], ['put_terms', 1]);
  assert.deepEqual((await call(gateway, 'moderation-terms')).terms, terms.terms);
  const tested = await call(gateway, 'moderation-test-terms', { body: '{"text":"1D10T, see a.example.com"}' });
  assert.deepEqual([tested.matches[0].term, tested.links[0].allowed], ['idiot', true]);
});

test('sessions are created, listed, changed and ended as documented', async () => {
  const launch = { name: 'Launch', room: 'stage', tags: ['launch'], modes: { slow_seconds: 5 }, max_message_length: 200, reason: 'the launch' };
  const { http, session } = await call(gateway, 'create-session', { body: JSON.stringify(launch) });
  assert.deepEqual([http, session.state, session.room, session.modes.slow_seconds], [201, 'open', 'stage', 5]);
  const { id: session_id } = session;
  assert.equal((await call(gateway, 'status', { query: { room: 'stage' } })).session.id, session_id);
  const rehearsal = { name: 'Rehearsal', room: 'attic', start_time: '2099-01-01T20:00:00Z', end_time: '2099-01-01T21:00:00Z' };
  assert.equal((await call(gateway, 'create-session', { body: JSON.stringify(rehearsal) })).session.state, 'scheduled');
  const { sessions, next_before } = await call(gateway, 'sessions', { query: { room: 'stage', state: 'open', limit: 5 } });
  assert.deepEqual([sessions.map(({ id }) => id), next_before], [[session_id], null]);
  assert.equal((await call(gateway, 'sessions', { query: { limit: 1 } })).next_before, session_id + 1);
  assert.equal((await call(gateway, 'session', { session_id })).session.name, 'Launch');
  const change = { name: 'The launch', end_time: null, retention_days: null };
  assert.equal((await call(gateway, 'update-session', { session_id, body: JSON.stringify(change) })).session.name, 'The launch');
  for (const format of ['jsonl', 'csv', 'vtt']) assert.ok((await call(gateway, 'export', { query: { format } })).text.length > 5, format);
  for (const query of [{ format: 'xml' }, { after: 'x' }, { next: 'x' }, { user_id: '' }]) await refused(gateway, 'export', 400, 'invalid_request', { query });
  await refused(gateway, 'export', 403, 'forbidden', { token: BOB });
  await refused(gateway, 'export', 404, 'not_found', { session_id: 99 });
  await refused(gateway, 'create-session', 409, 'conflict', { body: JSON.stringify(launch) });
  const earlier = await call(gateway, 'create-session', { body: JSON.stringify({ ...rehearsal, start_time: '2098-01-01T20:00:00Z', end_time: '2098-01-01T21:00:00Z' }) });
  await refused(gateway, 'update-session', 409, 'conflict', { session_id: earlier.session.id, body: '{"end_time":null}' });
  for (const again of [false, true]) {
    assert.equal((await call(gateway, 'end-session', { session_id, body: '{}' })).session.state, 'ended', String(again));
  }
  await refused(gateway, 'update-session', 403, 'chat_not_active', { session_id, body: '{"name":"Late"}' });
  for (const query of [{ limit: 0 }, { state: 'over' }, { room: 'No room' }, { before: 'x' }]) await refused(gateway, 'sessions', 400, 'invalid_request', { query });
  const bodies = { 'create-session': ['', '{}', '{"name":"x","room":"No room"}'], 'update-session': ['{}', '{"name":""}'], 'end-session': ['[]'] };
  for (const [id, wrong] of Object.entries(bodies)) {
    for (const body of wrong) await refused(gateway, id, 400, 'invalid_request', { body });
    await refused(gateway, id, 403, 'forbidden', { body: BODIES[id], token: BOB });
    await refused(gateway, id, 413, 'too_large', { body: 'x'.repeat(128 * 1024 + 1) });
    await refused(gateway, id, 413, undefined, { body: 'x'.repeat(10 * 1024 * 1024 + 1) });
  }
  for (const id of ['session', 'update-session', 'end-session']) await refused(gateway, id, 404, 'not_found', { session_id: 99, body: BODIES[id] });
});

test('polls are started, voted in and closed, and winners are drawn, as documented', async () => {
  const { http, poll } = await call(gateway, 'start-poll', { body: JSON.stringify({ question: 'Encore?', options: ['Yes', 'No'], seconds: 60, client_action_id: 'poll' }) });
  assert.deepEqual([http, poll.id, poll.state, poll.my_vote], [201, 10001, 'open', null]);
  for (const [option, said, again] of [[0, 'Vote counted', false], [0, 'Vote unchanged', true], [1, 'Vote changed', false]]) {
    const voted = await call(gateway, 'vote', { body: JSON.stringify({ option }), token: BOB });
    assert.deepEqual([voted.message, voted.already_voted], [said, again]);
  }
  const list = await call(gateway, 'polls', { query: { limit: 1 }, token: BOB });
  assert.deepEqual([list.polls[0].my_vote, list.polls[0].total_votes, list.next_before], [1, 1, null]);
  const hidden = await call(gateway, 'start-poll', { body: '{"question":"Who?","options":["a","b"],"seconds":60,"hide_results":true}' });
  assert.deepEqual([hidden.poll.hidden, hidden.poll.total_votes], [true, null]);
  await call(gateway, 'start-poll', { body: BODIES['start-poll'] });
  await refused(gateway, 'start-poll', 409, 'conflict', { body: BODIES['start-poll'] });
  for (const poll_id of [10001, 10002, 10003]) assert.equal((await call(gateway, 'close-poll', { poll_id, body: '{}' })).poll.state, 'ended');
  await refused(gateway, 'vote', 409, 'conflict', { body: BODIES.vote });
  assert.equal((await call(gateway, 'status')).session.polls.length, 3);

  const voters = JSON.stringify({ prize: 'A cup', winners: 1, among: 'voters', poll_id: 10001, exclude: ['eve'] });
  const begun = await call(gateway, 'start-draw', { body: voters });
  assert.deepEqual([begun.http, begun.draw.entrants, begun.draw.winners], [201, 1, null]);
  const { entrants } = await call(gateway, 'entrants', { query: { after: 0, limit: 10 } });
  assert.deepEqual((await call(gateway, 'entrants', { query: { hash: entrants[0] } })).entrants, entrants);
  await refused(gateway, 'redraw', 409, 'conflict', { body: BODIES.redraw });
  assert.deepEqual((await call(gateway, 'reveal-draw', { body: '{}' })).draw.winners, ['bob']);
  for (const token of [BOB, jwt('zoe')]) await send(gateway, { message: 'I am in' }, { token });
  const senders = await call(gateway, 'start-draw', { body: BODIES['start-draw'] });
  await call(gateway, 'reveal-draw', { draw_id: senders.draw.id, body: '{}' });
  const more = await call(gateway, 'redraw', { draw_id: senders.draw.id, body: BODIES.redraw });
  assert.deepEqual([more.draw.redraws, more.draw.winners.length], [1, 2]);
  await refused(gateway, 'start-draw', 409, 'conflict', { body: JSON.stringify({ prize: 'A cup', winners: 1, among: 'voters', poll_id: 10002 }) });
  const { draws } = await call(gateway, 'draws', { query: { limit: 5 } });
  assert.deepEqual(draws.map(({ state }) => state), ['cancelled', 'revealed', 'revealed']);
  for (const id of ['entrants', 'reveal-draw']) await refused(gateway, id, 409, 'conflict', { draw_id: draws[0].id, body: BODIES[id] });

  for (const id of ['polls', 'draws', 'entrants']) await refused(gateway, id, 400, 'invalid_request', { query: { limit: 0 } });
  for (const id of BY_ID) await refused(gateway, id, 404, 'not_found', { poll_id: 10099, draw_id: 10099, body: BODIES[id] });
  for (const id of ['start-poll', 'vote', 'close-poll', 'start-draw', 'reveal-draw', 'redraw']) {
    await refused(gateway, id, 400, 'invalid_request', { body: '[]' });
    await refused(gateway, id, 413, 'too_large', { body: 'x'.repeat(128 * 1024 + 1) });
    await refused(gateway, id, 413, undefined, { body: 'x'.repeat(10 * 1024 * 1024 + 1) });
  }
});

test('a message is held, listed, decided on and told of as documented', async () => {
  await act(gateway, { action: 'set_modes', modes: { review_all: true } });
  const ids = [];
  for (const client_message_id of ['h1', 'h2']) {
    const held = await send(gateway, { message: 'look at this', client_message_id }, { token: BOB });
    assert.deepEqual([held.http, held.status, held.message_id], [202, 'held', null]);
    ids.push(held.held_id);
  }
  assert.equal((await announce(gateway, { message: 'look', client_message_id: 'h1' }, { token: jwt('bob', { roles: ['host'] }) })).held_id, ids[0]);
  await act(gateway, { action: 'set_modes', modes: { review_all: false } });
  const first = await call(gateway, 'moderation-held', { query: { limit: 1 } });
  assert.deepEqual([first.held[0].held_id, first.next_after], [ids[0], ids[0]]);
  assert.equal((await call(gateway, 'moderation-held', { query: { after: ids[0], session_id: 1 } })).held[0].held_id, ids[1]);
  assert.equal((await act(gateway, { action: 'approve', held_id: ids[0] })).target.held_id, ids[0]);
  assert.equal((await act(gateway, { action: 'deny', held_ids: ids })).refused[0].id, ids[0]);
  const repeated = await Promise.all(['h1', 'h2'].map((client_message_id) => send(gateway, { message: 'again', client_message_id }, { token: BOB })));
  assert.deepEqual(repeated.map(({ http, status }) => [http, status]), [[200, 'approved'], [200, 'denied']]);
  await refused(gateway, 'moderation-act', 409, 'conflict', { body: JSON.stringify({ action: 'approve', held_id: ids[1] }) });
  await refused(gateway, 'moderation-held', 400, 'invalid_request', { query: { after: 'x' } });
});

test('every call is refused as documented', async () => {
  for (const { operationId: id, path, method: verb } of operations) {
    const body = BODIES[id];
    await refused(gateway, id, 401, 'unauthorized', { body, token: null });
    await refused(gateway, id, 401, 'unauthorized', { body, token: jwt('late', { expires_in: -3600 }) });
    // No route has it, of those where an unknown address can be meant.
    if (at('openapi.yaml', 'paths', path, verb.toLowerCase(), 'responses').node['404']) await refused(gateway, id, 404, undefined, { method: path.endsWith('{session_id}') ? 'PUT' : 'PATCH' });
    const namesSession = !WITHOUT_SESSION.includes(id);
    if (namesSession) await refused(gateway, id, 400, 'invalid_request', { body, query: { ...QUERIES[id], session_id: 'x' } });
    if (namesSession) await refused(gateway, id, 404, 'not_found', { body, query: { ...QUERIES[id], session_id: 99 } });
    // Staff work while the chat is closed, too, and what was said can be reported.
    if (!['status', 'report-message', 'answer-question', ...SESSIONS, ...BY_ID].includes(id) && !id.startsWith('moderation-')) await refused(disabled, id, 403, 'chat_not_active', { body });
    await refused(guarded, id, 403, 'forbidden', { body });
  }
  assert.equal((await call(disabled, 'status')).enabled, false);
  for (const query of [{ limit: 0 }, { limit: 101 }, { before: 'x' }, { after: 200000001 }, { before: 100000001, after: 100000001 }]) {
    await refused(gateway, 'messages', 400, 'invalid_request', { query });
  }
  for (const query of [{}, { name: '' }, { name: 'x'.repeat(51) }, { name: '\u200b' }, { name: 'bo', limit: 51 }]) {
    await refused(gateway, 'moderation-users', 400, 'invalid_request', { query });
  }
  for (const query of [{ active: 'yes' }, { before: 'x' }, { limit: 101 }]) {
    await refused(gateway, 'moderation-sanctions', 400, 'invalid_request', { query });
  }
  for (const id of ['like-message', 'unlike-message', 'delete-message']) {
    await refused(gateway, id, 400, 'invalid_request', { message_id: 'x' });
    await refused(gateway, id, 404, 'not_found', { message_id: 100000099 });
  }
  await refused(gateway, 'delete-message', 403, 'forbidden', { token: BOB });
  await refused(gateway, 'report-message', 403, 'forbidden', { body: '{"reason":"spam"}' });
  await refused(gateway, 'report-message', 404, 'not_found', { body: '{"reason":"spam"}', message_id: 100000099 });
  for (const body of ['', '{}', '{"reason":"rude"}', `{"reason":"spam","comment":"${'x'.repeat(501)}"}`]) {
    await refused(gateway, 'report-message', 400, 'invalid_request', { body, token: BOB });
  }
  await refused(gateway, 'report-message', 413, 'too_large', { body: 'x'.repeat(128 * 1024 + 1) });
  await refused(gateway, 'report-message', 413, undefined, { body: 'x'.repeat(10 * 1024 * 1024 + 1) });
  for (const message of ['', ' ', 7, 'a\u0000', 'x'.repeat(1001), '\ud800']) {
    await refused(gateway, 'send-message', 400, 'invalid_message', { body: JSON.stringify({ message }) });
  }
  for (const body of ['', '[]', '{"message":"hi","client_message_id":""}']) {
    await refused(gateway, 'send-message', 400, 'invalid_request', { body });
  }
  await refused(gateway, 'send-message', 400, 'invalid_request', { body: '{"message":"hi"}', type: 'text/plain' });
  await refused(gateway, 'send-message', 413, 'too_large', { body: 'x'.repeat(128 * 1024 + 1) });
  await refused(gateway, 'send-message', 413, undefined, { body: 'x'.repeat(10 * 1024 * 1024 + 1) });
  for (let i = 0; i < 10; i++) await send(gateway, { message: 'fast' }, { token: jwt('carl') });
  await refused(gateway, 'send-message', 429, 'rate_limited', { body: '{"message":"too fast"}', token: jwt('carl') });
  await refused(gateway, 'announce', 400, 'invalid_request', { body: '{"message":"hi","color":"red"}' });
  await refused(gateway, 'announce', 413, 'too_large', { body: 'x'.repeat(128 * 1024 + 1) });
  await refused(gateway, 'announce', 413, undefined, { body: 'x'.repeat(10 * 1024 * 1024 + 1) });
  await refused(gateway, 'announce', 429, 'rate_limited', { body: '{"message":"too fast"}', token: jwt('carl', { roles: ['host'] }) });
  await refused(gateway, 'send-event', 400, 'invalid_request', { body: '{"name":""}' });
  await refused(gateway, 'send-event', 413, 'too_large', { body: 'x'.repeat(128 * 1024 + 1) });
  await refused(gateway, 'send-event', 413, undefined, { body: 'x'.repeat(10 * 1024 * 1024 + 1) });
  await refused(gateway, 'send-event', 429, 'rate_limited', { body: '{"name":"too fast"}', token: jwt('carl', { roles: ['host'] }) });
  for (const reactions of [{}, { '🐙': 1 }, { '🎉': 21 }, { '🎉': 0 }]) {
    await refused(gateway, 'react', 400, 'invalid_request', { body: JSON.stringify({ reactions }) });
  }
  await call(gateway, 'react', { body: '{"reactions":{"🎉":20}}', token: jwt('gina') });
  await refused(gateway, 'react', 429, 'rate_limited', { body: '{"reactions":{"🎉":1}}', token: jwt('gina') });
  await refused(gateway, 'answer-question', 400, 'invalid_request', { body: '{"answered":"yes"}' });
  await refused(gateway, 'answer-question', 403, 'forbidden', { body: BODIES['answer-question'], token: BOB });
  await refused(gateway, 'answer-question', 404, 'not_found', { body: BODIES['answer-question'], message_id: 100000099 });
  for (const id of ['react', 'answer-question']) {
    await refused(gateway, id, 413, 'too_large', { body: 'x'.repeat(128 * 1024 + 1) });
    await refused(gateway, id, 413, undefined, { body: 'x'.repeat(10 * 1024 * 1024 + 1) });
  }
  await refused(gateway, 'questions', 400, 'invalid_request', { query: { sort: 'old' } });
  const reporter = jwt('rita');
  for (let i = 1; i <= 20; i++) {
    const { message_id } = await send(gateway, { message: `${i}` }, { token: jwt(`author${i % 5}`) });
    await report(gateway, { reason: 'other' }, { message_id, token: reporter });
  }
  await refused(gateway, 'report-message', 429, 'rate_limited', { body: '{"reason":"spam"}', token: reporter });
  const address = `${gateway.url.replace('http', 'ws')}/live-chat/ws/1?token=${jwt('dan')}`;
  const tabs = Array.from({ length: 10 }, () => new WebSocket(address));
  await Promise.all(tabs.map((tab) => once(tab, 'open')));
  await refused(gateway, 'ticket', 429, 'rate_limited', { query: { session_id: 1 }, token: jwt('dan') });
  for (const tab of tabs) tab.terminate();
  await act(gateway, { action: 'timeout', user_id: 'eve', seconds: 60 });
  await refused(gateway, 'send-message', 403, 'timed_out', { body: '{"message":"hi"}', token: jwt('eve') });
  await act(gateway, { action: 'ban', user_id: 'eve' });
  await refused(gateway, 'ticket', 403, 'banned', { token: jwt('eve') });
  for (const { operationId: id } of operations.filter(({ operationId }) => operationId.startsWith('moderation-'))) {
    await refused(gateway, id, 403, 'forbidden', { body: BODIES[id], token: BOB });
  }
  const denied = { body: '{"message":"hi","client_message_id":"k"}' };
  for (const id of ['send-message', 'announce']) await refused(reviewed, id, 422, 'review_denied', denied);
  await refused(gateway, 'moderation-put-terms', 400, 'invalid_request', { body: '{"terms":[{"term":"(","match":"regex","action":"block"}]}' });
  await refused(gateway, 'moderation-put-terms', 412, 'precondition_failed', { body: '{}', headers: { 'if-match': '"77"' } });
  await refused(gateway, 'moderation-put-terms', 413, 'too_large', { body: JSON.stringify({ allow: Array(1001).fill('a') }) });
  await refused(gateway, 'moderation-put-terms', 413, undefined, { body: 'x'.repeat(10 * 1024 * 1024 + 1) });
  await refused(gateway, 'moderation-test-terms', 400, 'invalid_request', { body: '{"text":""}' });
  await refused(gateway, 'moderation-test-terms', 413, 'too_large', { body: 'x'.repeat(128 * 1024 + 1) });
  await refused(gateway, 'moderation-test-terms', 413, undefined, { body: 'x'.repeat(10 * 1024 * 1024 + 1) });
  await refused(gateway, 'moderation-act', 400, 'invalid_request', { body: '{"action":"explode"}' });
  await refused(gateway, 'moderation-act', 404, 'not_found', { body: '{"action":"clear","session_id":99}' });
  await refused(gateway, 'moderation-act', 409, 'conflict', { body: '{"action":"lift","user_id":"nobody"}' });
  await refused(gateway, 'moderation-act', 413, 'too_large', { body: 'x'.repeat(128 * 1024 + 1) });
  await refused(gateway, 'moderation-act', 413, undefined, { body: 'x'.repeat(10 * 1024 * 1024 + 1) });
  await refused(gateway, 'moderation-action', 404, 'not_found', { action_id: 'x' });
  await refused(gateway, 'moderation-message', 400, 'invalid_request', { message_id: 'x' });
  await refused(gateway, 'moderation-message', 404, 'not_found', { message_id: 100009999 });
  await refused(gateway, 'moderation-put-presets', 400, 'invalid_request', { body: '{"default":{"slow_seconds":500}}' });
  await refused(gateway, 'moderation-put-presets', 413, 'too_large', { body: 'x'.repeat(128 * 1024 + 1) });
  await refused(gateway, 'moderation-put-presets', 413, undefined, { body: 'x'.repeat(10 * 1024 * 1024 + 1) });
  for (const id of ['moderation-presets', 'moderation-put-presets']) {
    await refused(gateway, id, 400, 'invalid_request', { body: BODIES[id], query: { room: 'No room' } });
  }
  for (const [modes, http, code] of [
    [{ audience: 'staff' }, 403, 'staff_only'],
    [{ audience: 'members' }, 403, 'members_only'],
    [{ audience: 'everyone', account_age_minutes: 5 }, 403, 'account_too_new'],
    [{ account_age_minutes: 0, emoji_only: true }, 422, 'emoji_only'],
  ]) {
    await act(gateway, { action: 'set_modes', modes });
    await refused(gateway, 'send-message', http, code, { body: '{"message":"words"}', token: jwt('nora') });
  }
  await act(gateway, { action: 'set_modes', modes: { emoji_only: false, slow_seconds: 60, unique_seconds: 60 } });
  await send(gateway, { message: 'words' }, { token: jwt('nora') });
  await refused(gateway, 'send-message', 429, 'slow_mode', { body: '{"message":"more"}', token: jwt('nora') });
  await act(gateway, { action: 'set_modes', modes: { slow_seconds: 0 } });
  await refused(gateway, 'send-message', 422, 'repeated_message', { body: '{"message":"WORDS"}', token: jwt('nora') });
  const terms = { terms: [{ term: 'rascal', match: 'word', action: 'block', explanation: 'Be kind' }] };
  await call(gateway, 'moderation-put-terms', { body: JSON.stringify(terms) });
  await act(gateway, { action: 'set_modes', modes: { unique_seconds: 0, links: 'block' } });
  await refused(gateway, 'send-message', 422, 'term_blocked', { body: '{"message":"you r4scal"}', token: jwt('nora') });
  await refused(gateway, 'send-message', 422, 'link_blocked', { body: '{"message":"see example.org"}', token: jwt('nora') });
  await act(gateway, { action: 'set_modes', modes: { links: 'allow' } });
  await act(gateway, { action: 'shield', on: true, minutes: 5 });
  await act(gateway, { action: 'shield', on: false });
  const pages = `${gateway.url}/live-chat/messages?limit=1`;
  // A new minute may begin in between, with a new budget.
  for (let i = 0, status = 200; status === 200 && i < 700; i++) ({ status } = await fetch(pages, { headers: { authorization: `Bearer ${jwt('pam')}` } }));
  for (const id of ['messages', 'questions', 'polls', 'draws', 'entrants']) await refused(gateway, id, 429, 'rate_limited', { token: jwt('pam') });
});

test('every response and every code that is documented was seen', () => {
  const responses = operations.flatMap(({ operationId, path, method }) =>
    Object.keys(at('openapi.yaml', 'paths', path, method.toLowerCase(), 'responses').node).flatMap((status) => {
      const { content = {} } = at('openapi.yaml', 'paths', path, method.toLowerCase(), 'responses', status).node;
      return Object.keys(content).map((type) => `${operationId} ${status} ${type}`);
    }),
  );
  const excused = responses.filter((response) => response.slice(response.indexOf(' ') + 1) in UNSEEN_RESPONSES);
  allSeen(responses, seen.responses, Object.fromEntries(excused.map((response) => [response, true])));
  allSeen(openapi.components.schemas.ProblemCode.enum, seen.codes, { unavailable: NO_FAILURE });
});
