// A replay: in step with a recording that plays, pauses, seeks and changes its speed, from every kind of source.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ReplayChat, ReplayClock } from '../src/replay.js';
import { fakeChat, settle } from './support.mjs';

const START = Date.UTC(2026, 10, 30, 20);
const at = (seconds) => new Date(START + seconds * 1000).toISOString();

const session = { type: 'session', seq: 0, at: at(0), version: 1, session: { id: 1, name: 'Evening', start_time: at(0) }, after: 0, include_deleted: true, user_id: null };
const message = (seq, seconds, more = {}) => ({
  type: 'message',
  seq,
  at: at(seconds),
  state: 'standing',
  message: { id: 100_000_000 + seq, seq, session_id: 1, user_id: seq % 2 ? 'ann' : 'bob', username: 'A', message: `text ${seq}`, likes: 0, created_at: at(seconds), ...more },
});
const gone = (seq, seconds, state, gone_at, message_of = message(seq, seconds).message) => ({
  type: 'deletion',
  seq,
  at: at(seconds),
  state,
  gone_at,
  message_id: 100_000_000 + seq,
  user_id: seq % 2 ? 'ann' : 'bob',
  message: message_of,
});
const end = { type: 'end', count: 9, first_seq: 1, last_seq: 8, up_to_seq: 8, state: 'ended', sha256: '0'.repeat(64) };

