// The life of the connection, with a clock and sockets that do what the test says.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { becomes, fakeChat, message, problem, record, resumed, settle, told, token } from './support.mjs';

const MINUTE = 60_000;

/** A chat that is live, after a page with these numbers. */
async function live(options, seqs = [1, 2]) {
  const fake = fakeChat(options);
  fake.heard = record(fake.chat);
  fake.rest.messages = () => ({ messages: seqs.map((seq) => message(seq)), session_id: 1, has_more: false, last_seq: seqs.at(-1) ?? 0 });
  const connecting = fake.chat.connect();
  await settle();
  fake.sockets[0].open();
  await connecting;
  fake.seqs = () => fake.heard.message.map(({ seq }) => seq);
  return fake;
}

/** Takes a chat's socket away, lets it open the next one, and gives that. */
async function reconnect({ chat, clock, sockets }) {
  sockets.at(-1).end();
  assert.equal(chat.state, 'recovering');
  await clock.pass(1000);
  sockets.at(-1).open();
  await settle();
  return sockets.at(-1);
}

test('it connects to the session of the status, in batches, and tells the history before it is live', async () => {
  const { chat, sockets, heard, seqs } = await live();
  assert.equal(sockets[0].url, 'ws://chat.test/live-chat/ws/1?batch=1&token=opaque');
  assert.deepEqual(sockets[0].protocols, []);
  assert.deepEqual(seqs(), [1, 2]);
  assert.deepEqual(heard.state.map(({ state, previous }) => [previous, state]), [['ended', 'connecting'], ['connecting', 'live']]);
  assert.deepEqual(heard.session.map(({ session }) => session.id), [1]);
  sockets[0].tell({ type: 'batch', events: [told(3), told(5), { type: 'of the future' }] }, told(5), told(6));
  assert.deepEqual(seqs(), [1, 2, 3, 5, 6]);
  assert.equal(await chat.connect(), undefined, 'connecting again does nothing');
});

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

test('the socket is renewed before the two hours are over, without a gap', async () => {
  const fake = await live();
  const [old] = fake.sockets;
  await fake.clock.pass(107 * MINUTE);
  assert.equal(fake.sockets.length, 1);
  await fake.clock.pass(0.25 * MINUTE);
  const [, renewed] = fake.sockets;
  renewed.open();
  await settle();
  old.tell(told(3));
  renewed.tell(told(3), told(4));
  assert.deepEqual(fake.seqs(), [1, 2, 3], 'the old one counts until the new one is complete');
  assert.ok(!old.isClosed);
  renewed.tell(resumed([3], 3));
  await settle();
  assert.deepEqual(fake.seqs(), [1, 2, 3, 4]);
  assert.ok(old.isClosed);
  renewed.tell(told(5));
  assert.deepEqual(fake.seqs(), [1, 2, 3, 4, 5]);
  assert.deepEqual(fake.heard.state.map(({ state }) => state), ['connecting', 'live']);
});

test('a renewal that fails is tried again, and the old socket goes on', async () => {
  const fake = await live();
  await fake.clock.pass(107.25 * MINUTE);
  fake.sockets[1].end();
  await fake.clock.pass(10_000);
  fake.sockets[0].tell(told(3));
  assert.equal(fake.sockets.length, 3);
  assert.equal(fake.chat.state, 'live');
  assert.deepEqual(fake.seqs(), [1, 2, 3]);
});

