// docs/openapi.yaml and docs/asyncapi.yaml against the running gateway: every call, every status, every frame in both directions.
// What is seen must be documented, and what is documented must be seen, but for the exceptions that are named here.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import WebSocket from 'ws';
import { parse } from 'yaml';

import { Gateway } from './gateway.mjs';

const NO_THROTTLE = 'the local gateway has no throttle';
const NO_CRASH = 'no function of the local run crashes or takes too long';
const NO_FAILURE = 'the embedded DynamoDB does not fail';
const UNSEEN_RESPONSES = {
  '429 application/json': NO_THROTTLE,
  '500 application/json': NO_CRASH,
  '503 application/json': NO_CRASH,
  '503 application/problem+json': NO_FAILURE,
};
const UNSEEN_REFUSALS = { 502: NO_CRASH, 503: NO_FAILURE, 504: NO_CRASH };
const UNSEEN_CLOSE_CODES = { 1007: 'the client library sends UTF-8 only', 1002: 'the client library keeps the protocol' };
const UNSEEN_MESSAGES = { gateway_error: NO_CRASH };
const UNSEEN_CODES = {
  unavailable: NO_FAILURE,
  'unavailable on a socket': NO_FAILURE,
  'unauthorized on a socket': 'a socket is forgotten by a crash only',
  'not_found on a socket': 'a retention has at least a day',
};
const read = (file) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const openapi = parse(read('docs/openapi.yaml'));
const asyncapi = parse(read('docs/asyncapi.yaml'));
const documents = { 'openapi.yaml': openapi, 'asyncapi.yaml': asyncapi };
const operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
);
const channel = asyncapi.channels.session;
const messages = asyncapi.components.messages;

const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
addFormats(ajv);
// Ajv takes a whole document for a schema, in which it would not know these words.
ajv.addVocabulary([...new Set(Object.values(documents).flatMap(Object.keys))]);
for (const [file, document] of Object.entries(documents)) ajv.addSchema(document, file);

/** What stands at a path of names in a document, and its address, with every reference on the way followed. */
function at(file, ...names) {
  let found = { address: `${file}#`, node: documents[file], file };
  for (const name of names) {
    const address = `${found.address}/${encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))}`;
    found = { ...found, address, node: found.node?.[name] };
    if (found.node?.$ref) found = follow(found.file, found.node.$ref);
  }
  return found;
}

function follow(file, reference) {
  const [other, pointer] = reference.split('#');
  const names = pointer.split('/').slice(1);
  return at(other || file, ...names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~')));
}

const validatorOf = ({ address }) => ajv.getSchema(address) ?? ajv.compile({ $ref: address });

function fits(schema, value, what) {
  assert.ok(schema.node, `${what}: nothing is documented at ${schema.address}`);
  const validate = validatorOf(schema);
  assert.ok(validate(value), `${what} ${JSON.stringify(value)}: ${ajv.errorsText(validate.errors)}`);
}

/** Every node of a document with the names that lead to it. */
function* nodes(node, names = []) {
  if (node === null || typeof node !== 'object') return;
  yield [node, names];
  for (const [name, child] of Object.entries(node)) yield* nodes(child, [...names, name]);
}
const everything = Object.entries(documents).flatMap(([file, document]) =>
  [...nodes(document)].map(([node, names]) => ({ file, node, names })),
);

const SECRET = 'a secret of this test, which is long enough for HS256';
function jwt(sub, { expires_in = 3600, ...claims } = {}) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + expires_in;
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub, exp, ...claims })}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}
const ALICE = jwt('alice', { name: 'Alice', picture: 'https://example.org/alice.png', badge: 'gold', roles: ['host'] });
const BOB = jwt('bob');

const seen = { responses: new Set(), codes: new Set(), refusals: new Set(), closeCodes: new Set() };
const frames = Object.fromEntries(Object.keys(messages).map((name) => [name, []]));

