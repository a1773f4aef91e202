// Units that need no connection.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Backoff, spread } from '../src/backoff.js';
import { LiveChat } from '../src/index.js';
import { claimsOf } from '../src/jwt.js';
import { Timeline } from '../src/timeline.js';
import { Tokens } from '../src/tokens.js';
import { FakeClock, fakeChat, message, settle, token } from './support.mjs';

const waits = (random, count) => {
  const backoff = new Backoff(() => random);
  return Array.from({ length: count }, () => backoff.next());
};

test('waits grow from half a second to 15 seconds, at random in between', () => {
  assert.deepEqual(waits(0, 7), [500, 500, 500, 500, 500, 500, 500]);
  assert.deepEqual(waits(1, 7), [1000, 2000, 4000, 8000, 15000, 15000, 15000]);
  assert.deepEqual(waits(0.5, 2), [750, 1250]);
  const backoff = new Backoff(() => 1);
  backoff.next();
  backoff.next();
  backoff.reset();
  assert.equal(backoff.next(), 1000);
  assert.deepEqual([spread(() => 0), spread(() => 0.5), spread(() => 1)], [0, 15_000, 30_000]);
});

test('claims are read with every alphabet, and no token is no error', () => {
  assert.equal(claimsOf(token('ünï-🙂')).sub, 'ünï-🙂');
  for (const text of ['', 'opaque', 'a.b.c', '..', 'a.bnVsbA.c']) assert.deepEqual(claimsOf(text), {}, text);
});

/** A token with this text as its claims. */
const unsigned = (json) => `e30.${Buffer.from(json).toString('base64url')}.x`;

test('a claim for display counts as absent if its type is wrong', () => {
  const wrong = { name: 7, preferred_username: {}, username: 42, email: true, picture: ['x'], badge: null, roles: 'host' };
  assert.deepEqual(claimsOf(unsigned(JSON.stringify({ sub: 'ann', ...wrong, exp: 9 }))), { sub: 'ann', exp: 9 });
  const right = { name: 'Ann', preferred_username: 'ann', username: 'a', email: 'a@x.org', picture: '/a', badge: 'gold', roles: ['host', 3] };
  assert.deepEqual(claimsOf(unsigned(JSON.stringify({ sub: 'ann', ...right }))), { sub: 'ann', ...right });
  for (const json of ['7', '"text"', '[]', 'null']) assert.deepEqual(claimsOf(unsigned(json)), {}, json);
});

test('the user id is the one of the server: text, also of a number, by its value and with all its digits', () => {
  for (const [sub, userId] of [
    ['"42"', '42'],
    ['42', '42'],
    ['42.0', '42'],
    ['7e0', '7'],
    ['-3', '-3'],
    ['9007199254740993', '9007199254740993'],
    ['18446744073709551615', '18446744073709551615'],
    ['1.5', undefined],
    ['""', undefined],
    ['null', undefined],
    ['{"id":1}', undefined],
    ['["ann"]', undefined],
  ]) {
    const claims = unsigned(`{"act": {"sub": 11111111111111111111}, "sub": ${sub}, "exp": 9}`);
    assert.equal(new Tokens(claims, new FakeClock()).userId, userId, sub);
  }
});

test('white space around a token is not part of it, and a token that no header can carry is refused as one', async () => {
  const clock = new FakeClock();
  const good = token('ann');
  assert.equal(await new Tokens(` ${good}\r\n`, clock).get(), good);
  const source = new Tokens(async () => `${good}\n`, clock);
  assert.equal(await source.get(), good);
  assert.equal(await source.renew(good), good);
  for (const bad of ['ключ', 'a b', 'a\nb', ' ', '\u200b']) {
    await assert.rejects(new Tokens(bad, clock).get(), { code: 'unauthorized' }, bad);
    await assert.rejects(new Tokens(() => bad, clock).get(), { code: 'token_unavailable' }, bad);
  }
});

/** A timeline, and the numbers that it has delivered. */
function timeline() {
  const seqs = [];
  return { timeline: new Timeline(({ seq }) => seqs.push(seq)), seqs };
}

test('pushed messages are delivered at once, gaps are no loss, and repeats are skipped', () => {
  const { timeline: line, seqs } = timeline();
  for (const seq of [1, 2, 5, 2, 5, 6]) line.takeLive(message(seq));
  assert.deepEqual(seqs, [1, 2, 5, 6]);
});

test('fetched messages are delivered up to the settled number, and beyond it without a gap', () => {
  const { timeline: line, seqs } = timeline();
  line.take([1, 3, 4, 5, 7].map((seq) => message(seq)), 3, 0);
  assert.deepEqual(seqs, [1, 3, 4, 5], '7 waits: 6 may still come');
  assert.ok(line.isWaiting);
  line.takeLive(message(6));
  assert.deepEqual(seqs, [1, 3, 4, 5, 6, 7]);
  assert.ok(!line.isWaiting);
});

