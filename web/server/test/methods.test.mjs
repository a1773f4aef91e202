// Every method makes the call of the contract, and resolves with its answer.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { LiveChatServer } from '../src/index.js';
import { Moderation } from '../src/moderation.js';
import { Sessions } from '../src/sessions.js';
import { ACTS, CARRIED, OTHERS, SESSIONS } from './methods.mjs';
import { partsOf, problem, SERVICE_SECRET, StubServer } from './support.mjs';

let stub;
let chat;
before(async () => {
  stub = await StubServer.start();
  chat = new LiveChatServer({ baseUrl: `${stub.url}/`, serviceSecret: SERVICE_SECRET, name: 'billing', retries: 0 });
});
after(() => stub.stop());

/** The call that the stub has received last. */
function lastCall() {
  const { method, url, body } = stub.calls.at(-1);
  return body === '' ? [method, url] : [method, url, body];
}
const wanted = ([method, path, ...body]) => [method, `/live-chat/${path}`, ...body];

test('every act makes its call, with what every act may carry', async () => {
  for (const [name, given, own, call] of ACTS) {
    const entry = { id: 'a1', action: call[2].action };
    stub.answers.push({ body: entry });
    const answer = await chat[name](...given, { ...own, ...CARRIED.options });
    const [method, path, fields] = wanted(call);
    assert.deepEqual(lastCall(), [method, path, { ...fields, ...CARRIED.fields }], name);
    const isList = name === 'delete' && Array.isArray(given[0]);
    assert.deepEqual(answer, isList ? { actions: [entry], refused: [] } : entry, name);
  }
});

/** Calls that resolve with what their answer has under a name. */
const WITHIN = { startPoll: 'poll', closePoll: 'poll', startDraw: 'draw', revealDraw: 'draw', redraw: 'draw' };

test('every other method makes its call', async () => {
  for (const [name, given, call] of OTHERS) {
    const body = WITHIN[name] ? { [WITHIN[name]]: { some: 'answer' } } : { some: 'answer' };
    stub.answers.push({ body, headers: { etag: '"7"' } });
    const answer = await chat[name](...given);
    assert.deepEqual(lastCall(), wanted(call), name);
    const answers = { terms: { some: 'answer', etag: '"7"' }, putTerms: { entry: { some: 'answer' }, etag: '"7"' } };
    assert.deepEqual(answer, answers[name] ?? { some: 'answer' }, name);
  }
});

test('every method of sessions makes its call, and resolves with the session', async () => {
  for (const [name, given, call] of SESSIONS) {
    const session = { id: 7, name: 'Now' };
    const page = { sessions: [session], next_before: null };
    stub.answers.push({ body: name === 'list' ? page : { session } });
    const answer = await chat.sessions[name](...given);
    assert.deepEqual(lastCall(), wanted(call), name);
    // Exports are texts: sessions.test.mjs reads them.
    if (!name.startsWith('export')) assert.deepEqual(answer, name === 'list' ? page : session, name);
  }
});

test('a session is opened once, however often the call is repeated', async () => {
  const patient = new LiveChatServer({ baseUrl: stub.url, serviceSecret: SERVICE_SECRET, retries: 1, random: () => 0 });
  stub.answers.push(problem(503, 'unavailable'), { body: { session: { id: 7 } } });
  assert.deepEqual(await patient.sessions.create({ name: 'Now' }), { id: 7 });
  const [first, second] = stub.calls.slice(-2).map(({ body }) => body.client_action_id);
  assert.match(first, /^[0-9a-f-]{36}$/);
  assert.equal(first, second);
});

test('the tables have every method', () => {
  const methodsOf = ({ prototype }) => Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor').sort();
  const namesIn = (table) => [...new Set(table.map(([name]) => name))].sort();
  assert.deepEqual(namesIn([...ACTS, ...OTHERS]), methodsOf(Moderation));
  assert.deepEqual(namesIn(SESSIONS), methodsOf(Sessions));
});

test('each act has a key of its own, and each call a fresh token of the service', async () => {
  await chat.ban('bob');
  await chat.ban('bob');
  const [first, second] = stub.calls.slice(-2);
  assert.match(first.body.client_action_id, /^[0-9a-f-]{36}$/);
  assert.notEqual(first.body.client_action_id, second.body.client_action_id);
  const { claims } = partsOf(first.headers.authorization.replace('Bearer ', ''));
  assert.deepEqual([claims.sub, claims.aud, claims.exp - claims.iat], ['billing', 'live-chat-service', 300]);
});

test('an act says for whom the server acts', async () => {
  await chat.ban('bob', { actingFor: { userId: 'mona', username: 'Mona' } });
  assert.deepEqual(lastCall()[2].acting_for, { user_id: 'mona', username: 'Mona' });
  await chat.sessions.end(7, { actingFor: { userId: 'mona' } });
  assert.deepEqual(lastCall()[2].acting_for, { user_id: 'mona' });
  await assert.rejects(chat.ban('bob', { actingFor: { username: 'Mona' } }), /actingFor needs the userId/);
  await assert.rejects(chat.log({ actingFor: { userId: 'mona' } }), /no option actingFor/);
});

test('a list of deleted messages is answered by a list, however many entries there are', async () => {
  const answer = { actions: [{ id: 'a1' }, { id: 'a2' }], refused: [{ id: '100000001', code: 'not_found' }] };
  stub.answers.push({ body: answer });
  assert.deepEqual(await chat.delete(Array.from({ length: 26 }, (_, nth) => nth)), answer);
});

/** The check of a `TypeError` with this sentence. */
const wrong = (sentence) => (error) => error instanceof TypeError && sentence.test(error.message);