/** Makes a call and holds the answer to its documentation. */
async function call(gateway, id, { token = ALICE, query = {}, message_id = 100000001, body, type = 'application/json', method } = {}) {
  const operation = operations.find((operation) => operation.operationId === id);
  const { path } = operation;
  const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(body !== undefined && { 'content-type': type }) };
  const url = `${gateway.url}${path.replace('{message_id}', message_id)}?${new URLSearchParams(query)}`;
  const reply = await fetch(url, { method: method ?? operation.method, headers, body });
  const answer = await reply.json();
  const what = `${id} ${reply.status}`;
  const place = ['openapi.yaml', 'paths', path, operation.method.toLowerCase()];
  const response = [...place, 'responses', String(reply.status)];
  const mediaType = reply.headers.get('content-type');
  fits(at(...response, 'content', mediaType, 'schema'), answer, what);
  const documented = Object.keys(at(...response).node.headers ?? {});
  for (const name of documented) {
    const header = at(...response, 'headers', name);
    const value = reply.headers.get(name);
    const needed = header.node.required || mediaType === 'application/problem+json';
    assert.ok(value !== null || !needed, `${what} comes without ${name}`);
    const typed = header.node.schema.type === 'integer' ? Number(value) : value;
    if (value !== null) fits(at(...response, 'headers', name, 'schema'), typed, `${what} ${name}`);
  }
  for (const name of ['Cache-Control', 'Retry-After', 'WWW-Authenticate', 'Location', 'Set-Cookie']) {
    assert.ok(documented.includes(name) || !reply.headers.has(name), `${what} comes with ${name}`);
  }
  if (reply.ok && body !== undefined) fits(at(...place, 'requestBody', 'content', type, 'schema'), JSON.parse(body), `${id} takes`);
  if (answer.code) {
    assert.equal(answer.status, reply.status);
    seen.codes.add(answer.code);
  }
  seen.responses.add(`${id} ${reply.status} ${mediaType}`);
  return { ...answer, http: reply.status };
}

const send = (gateway, message, options) => call(gateway, 'send-message', { body: JSON.stringify(message), ...options });

/** Makes a call that must be refused with this status and this code. */
async function refused(gateway, id, http, code, options) {
  const answer = await call(gateway, id, options);
  assert.deepEqual([answer.http, answer.code], [http, code], `${id} ${JSON.stringify(options)}`);
}

const HANDSHAKE = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };

/** Asks for a socket that must be refused with this status. */
async function noSocket(gateway, status, { session = 1, query = {}, headers = HANDSHAKE } = {}) {
  const [reply] = await once(get(`${gateway.url}/live-chat/ws/${session}?${new URLSearchParams(query)}`, { headers }), 'response');
  let body = '';
  for await (const chunk of reply) body += chunk;
  assert.equal(reply.statusCode, status);
  const payload = at('asyncapi.yaml', 'channels', 'session', 'x-refusals', String(status), 'payload');
  assert.ok(channel['x-refusals'][status], `${status} is documented`);
  if (payload.node) fits(payload, JSON.parse(body), `refusal ${status}`);
  else assert.equal(body, '');
  seen.refusals.add(status);
}

class Socket {
  static async open(gateway, token, { query = { token }, protocols = [] } = {}) {
    const socket = new Socket();
    fits(at('asyncapi.yaml', 'channels', 'session', 'bindings', 'ws', 'query'), query, 'query');
    const offered = protocols.length ? { 'Sec-WebSocket-Protocol': protocols.join(', ') } : {};
    fits(at('asyncapi.yaml', 'channels', 'session', 'bindings', 'ws', 'headers'), offered, 'headers');
    socket.frames = [];
    socket.ws = new WebSocket(`${gateway.url.replace('http', 'ws')}/live-chat/ws/1?${new URLSearchParams(query)}`, protocols);
    socket.ws.on('message', (data, isBinary) => {
      assert.ok(!isBinary);
      socket.hear(JSON.parse(data));
    });
    socket.closed = once(socket.ws, 'close').then(([code]) => {
      seen.closeCodes.add(code);
      return code;
    });
    await once(socket.ws, 'open');
    return socket;
  }

  hear(frame) {
    this.frames.push(frame);
    const name = Object.keys(messages).find((name) => at('asyncapi.yaml', 'components', 'messages', name, 'payload').node.properties.type?.const === frame.type);
    frames[name ?? 'gateway_error'].push(frame);
    if (frame.type === 'error') seen.codes.add(`${frame.code} on a socket`);
    if (frame.type === 'batch') frame.events.forEach((event) => this.hear(event));
  }

