// Modes, the shield and presets against a real gateway.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Gateway, NO_RATE_LIMIT } from '../../../tests/clients/gateway.mjs';
import { createToken, LiveChatServer } from '../src/index.js';
import { SECRET, SERVICE_SECRET } from './support.mjs';

const LIMIT = { timeout: 60_000 };

let gateway;
let chat;
before(async () => {
  gateway = await Gateway.start({ settings: { ...NO_RATE_LIMIT, JWT_SECRET: SECRET, LIVE_CHAT_SERVICE_SECRET: SERVICE_SECRET } });
  chat = new LiveChatServer({ baseUrl: gateway.url, serviceSecret: SERVICE_SECRET });
});
after(() => gateway?.stop());

/** A call of bob: its status and its answer. */
async function asBob(method, path, body) {
  const headers = { authorization: `Bearer ${createToken({ sub: 'bob' }, SECRET)}`, 'content-type': 'application/json' };
  const response = await fetch(`${gateway.url}/live-chat/${path}`, { method, headers, body: body && JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}
const send = (message) => asBob('POST', 'send-message', { message });
const modes = async () => (await asBob('GET', 'status')).body.session.modes;

test('modes are set one by one, and hold at once', LIMIT, async () => {
  assert.equal((await send('words')).status, 200);
  const entry = await chat.setModes({ emoji_only: true }, { reason: 'a minute of emoji' });
  assert.deepEqual([entry.action, entry.reason], ['set_modes', 'a minute of emoji']);
  assert.deepEqual([(await send('words')).body.code, (await send('🎉')).status], ['emoji_only', 200]);
  await chat.setModes({ slow_seconds: 30 });
  const now = await modes();
  assert.deepEqual([now.emoji_only, now.slow_seconds, now.shield_until], [true, 30, null]);
  await send('🎊');
  assert.equal((await send('🎉')).body.code, 'slow_mode');
  await chat.setModes({ emoji_only: false, slow_seconds: 0 });
  assert.equal((await send('other words')).status, 200);
  await assert.rejects(chat.setModes({ slow_seconds: 500 }), { code: 'invalid_request', status: 400 });
  await assert.rejects(chat.setModes({}), { code: 'invalid_request' });
});

test('the shield goes up and down, over the modes', LIMIT, async () => {
  const before = await chat.presets();
  assert.equal(before.shield.links, 'block');
  const saved = await chat.putPresets({ shield: { audience: 'staff' } });
  assert.deepEqual([saved.shield, saved.default], [{ audience: 'staff' }, before.default]);
  assert.deepEqual(await chat.presets({ room: 'main' }), saved);
  assert.deepEqual(await chat.presets({ room: 'elsewhere' }), before, 'each room has its own');
  const entry = await chat.shield({ minutes: 10 });
  assert.ok(Math.abs(Date.parse(entry.until) - Date.now() - 600_000) < 60_000);
  assert.ok(Date.parse((await modes()).shield_until) > Date.now());
  assert.equal((await send('behind it')).body.code, 'staff_only');
  await chat.shield({ on: false });
  assert.equal((await send('after it')).status, 200);
  await assert.rejects(chat.shield({ on: false }), { code: 'conflict', status: 409 });
});
