// The list of terms against a real gateway.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Gateway } from '../../../tests/clients/gateway.mjs';
import { createToken, LiveChatServer } from '../src/index.js';
import { lossyFetch, SECRET, SERVICE_SECRET } from './support.mjs';

const LIMIT = { timeout: 60_000 };
const LIST = { terms: [{ term: 'scam*', match: 'word', action: 'block', explanation: 'Be kind' }], allow: ['scampi'], link_domains: ['example.org'] };

let gateway;
let chat;
before(async () => {
  gateway = await Gateway.start({ settings: { JWT_SECRET: SECRET, LIVE_CHAT_SERVICE_SECRET: SERVICE_SECRET } });
  chat = new LiveChatServer({ baseUrl: gateway.url, serviceSecret: SERVICE_SECRET });
});
after(() => gateway?.stop());

test('a list of terms is read, replaced and tested', LIMIT, async () => {
  const before = await chat.terms();
  assert.deepEqual([before.terms, before.allow, before.link_domains], [[], [], []]);
  const { entry, etag } = await chat.putTerms(LIST, { etag: before.etag });
  assert.deepEqual([entry.action, entry.actor.user_id], ['put_terms', 'server']);
  assert.deepEqual(await chat.terms(), { ...LIST, etag });
  const { normalized, matches } = await chat.testTerms('A s c a m, no scampi');
  assert.match(normalized, /scam/);
  assert.deepEqual(matches.map(({ term, action }) => [term, action]), [['scam*', 'block']]);
  const stale = { terms: [] };
  await assert.rejects(chat.putTerms(stale, { etag: before.etag }), { code: 'precondition_failed', status: 412 });
  assert.deepEqual(await chat.putTerms(LIST, { etag: before.etag }), { entry: null, etag });
  const broken = { terms: [{ term: '(', match: 'regex', action: 'block' }] };
  await assert.rejects(chat.putTerms(broken), ({ code, detail }) => code === 'invalid_request' && /terms\[0\]/.test(detail));
});

test('a list whose answer is lost is put once', LIMIT, async () => {
  const { etag } = await chat.terms();
  const lossy = lossyFetch();
  const unlucky = new LiveChatServer({ baseUrl: gateway.url, serviceSecret: SERVICE_SECRET, fetch: lossy, random: () => 0 });
  const list = { ...LIST, allow: [] };
  const put = await unlucky.putTerms(list, { etag });
  assert.equal(put.entry, null);
  assert.deepEqual(await chat.terms(), { ...list, etag: put.etag });
  const page = await chat.log({ action: 'put_terms' });
  assert.equal(page.actions.filter(({ changes }) => changes.allow === 0).length, 1);
});

test('only hosts put lists', LIMIT, async () => {
  const token = createToken({ sub: 'mona', roles: ['moderator'] }, SECRET);
  const mona = new LiveChatServer({ baseUrl: gateway.url, token });
  assert.ok((await mona.terms()).terms.length > 0);
  await assert.rejects(mona.putTerms(LIST), { code: 'forbidden', status: 403 });
});