test('a waiting message is delivered as soon as a later one is pushed, or its number is settled', () => {
  for (const more of [(line) => line.takeLive(message(9)), (line) => line.take([message(9)], 9, 3)]) {
    const { timeline: line, seqs } = timeline();
    line.take([message(7)], 3, 0);
    assert.deepEqual(seqs, []);
    more(line);
    assert.deepEqual(seqs, [7, 9]);
  }
});

test('an answer that begins further up settles nothing below it', () => {
  const { timeline: line, seqs } = timeline();
  line.take([message(1), message(3)], 1, 0);
  line.take([message(5)], 5, 3);
  assert.deepEqual(seqs, [1], '2 and 4 may have been stored after the first answer was made');
  for (const seq of [2, 4]) line.takeLive(message(seq));
  assert.deepEqual(seqs, [1, 2, 3, 4, 5]);
});

test('a message that was deleted while it waited is never delivered', () => {
  const { timeline: line, seqs } = timeline();
  line.take([message(7)], 3, 0);
  line.forget(message(7).id);
  line.takeLive(message(8));
  assert.deepEqual(seqs, [8]);
});

test('concurrent callers share one fetch of a token, and keep it until it expires or is refused', async () => {
  const clock = new FakeClock();
  let fetched = 0;
  const tokens = new Tokens(async () => token(`user-${++fetched}`, { expiresIn: 100 }), clock);
  assert.equal(tokens.userId, undefined);
  const [first, second] = await Promise.all([tokens.get(), tokens.get()]);
  assert.equal(first, second);
  assert.equal(tokens.userId, 'user-1');
  await clock.pass(90_000);
  assert.equal(await tokens.get(), first);
  await clock.pass(11_000);
  assert.notEqual(await tokens.get(), first);
  tokens.refuse(first);
  assert.equal(fetched, 2, 'an old token was refused: that says nothing of the new one');
  tokens.refuse(await tokens.get());
  await tokens.get();
  assert.equal(fetched, 3);
});

test('a wrong clock does not make every new token an expired one', async () => {
  let fetched = 0;
  const tokens = new Tokens(() => token('ann', { fetched: ++fetched }), new FakeClock(Date.now() + 40 * 3600_000));
  await tokens.get();
  await tokens.get();
  assert.equal(fetched, 1);
  assert.equal(tokens.expiresAt, Infinity);
});

test('a token function that fails or gives nothing says so', async () => {
  const failing = () => {
    throw new Error('offline');
  };
  for (const source of [() => undefined, () => '', failing, async () => failing()]) {
    const clock = new FakeClock();
    await assert.rejects(new Tokens(source, clock).get(), { code: 'token_unavailable' });
    assert.deepEqual(clock.waits, []);
  }
});

test('a token that comes after its deadline is kept, unless another one came before', async () => {
  const clock = new FakeClock();
  const answers = [];
  const tokens = new Tokens(() => new Promise((resolve) => answers.push(resolve)), clock);
  const inVain = assert.rejects(tokens.get(), { code: 'token_unavailable' });
  await clock.pass(30_000);
  await inVain;
  const again = tokens.get();
  answers[1](token('in-time'));
  await again;
  answers[0](token('late'));
  assert.equal(await tokens.get(), await again);

  const patient = new Tokens(() => new Promise((resolve) => answers.push(resolve)), clock);
  const tooEarly = assert.rejects(patient.get(), { code: 'token_unavailable' });
  await clock.pass(30_000);
  await tooEarly;
  answers.at(-1)(token('signed-in'));
  await clock.pass(0);
  assert.equal(patient.userId, 'signed-in');
  await patient.get();
  assert.equal(answers.length, 3, 'nobody was asked again');
});

test('wrong options are rejected at once', () => {
  class WebSocket {}
  assert.throws(() => new LiveChat({ WebSocket }), /needs a token/);
  assert.throws(() => new LiveChat(''), /needs a token/);
  assert.throws(() => new LiveChat({ token: 'x', WebSocket, tokenIn: 'cookie' }), /tokenIn is one of ticket, subprotocol, query/);
  assert.throws(() => new LiveChat({ token: 'x', WebSocket: null }), /no WebSocket here/);
});

test('the base URL may be a URL, in any case of letters', async () => {
  for (const [baseUrl, socket] of [
    [new URL('https://chat.test/'), 'wss://chat.test/live-chat/ws/1?'],
    ['HTTP://chat.test//', 'ws://chat.test/live-chat/ws/1?'],
  ]) {
    const { chat, sockets } = fakeChat({ baseUrl });
    chat.connect().catch(() => {});
    await settle();
    assert.ok(sockets[0].url.startsWith(socket), sockets[0].url);
    chat.close();
  }
});

test('every own message has a key, also where the browser makes no random UUIDs', async () => {
  const original = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
  try {
    for (const crypto of [undefined, {}]) {
      Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true });
      const { chat } = fakeChat({ random: Math.random });
      chat.connect().catch(() => {});
      const keys = ['a', 'b'].map((text) => (chat.sendMessage(text), chat.pending.at(-1).client_message_id));
      assert.ok(keys[0] !== keys[1] && keys.every((key) => key.length >= 32 && key.length <= 128), String(keys));
      chat.close();
    }
  } finally {
    Object.defineProperty(globalThis, 'crypto', original);
  }
});
