// Events: what is signed by the chat is taken, and nothing else.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { verifyEvent, WebhookError } from '../src/index.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const SECONDS = 1_614_265_330;
const BODY = '{"type":"session.opened","timestamp":"2021-02-25T15:02:10Z","data":{"id":1}}';
const now = () => SECONDS * 1000;

const sign = (body = BODY, { secret = SECRET, id = 'opened-1', timestamp = String(SECONDS) } = {}) => {
  const key = Buffer.from(secret.slice(6), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
};
const refused = (message, ...args) => assert.throws(() => verifyEvent(...args, { now }), (error) => error instanceof WebhookError && message.test(error.message));

test('the example of the reference libraries is verified', () => {
  const headers = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  assert.deepEqual(verifyEvent('{"test": 2432232314}', headers, SECRET, { now }), { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', test: 2432232314 });
});

test('an event is what was sent, however its body and its headers are given', () => {
  const expected = { id: 'opened-1', ...JSON.parse(BODY) };
  for (const body of [BODY, Buffer.from(BODY), new TextEncoder().encode(BODY), new TextEncoder().encode(BODY).buffer]) {
    assert.deepEqual(verifyEvent(body, sign(), SECRET, { now }), expected);
  }
  assert.deepEqual(verifyEvent(BODY, new Headers(sign()), SECRET, { now }), expected);
  const letters = '{"type":"message.held","data":{"message":"schön 🎉"}}';
  assert.equal(verifyEvent(letters, sign(letters), SECRET, { now }).data.message, 'schön 🎉');
});

test('one secret of several, and one signature of several, are enough', () => {
  const both = { ...sign(), 'webhook-signature': `v1a,abc ${sign(BODY, { secret: OTHER })['webhook-signature']} ${sign()['webhook-signature']}` };
  for (const secret of [SECRET, OTHER, `${OTHER} ${SECRET}`, [SECRET, OTHER]]) {
    assert.equal(verifyEvent(BODY, both, secret, { now }).id, 'opened-1');
  }
  refused(/No signature/, BODY, sign(BODY, { secret: OTHER }), SECRET);
});

test('an event that is forged, altered or late is refused', () => {
  refused(/No signature/, `${BODY} `, sign(), SECRET);
  refused(/No signature/, JSON.stringify({ ...JSON.parse(BODY), data: { id: 2 } }), sign(), SECRET);
  refused(/No signature/, BODY, { ...sign(), 'webhook-id': 'opened-2' }, SECRET);
  refused(/No signature/, BODY, { ...sign(), 'webhook-timestamp': String(SECONDS + 1) }, SECRET);
  refused(/No signature/, BODY, { ...sign(), 'webhook-signature': sign()['webhook-signature'].replace('v1,', 'v2,') }, SECRET);
  refused(/No signature/, BODY, { ...sign(), 'webhook-signature': 'v1,' }, SECRET);
  for (const seconds of [SECONDS - 301, SECONDS + 301]) refused(/five minutes/, BODY, sign(BODY, { timestamp: String(seconds) }), SECRET);
  for (const seconds of [SECONDS - 300, SECONDS + 300]) verifyEvent(BODY, sign(BODY, { timestamp: String(seconds) }), SECRET, { now });
  refused(/cannot be read/, BODY, sign(BODY, { timestamp: '1e9' }), SECRET);
  for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
    const { [name]: _, ...rest } = sign();
    refused(new RegExp(name), BODY, rest, SECRET);
  }
  refused(/no JSON/, 'hello', sign('hello'), SECRET);
});

test('what the caller gives wrongly is an error of another kind, which shows no secret', () => {
  for (const secret of ['', undefined, 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_hush', `whsec_${Buffer.alloc(23).toString('base64')}`, []]) {
    assert.throws(() => verifyEvent(BODY, sign(), secret, { now }), (error) => error instanceof TypeError && !error.message.includes('hush'));
  }
  assert.throws(() => verifyEvent(JSON.parse(BODY), sign(), SECRET, { now }), /not what was parsed/);
});

test('Python signs as the chat does', () => {
  const program = `
import base64, hashlib, hmac, sys
key = base64.b64decode(sys.argv[1][6:])
print("v1," + base64.b64encode(hmac.new(key, f"{sys.argv[2]}.{sys.argv[3]}.{sys.argv[4]}".encode(), hashlib.sha256).digest()).decode(), end="")`;
  const signature = execFileSync('python3', ['-c', program, OTHER, 'held-1-a', String(SECONDS), BODY], { encoding: 'utf8' });
  const headers = { 'webhook-id': 'held-1-a', 'webhook-timestamp': String(SECONDS), 'webhook-signature': signature };
  assert.equal(verifyEvent(BODY, headers, OTHER, { now }).id, 'held-1-a');
});