  /** Sends a frame as it is documented. */
  say(frame) {
    frames[frame.type].push(frame);
    this.ws.send(JSON.stringify(frame));
  }

  /** The first frame, past or future, that has these fields. */
  async until(fields) {
    const signal = AbortSignal.timeout(90_000);
    const found = () => this.frames.find((frame) => Object.entries(fields).every(([name, value]) => frame[name] === value));
    while (!found()) await once(this.ws, 'message', { signal });
    return found();
  }
}

let gateway;
let disabled;
let ending;

before(async () => {
  ending = endOfSession();
  // It is awaited by the last test but one; until then nobody looks at its failure.
  ending.catch(() => {});
  gateway = await Gateway.start({ settings: { JWT_SECRET: SECRET }, clock: true });
  disabled = await Gateway.start({ settings: { JWT_SECRET: SECRET, LIVE_CHAT_ENABLED: 'false' } });
});
after(() => Promise.all([gateway?.stop(), disabled?.stop()]));

test('openapi.yaml is an OpenAPI document', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(openapi));
  assert.ok(valid, JSON.stringify(errors));
});

test('asyncapi.yaml is an AsyncAPI document', () => {
  const schema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json');
  // The specification's own schema is in an older draft and uses keywords of its own.
  const older = new Ajv({ strict: false });
  addFormats(older);
  assert.ok(older.validate(schema, asyncapi), older.errorsText());
});

test('every reference leads somewhere, and every component is used', () => {
  const used = new Set();
  for (const { file, node, names } of everything.filter(({ node }) => typeof node.$ref === 'string')) {
    const target = follow(file, node.$ref);
    assert.ok(target.node, `${file} ${names.join('/')} refers to ${node.$ref}`);
    used.add(node.$ref.startsWith('#') ? file + node.$ref : node.$ref);
  }
  for (const { file, names } of everything.filter(({ names }) => names.length === 3 && names[0] === 'components')) {
    if (names[1] === 'securitySchemes' && file === 'openapi.yaml') continue;
    assert.ok(used.has(`${file}#/${names.join('/')}`), `${file} uses ${names.join('/')}`);
  }
});

test('no word lost its value', () => {
  // In YAML's braces a comma ends a sentence, and the rest of it becomes a word without a value.
  for (const { file, node, names } of everything.filter(({ names }) => !names.includes('examples'))) {
    for (const [word, value] of Object.entries(node)) assert.notEqual(value, null, `${file} ${names.join('/')} ${word}`);
  }
});

test('every schema compiles, and every object that the chat makes is closed', () => {
  const theirs = ['SendMessage', 'MessageFrame', 'PingFrame', 'ResumeFrame'];
  for (const { file, names, node } of everything.filter(({ names }) => names[0] === 'components' && names[1] === 'schemas')) {
    if (names.length === 3) assert.ok(ajv.compile({ $ref: at(file, ...names).address }));
    if (node.type !== 'object' || theirs.includes(names[2])) continue;
    assert.equal(node.additionalProperties, false, `${file} ${names.join('/')}`);
    const optional = Object.keys(node.properties).filter((name) => !node.required.includes(name));
    assert.deepEqual(optional, names[2] === 'ErrorFrame' ? ['client_message_id', 'retry_after_ms'] : []);
  }
});

test('every example fits its schema, and every body and every message has one', () => {
  let examples = 0;
  for (const { file, node, names } of everything) {
    const own = node.schema ? Object.values(node.examples ?? {}).map(({ value }) => value) : [];
    if (node.schema && node.example !== undefined) own.push(node.example);
    for (const value of own) fits(at(file, ...names, 'schema'), value, names.join('/'));
    const inSchema = names[1] === 'schemas' && Array.isArray(node.examples) ? node.examples : [];
    for (const value of inSchema) fits(at(file, ...names), value, names.join('/'));
    if (names.at(-2) === 'content') assert.ok(own.length > 0, names.join('/'));
    examples += own.length + inSchema.length;
  }
  for (const [name, message] of Object.entries(messages)) {
    assert.ok(message.examples.length > 0, name);
    for (const { payload } of message.examples) fits(at('asyncapi.yaml', 'components', 'messages', name, 'payload'), payload, name);
    examples += message.examples.length;
  }
  assert.ok(examples > 50, `${examples} examples`);
});

