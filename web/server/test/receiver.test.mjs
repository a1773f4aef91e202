// A real gateway tells the receiver of the examples what happened.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Gateway, NO_RATE_LIMIT } from '../../../tests/clients/gateway.mjs';
import { LiveChatServer } from '../src/index.js';
import { SECRET, SERVICE_SECRET } from './support.mjs';

const EXAMPLE = fileURLToPath(new URL('../../../examples/events/receiver.mjs', import.meta.url));
const secret = `whsec_${randomBytes(32).toString('base64')}`;
const ended = [];
after(() => Promise.all(ended.map((end) => end())));

test('the receiver of the examples prints each act once, and refuses what the chat did not sign', { timeout: 60_000 }, async () => {
  const receiver = spawn(process.execPath, [EXAMPLE], { env: { PORT: '0', LIVE_CHAT_WEBHOOK_SECRET: secret }, stdio: ['ignore', 'pipe', 'pipe'] });
  ended.push(() => receiver.kill());
  const [first] = await once(createInterface({ input: receiver.stderr }), 'line');
  const url = first.replace('events: ', '');
  const settings = { ...NO_RATE_LIMIT, JWT_SECRET: SECRET, LIVE_CHAT_SERVICE_SECRET: SERVICE_SECRET };
  const gateway = await Gateway.start({ settings: { ...settings, LIVE_CHAT_WEBHOOK_URL: url, LIVE_CHAT_WEBHOOK_SECRET: secret } });
  ended.push(() => gateway.stop());
  const forged = await fetch(url, {
    method: 'POST',
    headers: { 'webhook-id': 'action-1', 'webhook-timestamp': String(Math.floor(Date.now() / 1000)), 'webhook-signature': 'v1,AAAA' },
    body: '{}',
  });
  assert.equal(forged.status, 401);
  const chat = new LiveChatServer({ baseUrl: gateway.url, serviceSecret: SERVICE_SECRET, name: 'billing' });
  const { id } = await chat.ban('bob', { reason: 'fraud' });
  for await (const line of createInterface({ input: receiver.stdout })) {
    const event = JSON.parse(line);
    if (event.type !== 'moderation.action') continue;
    assert.deepEqual([event.id, event.data.action, event.data.target.user_id], [`action-${id}`, 'ban', 'bob']);
    assert.equal(event.data.reason, null);
    break;
  }
});