test('a loss during a renewal has one way back only', async () => {
  const fake = await live();
  await fake.clock.pass(107.25 * MINUTE);
  fake.sockets[0].end();
  assert.ok(fake.sockets[1].isClosed);
  await fake.clock.pass(1000);
  assert.equal(fake.sockets.length, 3);
  fake.sockets[2].open();
  await settle();
  fake.sockets[2].tell(resumed([], 2));
  await becomes(fake.chat, 'live');
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

test('a renewal whose token comes after a loss opens no second socket', async () => {
  const waiting = [];
  const fake = await live({ token: () => (waiting.length === 0 ? (waiting.push(null), 'first') : new Promise((resolve) => waiting.push(resolve))) });
  fake.sockets[0].tell({ type: 'error', code: 'token_expired', message: 'The token has expired' });
  fake.sockets[0].end();
  await fake.clock.pass(750);
  waiting[1]('second');
  await settle();
  assert.equal(fake.sockets.length, 2);
});

test('a token is renewed before it expires', async () => {
  let fetched = 0;
  const fake = await live({ token: () => token('ann', { expiresIn: 600, fetched: ++fetched }) });
  await fake.clock.pass(8 * MINUTE);
  assert.equal(fake.sockets.length, 1);
  await fake.clock.pass(0.5 * MINUTE);
  assert.equal(fetched, 2);
  assert.equal(fake.sockets.length, 2);
  assert.notEqual(fake.sockets[1].url, fake.sockets[0].url);
});

test('an application that keeps its token until the end is asked again, without another socket', async () => {
  let given = token('ann', { expiresIn: 600 });
  const fake = await live({ token: () => given });
  await fake.clock.pass(9 * MINUTE);
  assert.equal(fake.sockets.length, 1);
  given = token('ann', { expiresIn: 1200 });
  await fake.clock.pass(15_000);
  assert.equal(fake.sockets.length, 2);
  assert.deepEqual(fake.heard.error, []);
});

test('when the server says that the token has expired, a new one is fetched', async () => {
  let fetched = 0;
  const fake = await live({ token: () => `token-${++fetched}` });
  const sending = fake.chat.sendMessage('hello');
  const [{ client_message_id }] = fake.sockets[0].of('message');
  fake.sockets[0].tell({ type: 'error', code: 'token_expired', message: 'The token has expired' });
  await settle();
  assert.match(fake.sockets[1].url, /token=token-2$/);
  fake.sockets[1].open();
  await settle();
  fake.sockets[1].tell(resumed([], 2));
  await settle();
  assert.equal(fake.sockets[1].of('message')[0].client_message_id, client_message_id);
  fake.sockets[1].tell({ type: 'ack', client_message_id, message_id: message(3).id, created_at: '', duplicate: false });
  assert.equal((await sending).message_id, message(3).id);
});

test('without a token function, an expired token ends the chat with a clear error', async () => {
  const fake = await live();
  fake.sockets[0].tell({ type: 'error', code: 'token_expired', message: 'The token has expired' });
  assert.equal(fake.chat.state, 'ended');
  assert.equal(fake.heard.error[0].code, 'token_expired');
  assert.match(fake.heard.error[0].message, /pass a function/);
  assert.deepEqual(fake.clock.waits, []);
});

test('a refused token is asked for again once; without a function, or refused again, the chat ends', async () => {
  let fetched = 0;
  const refusesFirst = fakeChat({ token: () => `token-${++fetched}` });
  refusesFirst.rest.status = (_, { Authorization }) =>
    Authorization.endsWith('-1') ? problem(401, 'unauthorized') : { is_active: true, session: refusesFirst.session };
  refusesFirst.chat.connect();
  await settle();
  assert.match(refusesFirst.sockets[0].url, /token-2$/);

  for (const token of ['fixed', () => 'fetched']) {
    const refusesAll = fakeChat({ token });
    refusesAll.rest.status = () => problem(401, 'unauthorized');
    await assert.rejects(refusesAll.chat.connect(), { code: 'unauthorized', status: 401 });
    assert.equal(refusesAll.chat.state, 'ended');
    assert.equal(refusesAll.rest.calls.length, token === 'fixed' ? 1 : 2);
  }
});

test('a token function that fails is tried again', async () => {
  let fails = true;
  const fake = fakeChat({ token: async () => (fails ? Promise.reject(new Error('offline')) : 'token') });
  fake.chat.connect();
  await settle();
  fails = false;
  await fake.clock.pass(750);
  assert.equal(fake.sockets.length, 1);
});

test('connecting fails while no session is open', async () => {
  const fake = fakeChat();
  const heard = record(fake.chat);
  fake.rest.status = () => ({ enabled: false, is_active: false, session: null, message: 'Live chat is disabled' });
  await assert.rejects(fake.chat.connect(), { code: 'chat_not_active', message: 'Live chat is disabled' });
  assert.deepEqual(heard.error.map(({ code }) => code), ['chat_not_active']);
  await assert.rejects(fake.chat.sendMessage('x'), { code: 'not_connected' });
  assert.deepEqual(fake.clock.waits, []);
});

test('when the session ends, the next one is looked for within 30 seconds, and joined', async () => {
  const fake = await live();
  const sending = fake.chat.sendMessage('too late');
  fake.sockets[0].tell(told(3), { type: 'session_ended', session_id: 1 });
  assert.equal(fake.chat.state, 'ended');
  await assert.rejects(sending, { code: 'chat_not_active' });
  assert.deepEqual(fake.clock.waits, [15_000]);
  fake.rest.status = () => ({ is_active: true, session: { id: 2, viewer_count: 4, total_likes: 0 } });
  await fake.clock.pass(15_000);
  assert.equal(fake.chat.state, 'connecting');
  assert.match(fake.sockets[1].url, /ws\/2\?/);
  assert.equal(fake.chat.messages.size, 0);
  assert.deepEqual(fake.heard.session.map(({ session }) => session.id), [1, 2]);
  assert.deepEqual(fake.heard.error, []);
});

test('when the session ends and no other is open, it stays ended, quietly', async () => {
  const fake = await live();
  fake.sockets[0].tell({ type: 'session_ended', session_id: 1 });
  fake.rest.status = () => ({ is_active: false, session: null });
  await fake.clock.pass(30_000);
  assert.equal(fake.chat.state, 'ended');
  assert.deepEqual(fake.heard.error, []);
  assert.deepEqual(fake.clock.waits, []);
  fake.rest.status = () => ({ is_active: true, session: fake.session });
  fake.chat.connect();
  await settle();
  assert.equal(fake.sockets.length, 2, 'and can be connected again');
});

test('closing leaves nothing behind, at any time', async () => {
  for (const moment of [() => {}, () => settle(), (fake) => settle().then(() => fake.sockets[0].open())]) {
    const fake = fakeChat();
    const connecting = fake.chat.connect();
    await moment(fake);
    fake.chat.close();
    await assert.rejects(connecting, { code: 'closed' });
    await settle();
    assert.deepEqual(fake.clock.waits, []);
    assert.ok(fake.sockets.every((socket) => socket.isClosed));
  }
  const fake = await live();
  const sending = fake.chat.sendMessage('x');
  fake.chat.close();
  await assert.rejects(sending, { code: 'closed' });
  assert.deepEqual(fake.clock.waits, []);
  assert.deepEqual(fake.heard.error, []);
});