/** Numbers below a limit, the same for the same seed. */
function randomNumbers(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const EVENING = [
  session,
  message(1, -5),
  message(2, 1),
  gone(3, 2, 'deleted', at(6)),
  gone(4, 3, 'purged', null, message(4, 3, { user_id: 'carl' }).message),
  { type: 'action', seq: 4, action: { at: at(3.5), action: 'ban' } },
  { type: 'event', seq: 5, at: at(4), name: 'goal', attributes: { team: 'red' } },
  { type: 'of_a_later_version', seq: 5 },
  message(6, 5, { reply_to: { id: 100_000_003, user_id: 'ann', username: 'A', excerpt: 'text 3' } }),
  { type: 'user_purged', seq: 7, at: at(7), user_id: 'carl', up_to_seq: 6 },
  { ...message(8, 8), state: 'shadowed' },
  message(9, 9),
  end,
];
const LINES = EVENING.map((record) => `${JSON.stringify(record)}\n`).join('');

/** A replay by a clock that the test moves, and what was heard of it. */
async function replayed(options = {}) {
  const { clock } = fakeChat();
  const media = new ReplayClock({ now: () => clock.now() });
  const chat = new ReplayChat({ source: EVENING, media, clock, ...options });
  const heard = [];
  for (const type of ['message', 'event', 'deleted', 'purged', 'cleared', 'seeked', 'state', 'session', 'error']) {
    chat.addEventListener(type, ({ detail }) => heard.push([type, detail?.seq ?? detail?.message_id ?? detail?.state ?? detail?.user_id ?? detail?.position ?? detail?.code]));
  }
  await chat.connect();
  heard.length = 0;
  const shown = () => [...chat.messages.values()].map(({ seq }) => seq);
  const pass = async (seconds) => {
    await clock.pass(seconds * 1000);
    await settle();
  };
  return { chat, media, heard, shown, pass };
}

test('what was said comes when it was said, and what was removed never', async () => {
  const { chat, media, heard, shown, pass } = await replayed();
  assert.deepEqual([chat.state, chat.session.name, chat.duration, chat.removed, chat.isComplete], ['live', 'Evening', 9, 2, true]);
  assert.deepEqual(shown(), [1], 'what was said before the start is there from the beginning');
  await pass(3);
  assert.deepEqual(shown(), [1], 'the clock stands still');
  media.play();
  await pass(0.9);
  assert.deepEqual(heard, []);
  await pass(0.2);
  assert.deepEqual(heard, [['message', 2]]);
  await pass(10);
  assert.deepEqual(heard, [['message', 2], ['event', 5], ['message', 6], ['message', 9]]);
  assert.deepEqual(shown(), [1, 2, 6, 9]);
});

test('with showRemoved, messages show until they were removed', async () => {
  const { chat, media, heard, shown, pass } = await replayed({ showRemoved: true });
  media.play();
  await pass(5.5);
  assert.deepEqual(shown(), [1, 2, 3, 4, 6]);
  await pass(1);
  assert.deepEqual(shown(), [1, 2, 4, 6]);
  assert.equal(chat.messages.get(100_000_006).reply_to.excerpt, null, 'a quote goes with its parent');
  await pass(10);
  assert.deepEqual(heard.map(([type]) => type), ['message', 'message', 'message', 'event', 'message', 'deleted', 'purged', 'message']);
  assert.deepEqual(shown(), [1, 2, 6, 9], 'a shadowed message is never shown');
});

test('what was removed while the export was read does not show, unless it was brought back', async () => {
  const act = (id, action, more) => ({ type: 'action', seq: 6, action: { id, at: at(7), action, ...more } });
  const purge = { type: 'user_purged', seq: 7, at: at(7), user_id: 'bob', up_to_seq: 6 };
  const clear = { type: 'chat_cleared', seq: 7, at: at(7), up_to_seq: 2 };
  const back = { type: 'messages_restored', seq: 8, at: at(8), from_seq: 1, up_to_seq: 6 };
  const deleted = act('a1', 'delete', { target: { message_ids: [100_000_001] } });
  for (const [further, expected] of [
    [[], [1, 2, 6]],
    [[purge], [1]],
    [[clear], [6]],
    [[purge, back], [1, 2, 6]],
    [[deleted], [2, 6]],
    [[deleted, act('a2', 'restore', { target: {}, changes: { action_id: 'a1' } })], [1, 2, 6]],
  ]) {
    const source = [session, message(1, 0), message(2, 0), message(6, 0), ...further, end];
    const { chat, media, shown } = await replayed({ source });
    media.currentTime = 9;
    assert.deepEqual(shown(), expected, JSON.stringify(further));
    assert.equal(chat.removed, 3 - expected.length);
    const whole = await replayed({ source, showRemoved: true });
    whole.media.currentTime = 9;
    if (further.includes(back)) assert.deepEqual(whole.shown(), expected, 'a purge that was taken back takes nothing away');
  }
});

test('after seeking, in either direction, it shows what showed there', async () => {
  const { media, heard, shown, pass } = await replayed({ showRemoved: true });
  media.currentTime = 8.5;
  assert.deepEqual(heard.splice(0), [['seeked', 8.5]], 'nothing is told of the way');
  assert.deepEqual(shown(), [1, 2, 6]);
  media.currentTime = 3.5;
  assert.deepEqual(shown(), [1, 2, 3, 4]);
  media.play();
  await pass(0.6);
  assert.deepEqual(heard, [['seeked', 3.5], ['event', 5]]);
  media.currentTime = 0;
  assert.deepEqual(shown(), [1]);
});

test('it goes faster, and pauses, with its recording', async () => {
  const { media, heard, pass } = await replayed();
  media.playbackRate = 4;
  media.play();
  await pass(0.3);
  assert.deepEqual(heard, [['message', 2]], 'after 1.2 s of the recording');
  media.pause();
  await pass(60);
  assert.equal(heard.length, 1);
  media.play();
  await pass(3);
  assert.equal(heard.length, 4);
  assert.throws(() => (media.playbackRate = 0), RangeError);
});

test('a recording that began later begins later', async () => {
  const { chat, shown } = await replayed({ start: at(4) });
  assert.deepEqual(shown(), [1, 2]);
  assert.equal(chat.duration, 5);
  const early = await replayed({ start: START - 60_000 });
  assert.deepEqual([early.shown(), early.chat.duration], [[], 69]);
});

test('an export is a text, an address, a file, a stream, an answer, or records', async () => {
  const fetch = async (address) => (String(address) === 'https://x.example/chat.jsonl' ? new Response(LINES) : new Response('', { status: 404 }));
  const bytes = new TextEncoder().encode(LINES.replace('text 2', 'täxt 🎉'));
  const inPieces = new ReadableStream({
    start(controller) {
      // Characters are cut in the middle.
      for (let begin = 0; begin < bytes.length; begin += 7) controller.enqueue(bytes.slice(begin, begin + 7));
      controller.close();
    },
  });
  async function* records() {
    yield* EVENING;
  }
  for (const source of [LINES, LINES.trimEnd(), 'https://x.example/chat.jsonl', new URL('https://x.example/chat.jsonl'), new Blob([LINES]), inPieces, new Response(LINES), records()]) {
    const chat = new ReplayChat({ source, fetch });
    await chat.connect();
    assert.deepEqual([chat.session.id, chat.isComplete, chat.duration], [1, true, 9]);
    if (source === inPieces) assert.equal((await (chat.media.currentTime = 2, chat.getMessages())).messages[1].message, 'täxt 🎉');
    chat.close();
    assert.equal(chat.state, 'ended');
  }
});

test('what is no export is said to be none', async () => {
  const of = (...records) => records.map((record) => JSON.stringify(record)).join('\n');
  for (const [source, code] of [
    ['', 'invalid_export'],
    ['{"type":"session"', 'invalid_export'],
    [of(message(1, 0)), 'invalid_export'],
    [of({ ...session, version: 2 }), 'invalid_export'],
    [`${of(session)}\n7`, 'invalid_export'],
    ['https://x.example/nothing', 'network'],
  ]) {
    const chat = new ReplayChat({ source, fetch: async () => new Response('', { status: 404 }) });
    const errors = [];
    chat.addEventListener('error', ({ detail }) => errors.push(detail.code));
    await assert.rejects(chat.connect(), { name: 'ChatError', code });
    assert.deepEqual([errors, chat.state], [[code], 'ended'], source);
  }
  assert.throws(() => new ReplayChat({}), /needs a source/);
  assert.throws(() => new ReplayChat({ source: 7, start: 'soon' }), /start is a time/);
  await assert.rejects(new ReplayChat({ source: 7 }).connect(), TypeError);
  const cut = new ReplayChat({ source: of(session, message(1, 0)) });
  await cut.connect();
  assert.equal(cut.isComplete, false, 'an export that was cut off can be played');
});

test('a damaged export plays, or is said to be none', async () => {
  const odd = [null, 7, -1, '', 'x', true, [], {}, [null], { a: 1 }, 1e21, '2026-13-45', Number.MAX_SAFE_INTEGER];
  const pathsOf = (value, path = []) => Object.entries(value ?? {}).flatMap(([name, inner]) => [[...path, name], ...(typeof inner === 'object' ? pathsOf(inner, [...path, name]) : [])]);
  const random = randomNumbers(1);
  const outcomes = { played: 0, refused: 0 };
  for (let round = 0; round < 3000; round += 1) {
    const records = structuredClone(EVENING);
    const paths = pathsOf(records);
    const path = paths[random(paths.length)];
    const owner = path.slice(0, -1).reduce((value, name) => value[name], records);
    if (random(4) === 0) delete owner[path.at(-1)];
    else owner[path.at(-1)] = odd[random(odd.length)];
    let source = records.map((record) => JSON.stringify(record)).join('\n');
    if (random(3) === 0) {
      const cut = 1 + random(source.length);
      source = source.slice(0, cut) + String.fromCodePoint(random(0x2000)) + source.slice(cut + random(9));
    }
    const chat = new ReplayChat({ source: new Blob([source]), showRemoved: random(2) === 0 });
    try {
      await chat.connect();
      for (const position of [3, 0, 9, 100]) {
        chat.media.currentTime = position;
        await chat.getMessages();
      }
      outcomes.played += 1;
    } catch (error) {
      assert.deepEqual([error.name, error.code], ['ChatError', 'invalid_export'], `${error.stack}\n${source}`);
      outcomes.refused += 1;
    }
    chat.close();
  }
  assert.ok(outcomes.played > 500 && outcomes.refused > 500, JSON.stringify(outcomes));
});

test('pages reach back beyond the messages that are kept', async () => {
  const many = [session, ...Array.from({ length: 5000 }, (_, nth) => message(nth + 1, nth / 100)), end];
  const { chat, media, shown } = await replayed({ source: many, keepMessages: 100 });
  media.currentTime = 40;
  assert.deepEqual([shown().length, shown()[0], shown().at(-1)], [100, 3904, 4003]);
  const page = await chat.getMessages({ before: 100_003_904, limit: 50 });
  assert.deepEqual([page.messages.length, page.messages.at(-1).seq, page.has_more], [50, 3903, true]);
  const later = await chat.getMessages({ after: 100_003_990 });
  assert.deepEqual([later.messages.length, later.has_more], [13, false], 'none that is still to come');
  await assert.rejects(chat.sendMessage('hi'), { code: 'chat_not_active' });
});
