// Recovery after a loss: no messages are missed, and the server is not flooded. With a fake clock and fake sockets.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MINUTE, live, reconnect } from './live.mjs';
import { becomes, fakeChat, message, resumed, settle, told, token } from './support.mjs';

test('after a loss it resumes where it was complete, and merges the messages pushed meanwhile', async () => {
  const fake = await live();
  const socket = await reconnect(fake);
  assert.deepEqual(socket.of('resume'), [{ type: 'resume', after: 2 }]);
  socket.tell(told(6), { type: 'message_deleted', message_id: message(4).id }, told(7));
  assert.deepEqual(fake.seqs(), [1, 2], 'what is told meanwhile waits for what comes before it');
  socket.tell(resumed([3, 4], 4, false));
  await settle();
  assert.deepEqual(socket.of('resume').at(-1), { type: 'resume', after: 4 });
  socket.tell(resumed([5, 6], 5));
  await settle();
  assert.deepEqual(fake.seqs(), [1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(fake.heard.deleted.map(({ message_id }) => message_id), [message(4).id]);
  assert.equal(fake.chat.state, 'live');
});

test('a long absence is made up for over REST, so that the socket keeps within its frames', async () => {
  const fake = await live();
  const asked = [];
  fake.rest.messages = (url) => {
    const after = Number(new URL(url).searchParams.get('after'));
    if (after === 0) return { messages: [], session_id: 1, has_more: true, last_seq: 9 };
    asked.push(after);
    const seq = (after % 100_000_000) + 1;
    return { messages: [message(seq)], session_id: 1, has_more: seq < 8, last_seq: 9 };
  };
  const socket = await reconnect(fake);
  for (const seq of [3, 4, 5]) {
    socket.tell(resumed([seq], 9, false));
    await settle();
  }
  assert.deepEqual(asked, [100_000_005, 100_000_006, 100_000_007]);
  assert.deepEqual(socket.of('resume').map(({ after }) => after), [2, 3, 4, 8]);
  socket.tell(resumed([9], 9));
  await settle();
  assert.deepEqual(fake.seqs(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a message above a number that may still come is asked for again', async () => {
  const fake = await live();
  const socket = await reconnect(fake);
  socket.tell(resumed([3, 5], 3));
  await settle();
  assert.equal(fake.chat.state, 'live');
  assert.deepEqual(fake.seqs(), [1, 2, 3]);
  await fake.clock.pass(1000);
  assert.deepEqual(socket.of('resume').map(({ after }) => after), [2, 3]);
  socket.tell(resumed([4, 5], 5));
  await settle();
  assert.deepEqual(fake.seqs(), [1, 2, 3, 4, 5]);
  await fake.clock.pass(20_000);
  assert.equal(socket.of('resume').length, 2);
});

test('counters do not fall back to old values after a loss', async () => {
  const fake = await live();
  fake.sockets[0].tell({ type: 'viewer_count_update', viewer_count: 7 }, { type: 'session_like_update', total_likes: 5 });
  fake.session.viewer_count = 8;
  const socket = await reconnect(fake);
  socket.tell(resumed([], 2));
  await settle();
  assert.deepEqual(fake.heard.viewers.map(({ viewer_count }) => viewer_count), [1, 7, 8]);
  assert.deepEqual([fake.chat.viewers, fake.chat.likes], [8, 5]);
});

test('likes and deletions that were missed during a loss are found afterwards', async () => {
  const fake = await live();
  fake.rest.messages = () => ({ messages: [message(2, { likes: 3 }), message(3)], session_id: 1, has_more: false, last_seq: 3 });
  const socket = await reconnect(fake);
  socket.tell(resumed([3], 3));
  await settle();
  assert.deepEqual(fake.heard.deleted.map(({ message_id }) => message_id), [message(1).id]);
  assert.deepEqual(fake.heard.messageLikes.map(({ likes }) => likes), [3]);
  assert.deepEqual([...fake.chat.messages.values()].map(({ seq, likes }) => [seq, likes]), [[2, 3], [3, 0]]);
});

test('after a loss it tries again quickly, then spread, and quickly again after a socket that lasted', async () => {
  const fake = await live();
  fake.rest.status = () => new TypeError('no network');
  fake.sockets[0].end();
  const waits = [];
  for (let i = 0; i < 6; i++) {
    waits.push(fake.clock.waits[0]);
    await fake.clock.pass(waits[i]);
    // The first attempt opens a socket; if that fails, the client asks for `status`.
    if (i === 0) fake.sockets[1].end();
    await settle();
  }
  assert.deepEqual(waits, [750, 15_250, 15_250, 15_250, 15_250, 15_250]);
  assert.equal(fake.heard.error.length, 6);
  assert.deepEqual(fake.heard.error.slice(0, 2).map(({ code }) => code), ['connection_lost', 'network']);

  fake.rest.status = () => ({ is_active: true, session: fake.session });
  await fake.clock.pass(15_250);
  const socket = fake.sockets.at(-1);
  socket.open();
  await settle();
  socket.tell(resumed([], 2));
  await becomes(fake.chat, 'live');
  await fake.clock.pass(31_000);
  socket.end();
  assert.equal(fake.clock.waits[0], 750);
});

test('while no chat was live yet, the waits grow', async () => {
  const fake = fakeChat();
  fake.rest.status = () => new TypeError('no network');
  fake.chat.connect();
  await settle();
  const waits = [];
  for (let i = 0; i < 6; i++) {
    waits.push(fake.clock.waits[0]);
    await fake.clock.pass(waits[i]);
  }
  assert.deepEqual(waits, [750, 1250, 2250, 4250, 7750, 7750]);
});

test('a server that was killed is not stormed: after a quick try that fails, everybody is spread over 30 seconds', async () => {
  const first = [];
  const second = [];
  for (let i = 0; i < 100; i++) {
    const fake = await live({ random: () => i / 100 });
    fake.sockets[0].end(1006);
    first.push(fake.clock.waits[0]);
    await fake.clock.pass(first[i]);
    fake.rest.status = () => new TypeError('refused');
    fake.sockets[1].end(1006);
    await settle();
    second.push(fake.clock.waits[0]);
  }
  assert.ok(Math.max(...first) <= 1_000, 'who has lost a socket alone is back within a second');
  for (let from = 0; from < 30; from += 5) {
    const count = second.filter((wait) => wait >= from * 1_000 && wait < (from + 5) * 1_000).length;
    assert.ok(count >= 12 && count <= 20, `${count} of 100 between ${from} s and ${from + 5} s`);
  }
});

test('a token function that fails says nothing of the server: the waits grow as usual', async () => {
  let fails = false;
  const fake = await live({ tokenIn: 'subprotocol', token: () => (fails ? Promise.reject(new Error('no')) : token('ann', { expiresIn: 60 })) });
  fails = true;
  await fake.clock.pass(61_000);
  fake.sockets.at(-1).end(1006);
  const waits = [];
  for (let i = 0; i < 3; i++) {
    waits.push(fake.clock.waits[0]);
    await fake.clock.pass(waits[i]);
  }
  assert.ok(waits.every((wait, i) => wait <= 500 * 2 ** (i + 2)), String(waits));
});

test('messages pending for one session are not sent in another after reconnecting', async () => {
  const fake = await live();
  const sending = fake.chat.sendMessage('for the first session');
  fake.sockets[0].end();
  await fake.clock.pass(750);
  fake.sockets[1].end();
  fake.rest.status = () => ({ is_active: true, session: { id: 2, viewer_count: 1, total_likes: 0 } });
  fake.rest.messages = () => ({ messages: [], session_id: 2, has_more: false, last_seq: 0 });
  await fake.clock.pass(15_250);
  await assert.rejects(sending, { code: 'chat_not_active' });
  assert.deepEqual(fake.heard.failed.map(({ message, code }) => [message, code]), [['for the first session', 'chat_not_active']]);
  assert.match(fake.sockets[2].url, /ws\/2\?/);
  fake.sockets[2].open();
  await settle();
  assert.equal(fake.chat.state, 'live');
  assert.deepEqual(fake.sockets[2].of('message'), []);
});

test('a like of a message that waits for a lower number is not lost', async () => {
  const fake = await live();
  const socket = await reconnect(fake);
  socket.tell(resumed([5], 3));
  await settle();
  socket.tell({ type: 'message_like_update', message_id: message(5).id, likes: 9 });
  // A response from before that like.
  await fake.clock.pass(1_000);
  socket.tell(resumed([5], 3));
  await settle();
  assert.deepEqual(fake.seqs(), [1, 2]);
  socket.tell(told(4), told(5));
  assert.deepEqual(fake.seqs(), [1, 2, 4, 5]);
  assert.equal(fake.chat.messages.get(message(5).id).likes, 9);
});

test('a socket that never opens is given up', async () => {
  const fake = fakeChat();
  fake.chat.connect();
  await settle();
  await fake.clock.pass(15_000);
  assert.ok(fake.sockets[0].isClosed);
  await fake.clock.pass(750);
  assert.equal(fake.sockets.length, 2);
  assert.equal(fake.chat.state, 'connecting');
});

test('a server that goes away is not flooded: the next attempt is spread over 30 seconds', async () => {
  for (const code of [1001, 1012]) {
    const fake = await live({ random: () => 0.9 });
    fake.sockets[0].end(code);
    assert.deepEqual(fake.clock.waits, [27_000]);
  }
});

test('an answer of API Gateway itself, as while Lambda is throttled, is a sign of life', async () => {
  const throttled = { message: 'Internal server error', connectionId: 'QzFh', requestId: 'Wd0t' };
  const fake = await live();
  const [socket] = fake.sockets;
  await fake.clock.pass(29_000);
  socket.answersPings = false;
  await fake.clock.pass(1_000);
  socket.tell(throttled);
  await fake.clock.pass(10_000);
  assert.equal(fake.chat.state, 'live');
  assert.deepEqual(fake.heard.refused.map(({ code, message }) => [code, message]), [['unavailable', 'Internal server error']]);

  // The error answers a `resume` as well: the next attempt need not wait for the deadline.
  const returning = await live();
  const second = await reconnect(returning);
  second.tell(throttled);
  await settle();
  assert.ok(second.isClosed);
  assert.equal(returning.heard.error.at(-1).code, 'connection_lost');
  assert.match(returning.heard.error.at(-1).message, /Internal server error/);

  // It also answers a message, which is sent again.
  const writing = await live();
  writing.chat.sendMessage('hello');
  writing.sockets[0].tell(throttled);
  await writing.clock.pass(1_000);
  assert.equal(writing.sockets[0].of('message').length, 2);
  assert.deepEqual(writing.heard.failed, []);
});

test('a socket whose peer is silent is given up 10 seconds after a ping', async () => {
  const fake = await live();
  const [socket] = fake.sockets;
  await fake.clock.pass(10 * MINUTE);
  assert.equal(socket.of('ping').length, 21);
  assert.equal(fake.chat.state, 'live');
  socket.answersPings = false;
  await fake.clock.pass(39_000);
  assert.equal(fake.chat.state, 'live');
  socket.tell(told(3));
  await fake.clock.pass(1_000);
  assert.equal(fake.chat.state, 'recovering', 'what is told proves nothing of the other direction');
  assert.ok(socket.isClosed);
});

test('a page that reaches beyond the settled numbers holds back what may still have something before it', async () => {
  const fake = await live();
  const socket = await reconnect(fake);
  socket.tell(resumed([3, 5], 3, false));
  await settle();
  assert.deepEqual(fake.seqs(), [1, 2, 3]);
  assert.deepEqual(socket.of('resume').at(-1), { type: 'resume', after: 5 });
  socket.tell(told(4), resumed([6], 6));
  await settle();
  assert.deepEqual(fake.seqs(), [1, 2, 3, 4, 5, 6], 'the second answer settled 4, but only the socket told it');
});

test('a socket that ends together with its answer is not taken for a live one', async () => {
  const fake = await live();
  const socket = await reconnect(fake);
  socket.tell(resumed([3], 3));
  socket.end();
  await settle();
  assert.equal(fake.chat.state, 'recovering');
  await fake.clock.pass(2000);
  assert.equal(fake.sockets.length, 3);
});

test('sockets that open and end at once do not make the waits start small again', async () => {
  const fake = await live();
  const socket = await reconnect(fake);
  socket.tell(resumed([], 2));
  await becomes(fake.chat, 'live');
  socket.end();
  assert.deepEqual(fake.clock.waits[0], 1250);
});
