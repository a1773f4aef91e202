// Polls and draws: what the session has of them, votes, and the check of a draw.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { entrantHash, verifyDraw } from '../src/index.js';
import { comeBack, liveChat } from './fake-live.mjs';
import { settle } from './support.mjs';

const poll = (id, votes, more = {}) => ({ id, question: 'Encore?', options: [{ id: 0, text: 'Yes', votes }], state: 'open', hidden: false, total_votes: votes, ...more });
const update = (of, polls_version) => ({ type: 'poll_update', poll: of, polls_version });

test('a frame changes one poll of the session, and keeps the own vote', async () => {
  const fake = await liveChat();
  fake.chat.session.polls = [poll(10001, 0, { my_vote: 0 })];
  fake.sockets[0].tell(update(poll(10001, 3), 1), update(poll(10002, 0), 2));
  assert.deepEqual(fake.chat.session.polls.map(({ id, total_votes, my_vote }) => [id, total_votes, my_vote]), [[10002, 0, undefined], [10001, 3, 0]]);
  assert.deepEqual(fake.heard.poll, [{ poll: poll(10001, 3) }, { poll: poll(10002, 0) }]);
  assert.equal(fake.chat.session.polls_version, 2);
});

test('a vote is cast over REST, and told as an event', async () => {
  const fake = await liveChat();
  fake.chat.session.polls = [poll(10001, 0)];
  fake.rest.polls = () => ({ message: 'Vote counted', poll_id: 10001, my_vote: 0, already_voted: false });
  const { my_vote } = await fake.chat.vote(10001, 0);
  const call = fake.rest.calls.find(({ path }) => path.startsWith('polls/'));
  assert.deepEqual([my_vote, call.method, call.body], [0, 'POST', { option: 0 }]);
  assert.deepEqual([fake.chat.session.polls[0].my_vote, fake.heard.poll.length], [0, 1]);
});

test('polls and a draw that changed while the client was away are found after a loss', async () => {
  const fake = await liveChat();
  Object.assign(fake.chat.session, { modes: {}, polls: [poll(10001, 0)], draw: null });
  const next = { polls: [poll(10001, 4, { state: 'ended' })], draw: { id: 10001, state: 'frozen' } };
  Object.assign(fake.session, { modes: {}, ...next });
  fake.sockets[0].end();
  await fake.clock.pass(750);
  await comeBack(fake);
  await fake.clock.pass(20_000);
  assert.deepEqual([fake.heard.poll, fake.heard.draw], [[{ polls: next.polls }], [{ draw: next.draw }]]);
});

test('a pong tells of polls and draws that were missed; status is read once', async () => {
  for (const name of ['polls_version', 'draw_version']) {
    const fake = await liveChat();
    Object.assign(fake.chat.session, { modes: {} });
    Object.assign(fake.session, { modes: {}, [name]: 2 });
    const reads = () => fake.rest.calls.filter(({ path }) => path === 'status').length;
    const before = reads();
    const pong = { type: 'pong', server_time: '', last_seq: 2, viewer_count: 1, total_likes: 0, [name]: 2 };
    fake.sockets[0].tell(pong, pong);
    await fake.clock.pass(10_000);
    fake.sockets[0].tell(pong);
    await fake.clock.pass(10_000);
    assert.equal(reads() - before, 1, name);
  }
});

test('a draw is told, and its list is read to the last page', async () => {
  const fake = await liveChat();
  fake.sockets[0].tell({ type: 'draw_update', draw: { id: 10001, state: 'frozen' }, draw_version: 2 });
  assert.deepEqual([fake.heard.draw, fake.chat.session.draw.state], [[{ draw: { id: 10001, state: 'frozen' } }], 'frozen']);
  const pages = [{ entrants: ['a', 'b'], next_after: 2 }, { entrants: ['c'], next_after: null }];
  fake.rest.draws = () => pages.shift();
  assert.deepEqual(await fake.chat.entrants(10001), ['a', 'b', 'c']);
  await settle();
});

/** The worked example of docs/draws.md. */
async function example() {
  const text = await readFile(new URL('../../../docs/draws.md', import.meta.url), 'utf8');
  const figure = (name) => text.match(new RegExp(`^${name}\\s+([0-9a-f]+)$`, 'm'))[1];
  const entrants = [...text.matchAll(/^\| \w+ \| `([0-9a-f]{64})` \| `[0-9a-f]{64}` \|$/gm)].map(([, hash]) => hash);
  const [, order] = text.match(/^The order is (.*)\. The winners/m);
  const draw = { id: 10001, winners_wanted: 2, redraws: 0, entrants: 4, entrants_sha256: figure('entrants_sha256') };
  return { entrants, draw: { ...draw, seed: figure('seed'), commitment: figure('commitment'), winners: order.split(', ').slice(0, 2) } };
}

test('the worked example of the document adds up, and nothing that was tampered with does', async () => {
  const { draw, entrants } = await example();
  assert.equal(entrants.length, 4);
  assert.deepEqual(await verifyDraw(draw, entrants), { valid: true, problems: [] });
  assert.ok(entrants.includes(await entrantHash(10001, 'alice')));
  const zero = '0'.repeat(64);
  const exchanged = [zero, ...entrants.slice(1)];
  for (const [change, list, problem] of [
    [{ seed: zero }, entrants, 'commitment'],
    [{ seed: 'x' }, entrants, 'commitment'],
    [{ commitment: zero }, entrants, 'commitment'],
    [{ winners: [...draw.winners].reverse() }, entrants, 'winners'],
    [{ winners: draw.winners.slice(1) }, entrants, 'winners'],
    [{ redraws: 1 }, entrants, 'winners'],
    [{ id: 10002 }, entrants, 'winners'],
    [{}, exchanged, 'entrants'],
    [{}, entrants.slice(1), 'entrants'],
    [{}, [...entrants].reverse(), 'entrants'],
    [{ entrants_sha256: zero }, entrants, 'entrants'],
    [{ entrants: 5 }, entrants, 'entrants'],
    [{ seed: null }, entrants, 'not_revealed'],
  ]) {
    const { valid, problems } = await verifyDraw({ ...draw, ...change }, list);
    assert.deepEqual([valid, problems.includes(problem)], [false, true], `${JSON.stringify(change)} ${problem}`);
  }
});
