// Outgoing messages.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Outbox } from '../src/outbox.js';
import { FakeClock, settle } from './support.mjs';

function outbox({ random = () => 0.5 } = {}) {
  const clock = new FakeClock(0);
  const events = [];
  const sent = [];
  let ids = 0;
  const box = new Outbox({ clock, random, newId: () => `id-${++ids}`, emit: (type, detail) => events.push([type, detail.message, detail.code]) });
  const ack = (n) => box.acknowledge({ client_message_id: `id-${n}`, message_id: n, created_at: `at ${n}`, duplicate: false });
  return { box, clock, events, sent, ack, send: (frame) => sent.push(frame.client_message_id) };
}

test('one message is under way at a time, and waits for a socket', async () => {
  const { box, events, sent, ack, send } = outbox();
  const [first, second] = [box.add('a'), box.add('b')];
  assert.deepEqual(events, [['pending', 'a', undefined], ['pending', 'b', undefined]]);
  box.attach(send);
  assert.deepEqual(sent, ['id-1']);
  ack(1);
  assert.deepEqual(await first, { client_message_id: 'id-1', message_id: 1, created_at: 'at 1', duplicate: false });
  assert.deepEqual(sent, ['id-1', 'id-2']);
  assert.deepEqual(box.pending, [{ client_message_id: 'id-2', message: 'b' }]);
  ack(1);
  ack(2);
  assert.equal((await second).message_id, 2);
});

test('a message that is held is acknowledged as such, and the next one goes out', async () => {
  const { box, sent, send } = outbox();
  const first = box.add('a');
  box.add('b');
  box.attach(send);
  const held = { client_message_id: 'id-1', message_id: null, created_at: 'now', duplicate: false, status: 'held', held_id: 'h1' };
  box.acknowledge({ type: 'ack', ...held });
  assert.deepEqual(await first, held);
  assert.deepEqual(sent, ['id-1', 'id-2']);
});

test('unacknowledged messages are sent again over the next socket, under the same id', async () => {
  const { box, sent, ack, send, clock } = outbox();
  const sending = box.add('a');
  box.add('b');
  box.attach(send);
  box.detach();
  await clock.pass(60_000);
  box.attach(send);
  assert.deepEqual(sent, ['id-1', 'id-1']);
  ack(1);
  await sending;
  assert.deepEqual(sent, ['id-1', 'id-1', 'id-2']);
});

test('a message without a response is sent again after 15 seconds', async () => {
  const { box, sent, send, clock } = outbox();
  box.add('a');
  box.attach(send);
  await clock.pass(14_999);
  assert.equal(sent.length, 1);
  await clock.pass(1);
  assert.deepEqual(sent, ['id-1', 'id-1']);
});

test('a rate limit is waited for, also over a reconnect', async () => {
  const { box, sent, send, clock, events } = outbox();
  box.add('a');
  box.add('b');
  box.attach(send);
  box.refuse({ code: 'rate_limited', client_message_id: 'id-1', retry_after_ms: 20_000 });
  await clock.pass(10_000);
  box.detach();
  box.attach(send);
  await clock.pass(9_999);
  assert.deepEqual(sent, ['id-1']);
  await clock.pass(1);
  assert.deepEqual(sent, ['id-1', 'id-1']);
  assert.deepEqual(events.map(([type]) => type), ['pending', 'pending']);
});

test('a limit on frames has no key, and is waited for, too', async () => {
  const { box, sent, send, clock } = outbox();
  box.add('a');
  box.attach(send);
  box.refuse({ code: 'rate_limited', retry_after_ms: 3_000 });
  await clock.pass(3_000);
  assert.deepEqual(sent, ['id-1', 'id-1']);
});

/** Refuses a message this many times; returns the waits before each retry. */
async function refusedWaits({ box, sent, clock }, answer, count) {
  const waits = [];
  for (let i = 0; i < count; i++) {
    box.refuse(answer);
    const [before, from] = [sent.length, clock.now()];
    await clock.pass(clock.waits[0]);
    assert.equal(sent.length, before + 1);
    waits.push(clock.now() - from);
  }
  return waits;
}