test('the operations are the functions and routes of the template', () => {
  // CloudFormation's own tags do not matter here.
  const { Resources: resources } = parse(read('template.yaml'), { logLevel: 'silent' });
  const functions = Object.values(resources).filter((resource) => resource.Type === 'AWS::Serverless::Function');
  const routes = functions.flatMap(({ Metadata, Properties }) =>
    Object.values(Properties.Events ?? {})
      .filter((event) => event.Type === 'HttpApi')
      .map((event) => `${Metadata.BuildProperties.Binary} ${event.Properties.Method} ${event.Properties.Path}`),
  );
  assert.deepEqual(operations.map(({ operationId, method, path }) => `${operationId} ${method} ${path}`).sort(), routes.sort());
  const names = functions.map(({ Metadata }) => Metadata.BuildProperties.Binary);
  assert.deepEqual(Object.keys(asyncapi.operations).filter((name) => !names.includes(name)), []);
});

test('every call succeeds as documented', async () => {
  assert.equal((await call(gateway, 'messages')).messages.length, 0);
  const first = await send(gateway, { message: ' <b>Grüße</b> 👋\n\tתודה ', client_message_id: 'k1' });
  assert.deepEqual([first.duplicate, first.message_id], [false, 100000001]);
  assert.equal((await send(gateway, { message: 'Grüße', client_message_id: 'k1' })).duplicate, true);
  assert.equal((await send(gateway, { message: 'hi', client_message_id: null }, { token: BOB, query: { session_id: 1 } })).http, 200);
  for (const again of [false, true]) {
    assert.equal((await call(gateway, 'like')).already_liked, again);
    assert.equal((await call(gateway, 'like-message')).already_liked, again);
  }
  for (const id of ['status', 'viewers', 'likes', 'stats']) {
    assert.equal((await call(gateway, id)).http, 200);
    assert.equal((await call(gateway, id, { query: { session_id: 1 } })).http, 200);
  }
  for (const [query, found] of [[{}, 2], [{ limit: 1 }, 1], [{ before: 100000002 }, 1], [{ after: 100000001, limit: 100 }, 1]]) {
    assert.equal((await call(gateway, 'messages', { query })).messages.length, found);
  }
  assert.equal((await call(gateway, 'delete-message', { message_id: 100000002 })).http, 200);
});

test('every call is refused as documented', async () => {
  for (const { operationId: id } of operations) {
    const body = id === 'send-message' ? '{"message":"hi"}' : undefined;
    await refused(gateway, id, 401, 'unauthorized', { body, token: null });
    await refused(gateway, id, 401, 'unauthorized', { body, token: jwt('late', { expires_in: -3600 }) });
    await refused(gateway, id, 400, 'invalid_request', { body, query: { session_id: 'x' } });
    await refused(gateway, id, 404, 'not_found', { body, query: { session_id: 99 } });
    await refused(gateway, id, 404, undefined, { method: 'PUT' });
    if (id !== 'status') await refused(disabled, id, 403, 'chat_not_active', { body });
  }
  assert.equal((await call(disabled, 'status')).enabled, false);
  for (const query of [{ limit: 0 }, { limit: 101 }, { before: 'x' }, { after: 200000001 }, { before: 100000001, after: 100000001 }]) {
    await refused(gateway, 'messages', 400, 'invalid_request', { query });
  }
  for (const id of ['like-message', 'delete-message']) {
    await refused(gateway, id, 400, 'invalid_request', { message_id: 'x' });
    await refused(gateway, id, 404, 'not_found', { message_id: 100000099 });
  }
  await refused(gateway, 'delete-message', 403, 'forbidden', { token: BOB });
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
});