test('what cannot be meant is an error, and no call', async () => {
  const before = stub.calls.length;
  const cases = [
    [() => chat.timeout('bob', { second: 60 }), /no option second/],
    [() => chat.ban('bob', { deleteMesages: true }), /no option deleteMesages/],
    [() => chat.ban(2 ** 53), /9007199254740992 is no id of a user: give it as a string/],
    [() => chat.note(1.5, 'text'), /1\.5 is no id/],
    [() => chat.ban(['bob', 2 ** 60]), /is no id of a user/],
    [() => chat.ban(), /undefined is no id of a user/],
    [() => chat.ban({ user_id: 'bob' }), /is no id of a user/],
    [() => chat.user(''), /"" is no id/],
    [() => chat.user('..'), /"\.\." is no id/],
    [() => chat.action(undefined), /"" is no id/],
    [() => chat.log({ session: 7 }), /no option session/],
    [() => chat.sessions.get('7'), /7 is no id of a session/],
    [() => chat.sessions.end(), /undefined is no id of a session/],
    [() => chat.sessions.end(7, { endTime: null }), /no option endTime/],
    [() => chat.sessions.create({ title: 'Now' }), /no option title/],
    [() => chat.sessions.list({ actingFor: { userId: 'mona' } }), /no option actingFor/],
  ];
  for (const [call, sentence] of cases) await assert.rejects(call, wrong(sentence), String(sentence));
  assert.equal(stub.calls.length, before);
});

test('an error has the status, the code and the problem of the answer', async () => {
  stub.answers.push(problem(409, 'conflict', { headers: { 'retry-after': '7' } }));
  await assert.rejects(chat.timeout('bob', { seconds: 60 }), {
    ...{ name: 'LiveChatError', code: 'conflict', status: 409, detail: 'Why: conflict', message: 'Why: conflict', retryAfter: 7 },
    problem: problem(409, 'conflict').body,
  });
  const answers = [
    [{ status: 404, body: { message: 'Not Found' } }, { code: 'http_404', status: 404, detail: 'Not Found', problem: undefined }],
    [{ status: 429, body: { message: 'Too Many Requests' } }, { code: 'rate_limited', retryAfter: undefined }],
    [{ status: 502, body: '<html>' }, { code: 'unavailable', detail: 'The chat answered with status 502' }],
    [{ status: 200, body: '<html>' }, { code: 'invalid_answer', status: 200 }],
    // A redirect may lead anywhere, and the token must not.
    [{ status: 307, body: '', headers: { location: `${stub.url}/elsewhere` } }, { code: 'http_307', status: 307 }],
    [{ status: 503, body: {}, headers: { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' } }, { code: 'unavailable', retryAfter: undefined }],
  ];
  for (const [answer, expected] of answers) {
    stub.answers.push(answer);
    await assert.rejects(chat.clear(), expected, JSON.stringify(answer));
  }
  assert.equal(stub.calls.filter(({ url }) => url === '/elsewhere').length, 0);
});

test('a list of terms is put only over the one that was read', async () => {
  const list = { terms: [{ action: 'block', match: 'word', term: 'scam' }] };
  const entry = { id: 'a1', action: 'put_terms', changes: { version: 8 } };
  stub.answers.push({ body: entry, headers: { etag: '"8"' } });
  assert.deepEqual(await chat.putTerms(list, { etag: '"7"' }), { entry, etag: '"8"' });
  assert.equal(stub.calls.at(-1).headers['if-match'], '"7"');
  const stale = problem(412, 'precondition_failed');
  const other = { terms: [{ term: 'spam', match: 'word', action: 'block' }], allow: [], link_domains: [] };
  stub.answers.push(stale, { body: other, headers: { etag: '"9"' } });
  await assert.rejects(chat.putTerms(list, { etag: '"7"' }), { code: 'precondition_failed', status: 412 });
  // The answer to the first try was lost: the list is there already.
  const same = { ...other, terms: [{ term: 'scam', match: 'word', action: 'block' }] };
  stub.answers.push(stale, { body: same, headers: { etag: '"9"' } });
  assert.deepEqual(await chat.putTerms(list, { etag: '"7"' }), { entry: null, etag: '"9"' });
});

test('wrong settings are an error at once', () => {
  const baseUrl = stub.url;
  const cases = [
    [{ token: 'x' }, /baseUrl/],
    [{ baseUrl: 'chat.example', token: 'x' }, /baseUrl/],
    [{ baseUrl: 'ftp://chat.example', token: 'x' }, /baseUrl/],
    [{ baseUrl: 'http://chat.example/?a=b', token: 'x' }, /baseUrl/],
    [{ baseUrl: 'http://a b', token: 'x' }, /baseUrl/],
    [{ baseUrl }, /needs a serviceSecret, or a token/],
    [{ baseUrl, token: ' ' }, /needs a serviceSecret, or a token/],
    [{ baseUrl, token: 'x', serviceSecret: 'y' }, /either serviceSecret or token/],
    [{ baseUrl, serviceSecret: '' }, /must not be empty/],
    [{ baseUrl, serviceSecret: 'y', name: '' }, /must have/],
    [{ baseUrl, token: 'x', retries: -1 }, /retries/],
    [{ baseUrl, token: 'x', timeoutMs: 0 }, /timeoutMs/],
    [{ baseUrl, token: 'x', timeout: 5 }, /no option timeout/],
  ];
  for (const [options, sentence] of cases) assert.throws(() => new LiveChatServer(options), wrong(sentence), JSON.stringify(options));
});
