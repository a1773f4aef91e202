// `chat.moderate` and `chat.sessions`: the calls of staff, which viewers do not pay for.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { ACTS, CARRIED, OTHERS, SESSIONS } from '../../server/test/methods.mjs';
import { Moderation } from '../src/moderation.js';
import { Sessions } from '../src/sessions.js';
import { fakeChat, problem, settle } from './support.mjs';

/** A chat whose calls of staff are answered by `answer`, and the calls without the base URL. */
function staffChat(answer = () => ({ id: 'a1' }), options) {
  const fake = fakeChat(options);
  fake.rest.moderation = fake.rest.sessions = fake.rest.announcements = fake.rest.events = fake.rest.polls = fake.rest.draws = fake.rest.questions = answer;
  fake.made = () => fake.rest.calls.map(({ method, url, body }) => [method, url.replace('http://chat.test/live-chat/', ''), ...(body ? [body] : [])]);
  return fake;
}

test('there is a method for each of the calls of staff, and no other', () => {
  const methodsOf = ({ prototype }) => Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor').sort();
  const { chat } = staffChat();
  assert.deepEqual(Object.keys(chat.moderate).sort(), methodsOf(Moderation));
  assert.deepEqual(Object.keys(chat.sessions).sort(), methodsOf(Sessions));
  assert.equal(chat.moderate, chat.moderate);
});

test('each makes the call of the contract with the token of the user, before the chat is connected', async () => {
  const fake = staffChat();
  for (const [name, given, own, [method, path, fields]] of ACTS) {
    await fake.chat.moderate[name](...given, { ...own, ...CARRIED.options });
    // As JSON has it: without what is undefined, and with dates as texts.
    assert.deepEqual(fake.made().at(-1), [method, path, JSON.parse(JSON.stringify({ ...fields, ...CARRIED.fields }))], name);
  }
  for (const [name, given, call] of OTHERS) {
    await fake.chat.moderate[name](...given);
    assert.deepEqual(fake.made().at(-1), call, name);
  }
  for (const [name, given, [method, path, fields]] of SESSIONS) {
    await fake.chat.sessions[name](...given);
    assert.deepEqual(fake.made().at(-1), [method, path, ...(fields ? [JSON.parse(JSON.stringify(fields))] : [])], name);
  }
  assert.deepEqual([...new Set(fake.rest.calls.map(({ authorization }) => authorization))], ['Bearer opaque']);
  assert.equal(fake.chat.state, 'ended');
});

test('a viewer fetches nothing of it', async () => {
  const fetched = new Map();
  /** A module and all that it imports, but not what it imports on demand. */
  async function fetchModule(name) {
    if (fetched.has(name)) return;
    const source = await readFile(new URL(`../src/${name}`, import.meta.url), 'utf8');
    fetched.set(name, source);
    for (const [, next] of source.matchAll(/^(?:import|export) .* from '\.\/(.*)';$/gm)) await fetchModule(next);
  }
  await fetchModule('index.js');
  assert.ok(fetched.has('staff.js') && fetched.has('link.js'), 'the modules are found');
  for (const name of ['staff-calls.js', 'moderation.js', 'sessions.js', 'restored.js']) assert.ok(!fetched.has(name), name);
  assert.ok(gzipSync(fetched.get('staff.js')).length < 1_000, 'bytes that a viewer fetches for it');
});

test('an act whose outcome is not known is repeated under the same key', async () => {
  const answers = [new Error('no network'), problem(503, 'unavailable'), { id: 'a1' }];
  const fake = staffChat(() => answers.shift());
  const acting = fake.chat.moderate.ban('bob');
  await fake.clock.pass(30_000);
  assert.deepEqual(await acting, { id: 'a1' });
  const keys = fake.rest.calls.map(({ body }) => body.client_action_id);
  assert.equal(keys.length, 3);
  assert.match(keys[0], /./);
  assert.equal(new Set(keys).size, 1);
});

test('the third failure is the last', async () => {
  const fake = staffChat(() => problem(503, 'unavailable'));
  const refused = assert.rejects(fake.chat.moderate.log(), { name: 'ChatError', code: 'unavailable', status: 503 });
  await fake.clock.pass(60_000);
  await refused;
  assert.equal(fake.rest.calls.length, 3);
});

test('nobody waits longer than 15 s for another try', async () => {
  for (const [seconds, calls] of [[15, 3], [16, 1]]) {
    const headers = { 'Retry-After': String(seconds) };
    const fake = staffChat(() => new Response('{"code":"unavailable","detail":"later"}', { status: 503, headers }));
    const refused = assert.rejects(fake.chat.moderate.clear(), { code: 'unavailable', retryAfterMs: seconds * 1000 });
    await fake.clock.pass(60_000);
    await refused;
    assert.equal(fake.rest.calls.length, calls);
  }
});

test('a refusal is a ChatError with the problem as its cause, at once', async () => {
  const fake = staffChat(() => problem(409, 'conflict'));
  const error = await fake.chat.moderate.lift('bob').catch((error) => error);
  assert.deepEqual([error.name, error.code, error.status, error.cause.detail], ['ChatError', 'conflict', 409, 'conflict']);
  assert.equal(fake.rest.calls.length, 1);
});

test('a token that is refused is fetched again', async () => {
  let fetched = 0;
  const fake = staffChat((_, { Authorization }) => (Authorization === 'Bearer token-2' ? { id: 'a1' } : problem(401, 'unauthorized')), {
    token: () => `token-${++fetched}`,
  });
  assert.deepEqual(await fake.chat.moderate.ban('bob'), { id: 'a1' });
  assert.equal(fake.rest.calls[0].body.client_action_id, fake.rest.calls[1].body.client_action_id);
});

test('a list of terms is put over the one that was read', async () => {
  const asked = [];
  const answers = [
    new Response('{"terms":[]}', { headers: { ETag: '"7"' } }),
    new Response('{"id":"a1"}', { headers: { ETag: '"8"' } }),
  ];
  const fake = staffChat((_, headers) => (asked.push(headers['If-Match']), answers.shift()));
  const list = await fake.chat.moderate.terms();
  assert.deepEqual(list, { terms: [], etag: '"7"' });
  assert.deepEqual(await fake.chat.moderate.putTerms(list, { etag: list.etag }), { entry: { id: 'a1' }, etag: '"8"' });
  assert.deepEqual(asked, [undefined, '"7"']);
});

test('wrong arguments are an error, and no call', async () => {
  const fake = staffChat();
  const { moderate } = fake.chat;
  const cases = [
    [() => moderate.ban('bob', { deleteMesages: true }), /no option deleteMesages/],
    [() => moderate.ban('bob', { actingFor: { userId: 'mona' } }), /no option actingFor/],
    [() => moderate.ban(), /undefined is no id of a user/],
    [() => moderate.user('..'), /is no id/],
    [() => fake.chat.sessions.get(0), /0 is no id of a session/],
  ];
  for (const [call, sentence] of cases) {
    await assert.rejects(call, (error) => error instanceof TypeError && sentence.test(error.message), String(sentence));
  }
  await settle();
  assert.deepEqual(fake.rest.calls, []);
});