test('every frame is answered and every event is heard as documented', async () => {
  const alice = await Socket.open(gateway, ALICE);
  const dora = await Socket.open(gateway, null, { query: {}, protocols: ['bearer', jwt('dora')] });
  const batching = await Socket.open(gateway, null, { query: { token: jwt('emil'), batch: '1' } });
  assert.equal(dora.ws.protocol, 'bearer');
  alice.say({ type: 'message', message: 'Hello', client_message_id: 'c1' });
  const { message_id } = await alice.until({ type: 'ack', client_message_id: 'c1' });
  alice.say({ type: 'message', message: 'Hello', client_message_id: 'c1' });
  await alice.until({ type: 'ack', duplicate: true });
  alice.say({ type: 'message', message: 'no key' });
  await alice.until({ type: 'ack', client_message_id: null });
  alice.say({ type: 'ping' });
  await alice.until({ type: 'pong' });
  alice.say({ type: 'resume', after: 0 });
  await alice.until({ type: 'resumed', complete: true });
  await Promise.all([call(gateway, 'like', { token: BOB }), call(gateway, 'like-message', { message_id, token: BOB })]);
  for (const type of ['new_message', 'session_like_update', 'message_like_update', 'viewer_count_update']) await dora.until({ type });
  await call(gateway, 'delete-message', { message_id });
  await dora.until({ type: 'message_deleted', message_id });
  // Whether two events meet in one flush is chance: some bursts make it certain enough.
  for (let burst = 0; burst < 5 && frames.batch.length === 0; burst++) {
    await Promise.all(Array.from({ length: 8 }, (_, i) => send(gateway, { message: `${burst}`, client_message_id: `${burst}` }, { token: jwt(`fan${i}`) })));
    await dora.until({ type: 'new_message' });
  }
  await batching.until({ type: 'batch' });
});

test('a frame that cannot be served is answered as documented', async () => {
  const socket = await Socket.open(gateway, jwt('gus'));
  for (const text of ['no json', '[]', '{"type":"like"}', '{"type":"resume","after":-1}']) socket.ws.send(text);
  await socket.until({ type: 'error', code: 'invalid_request' });
  socket.say({ type: 'message', message: ' ', client_message_id: 'empty' });
  await socket.until({ type: 'error', code: 'invalid_message', client_message_id: 'empty' });
  for (let i = 0; i < 11; i++) socket.say({ type: 'message', message: `${i}`, client_message_id: `${i}` });
  await socket.until({ type: 'error', code: 'rate_limited' });
  // A minute of the clock may begin in between, with a budget of its own.
  for (let i = 0; i < 122; i++) socket.say({ type: 'ping' });
  assert.equal(await socket.closed, 1000, 'after more than 60 frames in a minute');
});

test('a socket ends with its token', async () => {
  // Three seconds are left of the minute of leeway.
  const token = jwt('hal', { expires_in: -57 });
  const [socket, silent] = await Promise.all([Socket.open(gateway, token), Socket.open(gateway, token)]);
  await gateway.pass(3_500);
  socket.say({ type: 'ping' });
  await socket.until({ type: 'error', code: 'token_expired' });
  // Housekeeping comes each minute.
  await silent.until({ type: 'error', code: 'token_expired' });
  assert.equal(await silent.closed, 1000);
});

test('a handshake is refused as documented', async () => {
  await noSocket(gateway, 401);
  await noSocket(gateway, 401, { query: { token: 'x' } });
  await noSocket(disabled, 403, { query: { token: ALICE } });
  for (const session of ['99', 'x']) await noSocket(gateway, 404, { session, query: { token: ALICE } });
  await noSocket(gateway, 414, { query: { token: 'x'.repeat(4096) } });
  await noSocket(gateway, 426, { headers: {} });
  await noSocket(gateway, 400, { headers: { ...HANDSHAKE, 'sec-websocket-key': 'short' } });
  const token = jwt('ida');
  const ten = await Promise.all(Array.from({ length: 10 }, () => Socket.open(gateway, token)));
  await noSocket(gateway, 429, { query: { token } });
  ten[0].ws.send(Buffer.from('binary'));
  assert.equal(await ten[0].closed, 1003);
  ten[1].ws.send('x'.repeat(32 * 1024 + 1));
  assert.equal(await ten[1].closed, 1009);
});

