// Reactions: collected, sent once a second, and never counted twice. Questions: asked, listed and marked.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Reactions } from '../src/reactions.js';
import { liveChat } from './fake-live.mjs';
import { settle, told } from './support.mjs';

/** Reactions over a clock and a server of the test. */
function collected(answer = () => ({ reactions: {} })) {
  const [calls, timers] = [[], new Map()];
  const clock = {
    time: 0,
    now: () => clock.time,
    setTimeout: (action, wait) => timers.set(action, clock.time + wait) && action,
    clearTimeout: (timer) => timers.delete(timer),
  };
  const reactions = new Reactions({
    clock,
    post: async (counts) => {
      calls.push([clock.time, counts]);
      return answer(counts);
    },
  });
  const pass = async (milliseconds) => {
    for (const end = clock.time + milliseconds; ; ) {
      const [[action, at] = []] = [...timers].sort(([, a], [, b]) => a - b);
      if (action === undefined || at > end) {
        clock.time = end;
        return;
      }
      clock.time = at;
      timers.delete(action);
      action();
      await settle();
    }
  };
  return { reactions, calls, pass, timers };
}

test('the first goes at once, the others once a second, at most twenty at a time', async () => {
  const { reactions, calls, pass, timers } = collected();
  const done = [];
  reactions.add('🎉').then(() => done.push('first'));
  await pass(0);
  assert.deepEqual([calls, done], [[[0, { '🎉': 1 }]], ['first']]);
  for (let i = 0; i < 25; i++) reactions.add('🎉');
  reactions.add('🔥', 3).then(() => done.push('last'));
  await pass(999);
  assert.equal(calls.length, 1);
  await pass(1);
  assert.deepEqual([calls[1], done], [[1000, { '🎉': 20 }], ['first']]);
  await pass(1000);
  assert.deepEqual([calls[2], done], [[2000, { '🎉': 5, '🔥': 3 }], ['first', 'last']]);
  await pass(60_000);
  assert.deepEqual([calls.length, timers.size], [3, 0]);
});

test('what the rate limit refuses is sent again when it may pass', async () => {
  const answers = [Object.assign(new Error('slow'), { code: 'rate_limited', retryAfterMs: 2500 }), { reactions: { '🎉': 4 } }];
  const { reactions, calls, pass } = collected(() => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const settled = reactions.add('🎉', 3);
  await pass(0);
  reactions.add('🎉');
  await pass(2499);
  assert.equal(calls.length, 1);
  await pass(1);
  assert.deepEqual(calls[1], [2500, { '🎉': 4 }]);
  assert.deepEqual(await settled, { reactions: { '🎉': 4 } });
});

test('what may have counted is not sent again, and what was refused for good is told', async () => {
  for (const code of ['network', 'unavailable', 'banned', 'invalid_request']) {
    let failed;
    const { reactions, calls, pass } = collected(() => {
      throw Object.assign(new Error(code), { code });
    });
    reactions.add('🎉', 3).catch((error) => (failed = error.code));
    await pass(10_000);
    assert.deepEqual([calls.length, failed], [1, code]);
  }
});

test('a hundred wait at most, and a count is a whole number', async () => {
  const { reactions, calls, pass } = collected();
  const last = reactions.add('🎉', 1000);
  reactions.add('🎉', 1000);
  await pass(10_000);
  assert.equal(calls.reduce((sum, [, counts]) => sum + counts['🎉'], 0), 100);
  await last;
  for (const count of [0, -1, 1.5, '2', NaN]) await assert.rejects(reactions.add('🎉', count), TypeError);
});

test('the room is told by frames, by status and by pong', async () => {
  const fake = await liveChat();
  assert.deepEqual(fake.chat.reactions, {}, 'an older server tells none');
  fake.sockets[0].tell({ type: 'reactions', counts: { '🎉': 2 }, totals: { '🎉': 5, '🔥': 0 } });
  assert.deepEqual(fake.chat.reactions, { '🎉': 5, '🔥': 0 });
  const pong = { type: 'pong', server_time: '', last_seq: 2, viewer_count: 1, total_likes: 0 };
  fake.sockets[0].tell(pong, { ...pong, reactions: { '🎉': 5, '🔥': 0 } }, { ...pong, reactions: { '🎉': 6, '🔥': 0 } });
  assert.deepEqual(fake.heard.reactions, [{ reactions: { '🎉': 5, '🔥': 0 }, counts: { '🎉': 2 } }, { reactions: { '🎉': 6, '🔥': 0 } }]);
});

test('a question keeps its mark up to date, and its kind goes with the message', async () => {
  const fake = await liveChat();
  fake.sockets[0].tell({ type: 'new_message', message: { ...told(3).message, message_type: 'question', answered: false } });
  fake.sockets[0].tell({ type: 'question_update', message_id: 100000003, answered: true, notice_id: 'a' });
  fake.sockets[0].tell({ type: 'question_update', message_id: 100000003, answered: true, notice_id: 'a' });
  assert.equal(fake.chat.messages.get(100000003).answered, true);
  assert.deepEqual(fake.heard.question, [{ message_id: 100000003, answered: true }]);
  fake.chat.sendMessage('When?', { kind: 'question' });
  const sent = fake.sockets[0].sent.map((frame) => (typeof frame === 'string' ? JSON.parse(frame) : frame)).at(-1);
  assert.deepEqual([sent.message, sent.kind], ['When?', 'question']);
  assert.equal(fake.chat.pending[0].kind, 'question');
});