test('without a time from the server, the waits grow up to 15 seconds, and start over after an ack', async () => {
  // API Gateway's own response while Lambda is throttled, and a limit without a time.
  for (const answer of [{ code: 'unavailable' }, { code: 'rate_limited' }, { code: 'rate_limited', client_message_id: 'id-1' }]) {
    const all = outbox({ random: () => 1 });
    for (const text of ['a', 'b']) all.box.add(text);
    all.box.attach(all.send);
    assert.deepEqual(await refusedWaits(all, answer, 7), [1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
    all.ack(1);
    assert.deepEqual(await refusedWaits(all, { code: 'unavailable' }, 2), [1000, 2000]);
    assert.deepEqual(all.events.map(([type]) => type), ['pending', 'pending']);
  }
});

test('the waits are random, so that clients refused together do not retry together', async () => {
  for (const [random, waits] of [[0, [500, 500, 500]], [0.5, [750, 1250, 2250]]]) {
    const all = outbox({ random: () => random });
    all.box.add('a');
    all.box.attach(all.send);
    assert.deepEqual(await refusedWaits(all, { code: 'unavailable' }, 3), waits);
  }
});

test('a wait from the server is the minimum while the chat is unavailable, and exact for a rate limit', async () => {
  const all = outbox({ random: () => 1 });
  all.box.add('a');
  all.box.attach(all.send);
  const told = { client_message_id: 'id-1', retry_after_ms: 3_000 };
  assert.deepEqual(await refusedWaits(all, { ...told, code: 'unavailable' }, 4), [3000, 3000, 4000, 8000]);
  assert.deepEqual(await refusedWaits(all, { ...told, code: 'rate_limited' }, 2), [3000, 3000]);
});

test('a shorter wait does not cut a longer one', async () => {
  const { box, sent, send, clock } = outbox();
  box.add('a');
  box.attach(send);
  box.refuse({ code: 'rate_limited', client_message_id: 'id-1', retry_after_ms: 20_000 });
  // As the response to a ping.
  box.refuse({ code: 'unavailable' });
  await clock.pass(19_999);
  assert.deepEqual(sent, ['id-1']);
  await clock.pass(1);
  assert.deepEqual(sent, ['id-1', 'id-1']);
});

test('a chat that is unavailable is asked five times', async () => {
  const all = outbox();
  const sending = all.box.add('a');
  all.box.attach(all.send);
  const unavailable = { code: 'unavailable', client_message_id: 'id-1', retry_after_ms: 1_000 };
  await refusedWaits(all, unavailable, 4);
  assert.equal(all.sent.length, 5);
  all.box.refuse(unavailable);
  await assert.rejects(sending, { code: 'unavailable' });
});

test('any other error is that message’s alone', async () => {
  const { box, sent, ack, send, events } = outbox();
  const [first, second] = [box.add('a'), box.add('b')];
  box.attach(send);
  box.refuse({ code: 'invalid_message', message: 'No', client_message_id: 'id-9' });
  box.refuse({ code: 'invalid_request', message: 'No' });
  assert.deepEqual(sent, ['id-1'], 'an answer to something else changes nothing');
  box.refuse({ code: 'invalid_message', message: 'No', client_message_id: 'id-1' });
  await assert.rejects(first, { code: 'invalid_message', message: 'No' });
  assert.deepEqual(events.at(-1), ['failed', 'a', 'invalid_message']);
  ack(2);
  await second;
});

test('a text goes out as it was given, and an own message is known by its key, whatever the server made of the text', async () => {
  const texts = ['a\r\nb', 'a\vb\u0092', '\u3164', '\u202eecilA', ' padded ', '\ud800', '👨‍👩‍👧', ''];
  const { box, events } = outbox();
  const sent = [];
  const sending = texts.map((text) => box.add(text));
  box.attach((frame) => sent.push(frame.message));
  for (const [i] of texts.entries()) box.heard({ client_message_id: `id-${i + 1}`, id: i, message: 'cleaned', created_at: 'then' });
  assert.deepEqual(sent, texts);
  assert.deepEqual((await Promise.all(sending)).map(({ message_id }) => message_id), texts.map((_, i) => i));
  assert.deepEqual(events.map(([type, text]) => [type, text]), texts.map((text) => ['pending', text]));
});

test('a token that has expired leaves the message for the next socket', async () => {
  const { box, sent, send } = outbox();
  box.add('a');
  box.attach(send);
  box.refuse({ code: 'token_expired', message: 'No' });
  box.attach(send);
  assert.deepEqual(sent, ['id-1', 'id-1']);
});

test('a socket gets at most 54 messages a minute, so that the server does not close it', async () => {
  const { box, sent, ack, send, clock } = outbox();
  for (let i = 0; i < 60; i++) box.add('x');
  box.attach(send);
  for (let i = 1; i <= 54; i++) {
    await clock.pass(100);
    ack(i);
  }
  assert.equal(sent.length, 54);
  await clock.pass(60_000 - 5_400 - 1);
  assert.equal(sent.length, 54);
  await clock.pass(1);
  assert.equal(sent.length, 55);
});

test('sockets after each other share the 54 messages a minute, because the server counts those of the user', async () => {
  const { box, sent, ack, send, clock } = outbox();
  for (let i = 0; i < 60; i++) box.add('x');
  for (let i = 1; i <= 54; i++) {
    if (i % 18 === 1) box.attach(send);
    await clock.pass(100);
    ack(i);
  }
  const before = sent.length;
  await clock.pass(60_000 - 5_400 - 1);
  assert.equal(sent.length, before, 'nothing more on the third socket');
  await clock.pass(1_000);
  assert.ok(sent.length > before);
});

test('a failure that is not awaited does not end the process', async () => {
  const { box, clock } = outbox();
  box.add('x'.repeat(33_000));
  box.add('y');
  box.giveUp(Object.assign(new Error('over'), { code: 'closed' }))();
  await settle();
  assert.deepEqual(box.pending, []);
  assert.deepEqual(clock.waits, []);
});
