// `node --test edge/` runs the code that CloudFront gets, with the stage filled in as CloudFormation does.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const source = readFileSync(new URL('./rewrite.js', import.meta.url), 'utf8');
const handler = new Function(`${source.replace('${StageName}', 'live')}; return handler;`)();

function request(uri, querystring = {}) {
  const query = Object.fromEntries(Object.entries(querystring).map(([name, value]) => [name, { value }]));
  return handler({ request: { method: 'GET', uri, querystring: query, headers: { upgrade: { value: 'websocket' } } } });
}

function query(uri, querystring) {
  const rewritten = request(uri, querystring);
  assert.equal(rewritten.uri, '/live');
  return Object.fromEntries(Object.entries(rewritten.querystring).map(([name, { value }]) => [name, value]));
}

test('the session of the path becomes the session_id of the query', () => {
  assert.deepEqual(query('/live-chat/ws/17'), { session_id: '17' });
});

test('the session of the path wins over any that the client names', () => {
  assert.deepEqual(query('/live-chat/ws/1', { session_id: '2', 'session%5Fid': '3', SESSION_ID: '4' }), { session_id: '1' });
});

test('token, ticket and batch stay as they are, and nothing else does', () => {
  const given = { token: 'a.b-_.c%2B', ticket: 't', batch: '1', other: 'x' };
  assert.deepEqual(query('/live-chat/ws/1', given), { session_id: '1', token: 'a.b-_.c%2B', ticket: 't', batch: '1' });
});

test('a parameter that is repeated reaches the API once', () => {
  const querystring = { token: { value: 'first', multiValue: [{ value: 'first' }, { value: 'second' }] } };
  const rewritten = handler({ request: { method: 'GET', uri: '/live-chat/ws/1', querystring, headers: {} } });
  assert.deepEqual(rewritten.querystring.token, { value: 'first' });
});

test('the headers of the handshake stay', () => {
  assert.deepEqual(request('/live-chat/ws/1').headers, { upgrade: { value: 'websocket' } });
});

test('everything else under the path is 404, in the shape of API Gateway', () => {
  for (const path of ['', 'abc', '1/', '1/2', '-1', '1.0', '1&token=x', '%31', '1%26session_id=2', '١', '../1', '1\n']) {
    const answer = request(`/live-chat/ws/${path}`, { token: 't' });
    assert.equal(answer.statusCode, 404, path);
    assert.equal(answer.body.data, '{"message":"Not Found"}');
  }
});

test('the text has one placeholder, for CloudFormation would fill in any other, too', () => {
  assert.deepEqual(source.match(/\$\{[^}]*\}/g), ['${StageName}']);
});
