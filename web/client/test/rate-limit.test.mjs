// The rate limit of a real gateway, which counts a sliding minute of real time: so this test takes one.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import WebSocket from 'ws';

import { Gateway } from '../../../tests/clients/gateway.mjs';
import { LiveChat } from '../src/index.js';
import { record, SECRET, token } from './support.mjs';

test('the rate limit is waited for', { timeout: 120_000 }, async () => {
  const settings = { JWT_SECRET: SECRET, LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE: '2' };
  const gateway = await Gateway.start({ settings });
  const ann = new LiveChat({ baseUrl: gateway.url, token: token('ann'), WebSocket });
  try {
    await ann.connect();
    const heard = record(ann);
    const started = Date.now();
    const acks = await Promise.all(['one', 'two', 'three'].map((text) => ann.sendMessage(text)));
    assert.ok(Date.now() - started > 50_000, 'the third one has waited for its minute');
    assert.equal(new Set(acks.map(({ message_id }) => message_id)).size, 3);
    assert.deepEqual([heard.failed, heard.error], [[], []]);
  } finally {
    ann.close();
    await gateway.stop();
  }
});
