// How far an answer reaches: `up_to`, `next_after` and `next_before` say it, also where messages were deleted.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { comeBack, liveChat, page, reopened } from './fake-live.mjs';
import { message, resumed, settle } from './support.mjs';

const id = (seq) => message(seq).id;
const seqs = ({ heard }) => heard.message.map(({ seq }) => seq);

/** A chat with the messages 1 and 2 whose next socket is open. */
async function returning() {
  const fake = await liveChat();
  const socket = await reopened(fake);
  return { fake, socket, asked: () => socket.of('resume').map(({ after }) => after) };
}

test('a `resumed` that has more is continued after `up_to`, though the messages up to there are deleted', async () => {
  const { fake, socket, asked } = await returning();
  socket.tell({ ...resumed([3], 900, false), up_to: 500 });
  await settle();
  assert.deepEqual([asked(), seqs(fake)], [[2, 500], [1, 2, 3]]);
  socket.tell({ ...resumed([], 900, false), up_to: 800 });
  await settle();
  assert.deepEqual(asked(), [2, 500, 800]);
  socket.tell({ ...resumed([900], 900), up_to: 900 });
  await settle();
  assert.deepEqual([seqs(fake), fake.chat.state], [[1, 2, 3, 900], 'live']);
});

test('a message beyond `up_to` is not asked for again', async () => {
  const { fake, socket, asked } = await returning();
  socket.tell({ ...resumed([3, 5], 3, false), up_to: 3 });
  await settle();
  assert.deepEqual([asked(), seqs(fake)], [[2, 5], [1, 2, 3]]);
  socket.tell({ ...resumed([6], 6), up_to: 6 }, { type: 'new_message', message: message(4) });
  await settle();
  assert.deepEqual([seqs(fake), fake.chat.state], [[1, 2, 3, 4, 5, 6], 'live']);
});

test('over REST, a long absence is continued after `next_after`', async () => {
  const { fake, socket, asked } = await returning();
  const pages = new Map([[5, { ...page([]), has_more: true, next_after: id(700) }], [700, { ...page([]), messages: [message(701)], next_after: null }]]);
  const wanted = [];
  fake.rest.messages = (url) => {
    const after = new URL(url).searchParams.get('after') - id(0);
    wanted.push(after);
    return { ...pages.get(after), last_seq: 701 };
  };
  for (const seq of [3, 4, 5]) {
    socket.tell({ ...resumed([seq], 701, false), up_to: seq });
    await settle();
  }
  assert.deepEqual([wanted, asked().at(-1)], [[5, 700], 701]);
  socket.tell(resumed([], 701));
  await settle();
  assert.deepEqual([seqs(fake), fake.chat.state], [[1, 2, 3, 4, 5, 701], 'live']);
});

test('an answer that has more and leads no further is an error, not an endless loop', async () => {
  for (const answer of [resumed([], 9, false), { ...resumed([], 9, false), up_to: 2 }, { ...resumed([], 9, false), up_to: null }]) {
    const { fake, socket, asked } = await returning();
    socket.tell(answer);
    await settle();
    assert.deepEqual([asked(), fake.heard.error.at(-1).code, fake.chat.state], [[2], 'invalid_answer', 'recovering']);
    fake.chat.close();
  }
});

test('after a loss, what is held is compared down to `next_before`, and goes on from there', async () => {
  const all = Array.from({ length: 120 }, (_, i) => i + 1);
  const fake = await liveChat({ history: 120 }, all);
  const wanted = [];
  fake.rest.messages = (url) => {
    const before = new URL(url).searchParams.get('before') - id(0);
    wanted.push(before);
    const there = { 121: [120], 81: [], 61: [1, 2] }[before];
    const next_before = { 121: id(81), 81: id(61), 61: null }[before];
    return { ...page([]), messages: there.map((seq) => message(seq)), has_more: next_before !== null, next_before, last_seq: 120 };
  };
  fake.sockets[0].end();
  await fake.clock.pass(750);
  await comeBack(fake);
  assert.deepEqual([...fake.chat.messages.values()].map(({ seq }) => seq), [...all.slice(0, 80), 120], 'all from 81 on were looked at');
  await fake.clock.pass(60_000);
  assert.deepEqual(wanted, [121, 81, 61]);
  assert.deepEqual([...fake.chat.messages.values()].map(({ seq }) => seq), [1, 2, 120]);
});

test('a page that has more and says nothing else deletes nothing and is the last one', async () => {
  const fake = await liveChat();
  fake.rest.messages = () => ({ ...page([]), has_more: true, last_seq: 2 });
  fake.sockets[0].end();
  await fake.clock.pass(750);
  await comeBack(fake);
  fake.rest.calls.length = 0;
  await fake.clock.pass(60_000);
  assert.deepEqual([fake.heard.deleted, fake.rest.calls], [[], []]);
});