/** A session that ends at a full minute: the shortest end that settings can make. */
async function endOfSession() {
  // The full minute after the next: enough time for what comes before the end.
  const rest = 120_000 - (Date.now() % 60_000);
  const draw = new Date(Date.now() + rest);
  const settings = {
    JWT_SECRET: SECRET,
    LIVE_CHAT_SCHEDULE: 'daily',
    DRAW_TIMEZONE: 'UTC',
    DRAW_TIME_HOUR: String(draw.getUTCHours()),
    DRAW_TIME_MINUTE: String(draw.getUTCMinutes()),
    LIVE_CHAT_PRE_DRAW_HOURS: '1',
    LIVE_CHAT_POST_DRAW_HOURS: '0',
  };
  const brief = await Gateway.start({ settings, clock: true });
  try {
    const socket = await Socket.open(brief, ALICE);
    socket.say({ type: 'message', message: 'the last word' });
    await socket.until({ type: 'ack' });
    assert.equal((await call(brief, 'status')).is_active, true);
    await brief.pass(rest + 100);
    socket.say({ type: 'message', message: 'too late' });
    await socket.until({ type: 'error', code: 'chat_not_active' });
    const { session } = await call(brief, 'status');
    assert.equal(session, null);
    const query = { session_id: 1 };
    assert.equal((await call(brief, 'status', { query })).is_active, false);
    assert.equal((await call(brief, 'messages', { query })).messages.length, 1);
    await refused(brief, 'messages', 403, 'chat_not_active');
    await refused(brief, 'like', 403, 'chat_not_active', { query });
    await refused(brief, 'delete-message', 403, 'chat_not_active', { query });
    await noSocket(brief, 403, { query: { token: ALICE } });
    await socket.until({ type: 'session_ended', session_id: 1 });
    assert.equal(await socket.closed, 1000);
  } finally {
    await brief.stop();
  }
}

test('a session ends as documented', () => ending);

test('a gateway that stops says so', async () => {
  const socket = await Socket.open(gateway, jwt('jo'));
  await gateway.stop();
  assert.equal(await socket.closed, 1001);
});

for (const name of Object.keys(messages)) {
  test(`every frame "${name}" fits its schema`, () => {
    const validate = validatorOf(at('asyncapi.yaml', 'components', 'messages', name, 'payload'));
    for (const frame of frames[name]) {
      validate(frame);
      const wrong = (validate.errors ?? []).map((error) => error.instancePath);
      assert.deepEqual(wrong, [], `${JSON.stringify(frame)}: ${ajv.errorsText(validate.errors)}`);
    }
  });
}

test('every response, code, refusal, close code and message that is documented was seen', () => {
  const compare = (documented, found, unseen) => {
    const missing = documented.filter((name) => !found.has(name));
    assert.deepEqual(missing.sort(), Object.keys(unseen).sort());
  };
  const responses = operations.flatMap(({ operationId, path, method }) =>
    Object.keys(at('openapi.yaml', 'paths', path, method.toLowerCase(), 'responses').node).flatMap((status) => {
      const { content } = at('openapi.yaml', 'paths', path, method.toLowerCase(), 'responses', status).node;
      return Object.keys(content).map((type) => `${operationId} ${status} ${type}`);
    }),
  );
  const excused = responses.filter((response) => response.slice(response.indexOf(' ') + 1) in UNSEEN_RESPONSES);
  compare(responses, seen.responses, Object.fromEntries(excused.map((response) => [response, true])));
  const socketCodes = at('asyncapi.yaml', 'components', 'schemas', 'ErrorCode').node.enum.map((code) => `${code} on a socket`);
  compare([...openapi.components.schemas.ProblemCode.enum, ...socketCodes], seen.codes, UNSEEN_CODES);
  compare(Object.keys(channel['x-refusals']), new Set([...seen.refusals].map(String)), UNSEEN_REFUSALS);
  compare(Object.keys(channel['x-close-codes']), new Set([...seen.closeCodes].map(String)), UNSEEN_CLOSE_CODES);
  compare(Object.keys(messages), new Set(Object.keys(frames).filter((name) => frames[name].length > 0)), UNSEEN_MESSAGES);
});
