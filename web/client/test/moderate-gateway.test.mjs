// A moderator's client against a real gateway: what `chat.moderate` does, and what everybody hears of it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import WebSocket from 'ws';

import { Gateway } from '../../../tests/clients/gateway.mjs';
import { examples } from '../../../tests/clients/package.mjs';
import { LiveChat } from '../src/index.js';
import { becomes, next, record, SECRET, token } from './support.mjs';

const LIMIT = { timeout: 60_000 };

let gateway;
const chats = [];
before(async () => (gateway = await Gateway.start({ settings: { JWT_SECRET: SECRET, LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE: '0' } })));
after(async () => {
  chats.forEach((chat) => chat.close());
  await gateway?.stop();
});

/** A client that is live. */
async function live(sub, claims = {}) {
  const chat = new LiveChat({ baseUrl: gateway.url, token: token(sub, claims), WebSocket });
  chats.push(chat);
  await chat.connect();
  return chat;
}

test('a moderator purges, clears and restores, and every client follows', LIMIT, async () => {
  const [mona, ann, bob] = [await live('mona', { roles: ['moderator'] }), await live('ann'), await live('bob')];
  const heard = record(ann);
  const arrived = next(ann, 'message', ({ user_id }) => user_id === 'ann');
  await bob.sendMessage('one of bob');
  await ann.sendMessage('one of ann');
  await arrived;

  const purged = next(ann, 'purged');
  const entry = await mona.moderate.timeout('bob', { seconds: 600, reason: 'spam', explanation: 'Please calm down', deleteMessages: true });
  assert.deepEqual([entry.action, entry.actor.user_id, entry.target.user_id, entry.reason], ['timeout', 'mona', 'bob', 'spam']);
  const gone = await purged;
  assert.deepEqual([gone.user_id, gone.messages.map(({ message }) => message)], ['bob', ['one of bob']]);
  await assert.rejects(bob.sendMessage('another of bob'), { code: 'timed_out' });

  const cleared = next(ann, 'cleared');
  const clear = await mona.moderate.clear();
  await cleared;
  assert.equal(ann.messages.size, 0);
  const restored = next(ann, 'restored');
  await mona.moderate.restore(clear.id);
  await restored;
  assert.deepEqual([...ann.messages.values()].map(({ message }) => message), ['one of ann']);

  const log = await mona.moderate.log({ limit: 3 });
  assert.deepEqual(log.actions.map(({ action }) => action), ['restore', 'clear', 'timeout']);
  assert.deepEqual(await mona.moderate.action(entry.id), entry);
  const card = await mona.moderate.user('bob');
  assert.deepEqual([card.sanctions[0].state, card.sanctions[0].reference], ['timed_out', entry.id]);
  assert.deepEqual([heard.moderation, heard.error], [[], []], 'a viewer hears of no act');
});

test('a ban ends the client of its user, and a list of them is one call', LIMIT, async () => {
  const [mona, cy] = [await live('mona', { roles: ['moderator'] }), await live('cy')];
  const ended = becomes(cy, 'ended');
  const { actions, refused } = await mona.moderate.ban(['cy', 'dan', 'mona'], { explanation: 'A raid' });
  assert.deepEqual([actions.length, refused], [2, [{ id: 'mona', code: 'forbidden' }]]);
  await ended;
  await assert.rejects(cy.connect(), { code: 'banned' });
  await mona.moderate.lift('cy');
  await cy.connect();
  assert.equal((await cy.sendMessage('back again')).duplicate, false);
});

test('a viewer may do none of it', LIMIT, async () => {
  const eve = await live('eve');
  await assert.rejects(eve.moderate.ban('ann'), { name: 'ChatError', code: 'forbidden', status: 403 });
  await assert.rejects(eve.moderate.log(), { code: 'forbidden' });
});

test('the example of the README acts, and reads the card', LIMIT, async () => {
  const mona = await live('mona', { roles: ['moderator'] });
  const [, script] = await examples('web/client/README.md', 'js');
  const AsyncFunction = async function () {}.constructor;
  const told = [];
  await new AsyncFunction('chat', 'console', script)(mona, { log: (...values) => told.push(...values) });
  assert.ok(Date.parse(told[0]) > Date.now());
  assert.equal(typeof told[1].messages, 'number');
});
