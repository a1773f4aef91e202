// Real clients against a real gateway.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import WebSocket from 'ws';

import { Gateway } from '../../../tests/clients/gateway.mjs';
import { LiveChat } from '../src/index.js';
import { assertInOrder, becomes, next, record, SECRET, texts, token } from './support.mjs';

const LIMIT = { timeout: 60_000 };
const NO_RATE_LIMIT = { JWT_SECRET: SECRET, LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE: '0' };

let gateway;
const chats = [];

before(async () => (gateway = await Gateway.start({ settings: NO_RATE_LIMIT })));
after(async () => {
  chats.forEach((chat) => chat.close());
  await gateway.stop();
});

function chatOf(sub, options = {}) {
  const chat = new LiveChat({ baseUrl: gateway.url, token: token(sub), WebSocket, ...options });
  chats.push(chat);
  return chat;
}

test('two people chat, and like, and delete', LIMIT, async () => {
  const [ann, bob] = [chatOf('ann'), chatOf('bob')];
  const heard = record(ann);
  await Promise.all([ann.connect(), bob.connect()]);
  assert.equal(ann.state, 'live');
  assert.equal(ann.userId, 'ann');
  assert.deepEqual(heard.state.map(({ state }) => state), ['connecting', 'live']);

  const arrives = next(bob, 'message');
  const sending = ann.sendMessage('Hello Bob! 👋');
  assert.deepEqual(heard.pending.map(({ message }) => message), ['Hello Bob! 👋']);
  const ack = await sending;
  const message = await arrives;
  assert.equal(message.message, 'Hello Bob! 👋');
  assert.equal(message.id, ack.message_id);
  assert.equal(message.client_message_id, heard.pending[0].client_message_id);
  assert.equal(ack.duplicate, false);
  assert.deepEqual(ann.pending, []);

  const [likesHeard, messageLiked] = [next(ann, 'likes'), next(ann, 'messageLikes')];
  assert.equal((await bob.likeSession()).already_liked, false);
  assert.equal((await bob.likeMessage(message.id)).likes, 1);
  assert.equal((await likesHeard).total_likes, 1);
  assert.equal((await messageLiked).message.likes, 1);
  assert.equal(ann.messages.get(message.id).likes, 1);
  assert.equal(bob.likes, 1);
  while (ann.viewers !== 2) await next(ann, 'viewers');

  await assert.rejects(bob.deleteMessage(message.id), { code: 'forbidden', status: 403 });
  const deleted = next(bob, 'deleted');
  await ann.deleteMessage(message.id);
  assert.equal((await deleted).message_id, message.id);
  assert.equal(bob.messages.has(message.id), false);

  assert.equal((await ann.getStats()).total_messages, 1);
  assert.equal((await ann.getStatus()).session.id, 1);
  assert.deepEqual((await ann.getMessages({ limit: 5 })).messages, []);
  assert.deepEqual(heard.error, []);
  ann.close();
  bob.close();
});

test('a client joins the session that it is given, and no other', LIMIT, async () => {
  const [ann, bob] = [chatOf('ann', { sessionId: 1 }), chatOf('bob', { sessionId: 99 })];
  await ann.connect();
  assert.equal(ann.session.id, 1);
  await assert.rejects(bob.connect(), { code: 'not_found', status: 404 });
  assert.equal(bob.state, 'ended');
  ann.close();
});

test('fifty quick sends arrive in the order in which they were made', LIMIT, async () => {
  const [ann, bob] = [chatOf('ann'), chatOf('bob', { history: 0 })];
  await Promise.all([ann.connect(), bob.connect()]);
  const arriving = texts(bob, 50);
  const wanted = Array.from({ length: 50 }, (_, i) => `quick ${i}`);
  const acks = await Promise.all(wanted.map((text) => ann.sendMessage(text)));
  assert.deepEqual(await arriving, wanted);
  const ids = acks.map(({ message_id }) => message_id);
  assert.deepEqual(ids, [...ids].sort((a, b) => a - b));
  const pages = [await ann.getMessages({ limit: 10 })];
  pages.unshift(await ann.getMessages({ limit: 10, before: pages[0].messages[0].id }));
  assert.deepEqual(pages.flatMap(({ messages }) => messages.map(({ message }) => message)), wanted.slice(30));
  ann.close();
  bob.close();
});

