// What is tried again, after which wait, and how long a call can take. Time is the test's.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { FakeClock, settle } from '../../client/test/support.mjs';
import { LiveChatServer } from '../src/index.js';
import { partsOf, problem, SERVICE_SECRET, StubServer } from './support.mjs';

const fails = (message) => Object.assign(new TypeError('fetch failed'), { cause: new Error(message) });
const answer = (status, body, headers = {}) => new Response(JSON.stringify(body), { status, headers });
const refused = ({ status, body, headers }) => answer(status, body, headers);
const never = (_, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

/** A chat whose `fetch` does what comes next in `next`: it answers a response, throws an error, or calls a function. */
function fakeServer(next, options = {}) {
  const clock = new FakeClock();
  const calls = [];
  const fetch = async (url, request) => {
    calls.push({ url, ...request, at: clock.now() });
    const what = next.length > 1 ? next.shift() : next[0];
    if (what instanceof Error) throw what;
    return typeof what === 'function' ? what(url, request) : what.clone();
  };
  const chat = new LiveChatServer({ baseUrl: 'http://chat.test', serviceSecret: SERVICE_SECRET, fetch, clock, random: () => 1, ...options });
  return { chat, clock, calls };
}

/** Starts a call and lets time pass until it has ended. */
async function outcome(clock, call) {
  let result;
  call.then((value) => (result = { value }), (error) => (result = { error }));
  for (let seconds = 0; result === undefined && seconds < 1_000; seconds += 1) await clock.pass(1_000);
  return result;
}

test('what may pass is tried again under the same key, with longer and longer waits', async () => {
  const crashed = answer(500, { message: 'Internal Server Error' });
  for (const failure of [fails('ECONNREFUSED'), refused(problem(503, 'unavailable')), crashed, answer(502, {}), answer(504, {}), answer(429, {})]) {
    const { chat, clock, calls } = fakeServer([failure, failure, failure, failure, answer(200, { id: 'a1' })]);
    assert.deepEqual(await outcome(clock, chat.ban('bob')), { value: { id: 'a1' } });
    assert.deepEqual(calls.slice(1).map(({ at }, nth) => at - calls[nth].at), [250, 500, 1000, 2000]);
    assert.equal(new Set(calls.map(({ body }) => JSON.parse(body).client_action_id)).size, 1, 'nothing happens twice');
  }
});

test('after the last try the error is told, with all that is known', async () => {
  const { chat, clock, calls } = fakeServer([refused(problem(503, 'unavailable', { headers: { 'retry-after': '1' } }))], { retries: 2 });
  const { error } = await outcome(clock, chat.log());
  assert.deepEqual([error.name, error.code, error.status, error.retryAfter, calls.length], ['LiveChatError', 'unavailable', 503, 1, 3]);
  const offline = fakeServer([fails('connect ECONNREFUSED')], { retries: 0 });
  const lost = await outcome(offline.clock, offline.chat.log());
  assert.deepEqual([lost.error.code, lost.error.status], ['network', undefined]);
  assert.equal(lost.error.detail, 'The chat cannot be reached: connect ECONNREFUSED');
  assert.equal(lost.error.cause.message, 'fetch failed');
});

test('no try comes before Retry-After, and none at all if that is longer than a minute', async () => {
  const { chat, clock, calls } = fakeServer([refused(problem(429, 'rate_limited', { headers: { 'retry-after': '40' } })), answer(200, {})]);
  assert.deepEqual(await outcome(clock, chat.log()), { value: {} });
  assert.equal(calls[1].at - calls[0].at, 40_250);
  const far = fakeServer([refused(problem(429, 'rate_limited', { headers: { 'retry-after': '61' } }))]);
  assert.equal((await outcome(far.clock, far.chat.log())).error.retryAfter, 61);
  assert.equal(far.calls.length, 1);
});

test('what is refused for good is not tried again', async () => {
  for (const status of [400, 401, 403, 404, 409, 412, 413]) {
    const { chat, clock, calls } = fakeServer([refused(problem(status, 'some_code'))]);
    const { error } = await outcome(clock, chat.ban('bob'));
    assert.deepEqual([error.code, error.status, calls.length], ['some_code', status, 1]);
  }
});

test('a try that takes too long is given up, and counts as one that failed', async () => {
  const { chat, clock, calls } = fakeServer([never, answer(200, {})], { timeoutMs: 5_000 });
  assert.deepEqual(await outcome(clock, chat.log()), { value: {} });
  assert.equal(calls[1].at - calls[0].at, 5_250);
  assert.equal(calls[0].signal.aborted, true);
  const slow = fakeServer([never], { timeoutMs: 5_000, retries: 1 });
  const { error } = await outcome(slow.clock, slow.chat.log());
  assert.deepEqual([error.name, error.code, error.detail], ['LiveChatError', 'timeout', 'The chat did not answer within 5000 ms']);
});

test('an answer whose body never ends is given up as well', async () => {
  const stuck = (_, { signal }) => ({ status: 200, headers: new Headers(), text: () => never(_, { signal }) });
  const { chat, clock } = fakeServer([stuck], { timeoutMs: 5_000, retries: 0 });
  assert.equal((await outcome(clock, chat.log())).error.code, 'timeout');
});

test('the caller can end a call, at a try and in a wait, and before it begins', async () => {
  const reason = new Error('the moderator left');
  for (const next of [never, answer(503, {}, { 'retry-after': '40' })]) {
    const ending = new AbortController();
    const { chat, clock, calls } = fakeServer([next]);
    const call = chat.ban('bob', { signal: ending.signal });
    await settle();
    ending.abort(reason);
    assert.equal((await outcome(clock, call)).error, reason);
    assert.deepEqual(clock.waits, []);
    await clock.pass(60_000);
    assert.equal(calls.length, 1);
  }
  const { chat, calls } = fakeServer([answer(200, {})]);
  await assert.rejects(chat.ban('bob', { signal: AbortSignal.abort(reason) }), reason);
  assert.equal(calls.length, 0);
});

test('a call that has ended leaves no timer and no listener', async () => {
  const ending = new AbortController();
  let listeners = 0;
  const { signal } = ending;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...details) => (listeners += 1, add(...details));
  signal.removeEventListener = (...details) => (listeners -= 1, remove(...details));
  const { chat, clock } = fakeServer([answer(503, {}), answer(200, {})]);
  assert.deepEqual(await outcome(clock, chat.log({ signal })), { value: {} });
  assert.deepEqual([clock.waits, listeners], [[], 0]);
});

