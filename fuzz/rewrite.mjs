// The CloudFront function under random handshakes: it never throws, and nothing passes it but a token, a ticket, the wish for
// batches, and digits. `node fuzz/rewrite.mjs SECONDS [SEED]`; a failure prints the seed that repeats it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const [seconds = '20', seed = String(Date.now())] = process.argv.slice(2);
const source = readFileSync(new URL('../edge/rewrite.js', import.meta.url), 'utf8');
const handler = new Function(`${source.replace('${StageName}', 'live')}; return handler;`)();
const PASSED = ['session_id', 'token', 'ticket', 'batch'];

// mulberry32: small, and the same everywhere.
let state = Number(seed) >>> 0;
function random(below) {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
}
const pick = (list) => list[random(list.length)];

const PIECES = ['/live-chat/ws/', '/live-chat/ws', '/', '1', '42', '0', '١', '%31', '..', '\n', '\0', '?', '#', '&session_id=2', ' ', '-', '+1', 'é', '\ud800', '${StageName}', '//'];
const NAMES = [...PASSED, 'Token', 'session%5Fid', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'x', 'SESSION_ID'];
const VALUES = ['', '1', '2', 'a.b.c', 'x%26session_id=9', '&session_id=9', '\r\nx: y', '\0', '__proto__', 'é'.repeat(50)];

const some = (list, most) => Array.from({ length: random(most + 1) }, () => pick(list));
const path = () => (random(2) ? `/live-chat/ws/${random(1e9)}${some(PIECES, 1).join('')}` : some(PIECES, 6).join(''));

function querystring() {
  const query = random(4) ? {} : Object.create(null);
  for (const name of some(NAMES, 6)) {
    const value = { value: some(VALUES, 2).join('') };
    if (random(3) === 0) value.multiValue = [{ value: value.value }, { value: pick(VALUES) }];
    Object.defineProperty(query, name, { value, enumerable: true, configurable: true });
  }
  return query;
}

function check(event) {
  const uri = event.request.uri;
  const query = event.request.querystring;
  const headers = structuredClone(event.request.headers);
  const answer = handler(event);
  const session = uri.startsWith('/live-chat/ws/') ? uri.slice('/live-chat/ws/'.length) : '';
  const isSession = session !== '' && [...session].every((letter) => '0123456789'.includes(letter));
  if (!isSession) {
    assert.equal(answer.statusCode, 404);
    assert.equal(answer.body.data, '{"message":"Not Found"}');
    return false;
  }
  assert.equal(answer.uri, '/live');
  assert.deepEqual(answer.headers, headers);
  assert.equal(answer.querystring.session_id.value, session);
  for (const [name, value] of Object.entries(answer.querystring)) {
    assert.ok(PASSED.includes(name), name);
    assert.deepEqual(Object.keys(value), ['value'], 'a name has one value');
    if (name !== 'session_id') assert.equal(value.value, query[name].value);
  }
  for (const name of PASSED.slice(1)) {
    assert.equal(Object.hasOwn(answer.querystring, name), Object.hasOwn(query, name), name);
  }
  return true;
}

const end = Date.now() + Number(seconds) * 1000;
let runs = 0;
let passed = 0;
while (runs % 1000 !== 0 || Date.now() < end) {
  const request = { method: 'GET', uri: path(), querystring: querystring(), headers: { upgrade: { value: pick(VALUES) } } };
  const shown = JSON.stringify(request);
  try {
    if (check({ request })) passed += 1;
  } catch (error) {
    console.error(`seed ${seed}, run ${runs}: ${shown}`);
    throw error;
  }
  runs += 1;
}
assert.ok(passed > runs / 10 && passed < runs, `${passed} of ${runs} passed, so one side was hardly tried`);
console.log(`stat::number_of_executed_units: ${runs}`);