test('a newcomer gets the history in order, and none if it wants none', LIMIT, async () => {
  const [ann, carol, dave] = [chatOf('ann'), chatOf('carol', { history: 7 }), chatOf('dave', { history: 0 })];
  const [hers, his] = [record(carol), record(dave)];
  await Promise.all([carol.connect(), dave.connect(), ann.connect()]);
  assert.deepEqual(hers.message.map(({ message }) => message), Array.from({ length: 7 }, (_, i) => `quick ${43 + i}`));
  assert.deepEqual([...carol.messages.values()], hers.message);
  assert.deepEqual(his.message, []);
  const arriving = Promise.all([next(carol, 'message'), next(dave, 'message')]);
  await ann.sendMessage('after the history');
  assert.deepEqual((await arriving).map(({ message }) => message), ['after the history', 'after the history']);
  for (const chat of [ann, carol, dave]) chat.close();
});

test('a text that the chat refuses fails with its code, and the next one goes through', LIMIT, async () => {
  const ann = chatOf('ann');
  const heard = record(ann);
  await ann.connect();
  const sending = ['', 'a\0b', 'x'.repeat(1001), 'x'.repeat(40_000), 'fine'].map((text) => ann.sendMessage(text));
  const outcomes = await Promise.allSettled(sending);
  const codes = outcomes.map(({ reason }) => reason?.code);
  assert.deepEqual(codes, ['invalid_message', 'invalid_message', 'invalid_message', 'too_large', undefined]);
  assert.deepEqual(heard.failed.map(({ code }) => code).sort(), codes.slice(0, 4).sort());
  ann.close();
});

test('the token is sent as a subprotocol where URLs may not contain one', LIMIT, async () => {
  const strict = await Gateway.start({ settings: { ...NO_RATE_LIMIT, LIVE_CHAT_QUERY_TOKEN: 'false' } });
  try {
    const ann = chatOf('ann', { baseUrl: strict.url, tokenIn: 'subprotocol' });
    await ann.connect();
    assert.equal((await ann.sendMessage('by subprotocol')).duplicate, false);
    ann.close();
  } finally {
    await strict.stop();
  }
});

test('the gateway is killed while two people write: nothing is lost, doubled or out of order', LIMIT, async () => {
  // Of their own, because a user has 60 frames a minute and the tests above used up those of ann.
  const [ann, bob] = [chatOf('erin', { history: 0 }), chatOf('finn', { history: 0 })];
  await Promise.all([ann.connect(), bob.connect()]);
  const told = [record(ann), record(bob)];
  const all = [texts(ann, 60), texts(bob, 60)];
  const write = (chat, name, from, to) =>
    Array.from({ length: to - from }, (_, i) => chat.sendMessage(`${name} ${from + i}`));
  const first = [...write(ann, 'ann', 0, 15), ...write(bob, 'bob', 0, 15)];
  // The gateway dies in the middle: some messages are stored, one per client is in flight, most are waiting.
  await Promise.all([first[4], first[18]]);
  await gateway.end('SIGKILL');
  await Promise.all([becomes(ann, 'recovering'), becomes(bob, 'recovering')]);
  const second = [...write(ann, 'ann', 15, 30), ...write(bob, 'bob', 15, 30)];
  gateway = await Gateway.start({ data: gateway.data, port: gateway.port, settings: NO_RATE_LIMIT });
  await Promise.all([...first, ...second]);
  const [anns, bobs] = await Promise.all(all);
  assert.deepEqual(anns, bobs);
  for (const name of ['ann', 'bob']) {
    const own = anns.filter((text) => text.startsWith(name));
    assert.deepEqual(own, Array.from({ length: 30 }, (_, i) => `${name} ${i}`));
  }
  await Promise.all([becomes(ann, 'live'), becomes(bob, 'live')]);
  const stored = (await ann.getMessages({ limit: 60 })).messages;
  for (const { message } of told) {
    assertInOrder(message);
    assert.deepEqual(message.map(({ id }) => id), stored.map(({ id }) => id));
  }
  ann.close();
  bob.close();
});
