// Held messages and reports against a real gateway.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Gateway, NO_RATE_LIMIT } from '../../../tests/clients/gateway.mjs';
import { createToken, LiveChatServer } from '../src/index.js';
import { SECRET, SERVICE_SECRET } from './support.mjs';

const LIMIT = { timeout: 60_000 };

let gateway;
let chat;
before(async () => {
  const settings = { ...NO_RATE_LIMIT, JWT_SECRET: SECRET, LIVE_CHAT_SERVICE_SECRET: SERVICE_SECRET, LIVE_CHAT_HIDE_AT_REPORTS: '2' };
  gateway = await Gateway.start({ settings });
  chat = new LiveChatServer({ baseUrl: gateway.url, serviceSecret: SERVICE_SECRET });
});
after(() => gateway?.stop());

/** A call of a user: its answer. */
async function as(sub, method, path, body) {
  const headers = { authorization: `Bearer ${createToken({ sub }, SECRET)}`, 'content-type': 'application/json' };
  const response = await fetch(`${gateway.url}/live-chat/${path}`, { method, headers, body: body && JSON.stringify(body) });
  return response.json();
}
const texts = async () => (await as('reader', 'GET', 'messages?limit=100')).messages.map(({ message }) => message);

test('held messages are listed page by page, approved, and denied', LIMIT, async () => {
  await chat.setModes({ review_all: true });
  for (const message of ['one', 'two', 'three']) await as('bob', 'POST', 'send-message', { message });
  const { held, has_more, next_after } = await chat.held({ limit: 2 });
  assert.deepEqual([held.map(({ message }) => message), held[0].reason, has_more], [['one', 'two'], 'review_all', true]);
  const { held: rest } = await chat.held({ after: next_after });
  assert.deepEqual(rest.map(({ message }) => message), ['three']);
  const approved = await chat.approve(held[0].held_id);
  assert.deepEqual([approved.action, approved.target.held_id], ['approve', held[0].held_id]);
  const { actions, refused } = await chat.deny([held[0].held_id, held[1].held_id]);
  assert.deepEqual([actions.length, refused], [1, [{ id: held[0].held_id, code: 'conflict' }]]);
  assert.deepEqual(await texts(), ['one']);
  await chat.setModes({ review_all: false });
});

test('reports are listed, and dismissed', LIMIT, async () => {
  const { message_id } = await as('bob', 'POST', 'send-message', { message: 'reported' });
  for (const sub of ['ann', 'cy']) await as(sub, 'POST', `report-message/${message_id}`, { reason: 'spam' });
  const { reports } = await chat.reports({ limit: 5 });
  assert.deepEqual(reports.map(({ message, reasons, hidden }) => [message, reasons, hidden]), [['reported', { spam: 2 }, true]]);
  assert.ok(!(await texts()).includes('reported'));
  assert.equal((await chat.dismissReports(message_id)).action, 'dismiss_reports');
  assert.deepEqual((await chat.reports()).reports, []);
  assert.ok((await texts()).includes('reported'));
  await assert.rejects(chat.dismissReports(message_id), { code: 'conflict', status: 409 });
});
