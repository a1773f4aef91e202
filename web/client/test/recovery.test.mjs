// The way back after a loss: nothing is missed, nobody is stormed. With a clock and sockets that do what the test says.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MINUTE, live, reconnect } from './live.mjs';
import { becomes, fakeChat, message, resumed, settle, told } from './support.mjs';

test('after a loss it resumes where it was complete, and merges what is told meanwhile', async () => {
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

test('likes and deletions that nobody told during a loss are found afterwards', async () => {
  const fake = await live();
  fake.rest.messages = () => ({ messages: [message(2, { likes: 3 }), message(3)], session_id: 1, has_more: false, last_seq: 3 });
  const socket = await reconnect(fake);
  socket.tell(resumed([3], 3));
  await settle();
  assert.deepEqual(fake.heard.deleted.map(({ message_id }) => message_id), [message(1).id]);
  assert.deepEqual(fake.heard.messageLikes.map(({ likes }) => likes), [3]);
  assert.deepEqual([...fake.chat.messages.values()].map(({ seq, likes }) => [seq, likes]), [[2, 3], [3, 0]]);
});

test('it tries again after waits that grow, and starts small again after a socket that lasted', async () => {
  const fake = await live();
  fake.rest.status = () => new TypeError('no network');
  fake.sockets[0].end();
  const waits = [];
  for (let i = 0; i < 6; i++) {
    waits.push(fake.clock.waits[0]);
    await fake.clock.pass(waits[i]);
    // The first try is a socket; when that fails, `status` is asked.
    if (i === 0) fake.sockets[1].end();
    await settle();
  }
  assert.deepEqual(waits, [750, 1250, 2250, 4250, 7750, 7750]);
  assert.equal(fake.heard.error.length, 6);
  assert.deepEqual(fake.heard.error.slice(0, 2).map(({ code }) => code), ['connection_lost', 'network']);

  fake.rest.status = () => ({ is_active: true, session: fake.session });
  await fake.clock.pass(7750);
  const socket = fake.sockets.at(-1);
  socket.open();
  await settle();
  socket.tell(resumed([], 2));
  await becomes(fake.chat, 'live');
  await fake.clock.pass(31_000);
  socket.end();
  assert.equal(fake.clock.waits[0], 750);
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

test('a server that goes away is not stormed: the next try is spread over 30 seconds', async () => {
  for (const code of [1001, 1012]) {
    const fake = await live({ random: () => 0.9 });
    fake.sockets[0].end(code);
    assert.deepEqual(fake.clock.waits, [27_000]);
  }
});

test('a socket whose other end is silent is given up 10 seconds after a ping', async () => {
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