test('a token of a service is made for each try, at its time', async () => {
  const later = refused(problem(503, 'unavailable', { headers: { 'retry-after': '60' } }));
  const { chat, clock, calls } = fakeServer([later, answer(200, {})], { random: () => 0 });
  await outcome(clock, chat.log());
  const issued = calls.map(({ headers }) => partsOf(headers.Authorization.slice(7)).claims.iat);
  assert.equal(issued[1] - issued[0], 60);
});

test('a token that is refused is fetched again, once', async () => {
  const unauthorized = refused(problem(401, 'unauthorized'));
  let fetched = 0;
  const token = async () => `token ${++fetched}`;
  const renewed = fakeServer([unauthorized, answer(200, {})], { serviceSecret: undefined, token });
  assert.deepEqual(await outcome(renewed.clock, renewed.chat.log()), { value: {} });
  assert.deepEqual(renewed.calls.map(({ headers }) => headers.Authorization), ['Bearer token 1', 'Bearer token 2']);
  for (const [source, calls] of [[token, 2], [() => 'the same', 1], ['fixed', 1]]) {
    const fake = fakeServer([unauthorized], { serviceSecret: undefined, token: source });
    assert.equal((await outcome(fake.clock, fake.chat.log())).error.code, 'unauthorized');
    assert.equal(fake.calls.length, calls);
  }
});

test('a token function that fails, or gives none, is told as such', async () => {
  const signedOut = () => Promise.reject(new Error('signed out'));
  for (const [token, why] of [[signedOut, 'signed out'], [() => undefined, 'the token function gave none']]) {
    const { chat, clock, calls } = fakeServer([answer(200, {})], { serviceSecret: undefined, token });
    const { error } = await outcome(clock, chat.log());
    assert.deepEqual([error.code, error.detail, calls.length], ['token_unavailable', `No token could be fetched: ${why}`, 0]);
  }
  const hanging = fakeServer([answer(200, {})], { serviceSecret: undefined, token: () => new Promise(() => {}), retries: 0 });
  assert.equal((await outcome(hanging.clock, hanging.chat.log())).error.code, 'timeout');
});

let stub;
before(async () => (stub = await StubServer.start()));
after(() => stub.stop());

test('a connection that is cut on the way is tried again, over real sockets', async () => {
  const chat = new LiveChatServer({ baseUrl: stub.url, serviceSecret: SERVICE_SECRET, random: () => 0 });
  stub.answers.push(null, { body: { id: 'a1' } });
  assert.deepEqual(await chat.ban('bob'), { id: 'a1' });
  const [first, second] = stub.calls;
  assert.deepEqual(second.body, first.body);
});

test('a real time-out ends the request', async () => {
  const chat = new LiveChatServer({ baseUrl: stub.url, serviceSecret: SERVICE_SECRET, timeoutMs: 50, retries: 0 });
  stub.answers.push(() => new Promise(() => {}));
  await assert.rejects(chat.clear(), { code: 'timeout' });
});
