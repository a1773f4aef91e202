// Likes and deletions of messages that the application holds, after a time without a socket.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { comeBack, liveChat, page } from './fake-live.mjs';
import { message, problem, settle } from './support.mjs';

const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** A chat that holds messages up to a number, and a server that pages over them; `most` is its largest page. */
async function holding(count, { most = 100, history = count, ...options } = {}) {
  const fake = await liveChat(options, numbers(count - history + 1, count));
  const rows = new Map(numbers(1, count).map((seq) => [seq, message(seq)]));
  const pages = [];
  fake.rest.messages = (url) => {
    const asked = Object.fromEntries(new URL(url).searchParams);
    const limit = Number(asked.limit ?? 50);
    if (limit > most) return problem(400, 'invalid_request');
    pages.push(asked);
    const before = Number(asked.before) - 100_000_000;
    const found = [...rows.values()].filter(({ seq }) => seq < before);
    return { ...page([]), messages: found.slice(-limit), has_more: found.length > limit, last_seq: count };
  };
  return { fake, rows, pages };
}

/** A loss and the recovery. */
async function gap(fake) {
  fake.sockets.at(-1).end();
  await fake.clock.pass(1250);
  return comeBack(fake);
}

test('likes and deletions far above the newest page are found, and reported once', async () => {
  const { fake, rows } = await holding(260);
  rows.set(7, message(7, { likes: 4 }));
  rows.delete(30);
  rows.delete(260);
  await gap(fake);
  await fake.clock.pass(30_000);
  assert.deepEqual(fake.heard.messageLikes.map(({ message_id, likes }) => [message_id, likes]), [[message(7).id, 4]]);
  assert.deepEqual(fake.heard.deleted.map(({ message_id }) => message_id), [message(260).id, message(30).id]);
  assert.equal(fake.chat.messages.get(message(7).id).likes, 4);
  assert.equal(fake.chat.messages.size, 258);
});

test('the newest page is compared at once, the others one by one, spread, and no more than are held', async () => {
  const { fake, pages } = await holding(400, { history: 230 });
  await gap(fake);
  assert.deepEqual(pages, [{ session_id: '1', before: String(message(401).id), limit: '100' }]);
  await fake.clock.pass(4_999);
  assert.equal(pages.length, 1);
  await fake.clock.pass(1);
  assert.equal(pages.length, 2);
  await fake.clock.pass(60_000);
  assert.deepEqual(pages.map(({ before }) => before - 100_000_000), [401, 301, 201], '171 is the oldest one held');
  assert.deepEqual(pages.map(({ limit }) => limit), ['100', '100', undefined], 'the rest fits into a usual page');
});

test('of a thousand messages, the newest five hundred are looked at', async () => {
  const { fake, rows, pages } = await holding(1000);
  rows.delete(501);
  rows.delete(400);
  await gap(fake);
  await fake.clock.pass(120_000);
  assert.equal(pages.length, 5);
  assert.deepEqual(fake.heard.deleted.map(({ message_id }) => message_id), [message(501).id]);
});

test('messages that came with the way back are not asked for again, and never taken for deleted', async () => {
  const { fake, pages } = await holding(120);
  fake.sockets[0].end();
  await fake.clock.pass(1250);
  const [, socket] = fake.sockets;
  socket.open();
  await settle();
  socket.tell({ type: 'resumed', messages: [message(121), message(122)], last_seq: 122, complete: true });
  await settle();
  assert.equal(pages[0].before, String(message(121).id));
  await fake.clock.pass(30_000);
  assert.deepEqual(fake.heard.deleted, []);
  assert.equal(fake.chat.messages.size, 122);
});

test('a deployment with smaller pages is asked for those, without an error', async () => {
  const { fake, rows, pages } = await holding(130, { most: 60 });
  rows.delete(1);
  await gap(fake);
  await fake.clock.pass(60_000);
  assert.deepEqual(pages.map(({ before }) => before - 100_000_000), [131, 81, 31]);
  assert.deepEqual(fake.heard.deleted.map(({ message_id }) => message_id), [message(1).id]);
  assert.deepEqual(fake.heard.error, []);
});

test('another loss starts over with the messages held then, and drops the earlier refresh', async () => {
  const { fake, pages } = await holding(300);
  await gap(fake);
  fake.sockets.at(-1).tell({ type: 'new_message', message: message(301) });
  await gap(fake);
  assert.deepEqual(pages.map(({ before }) => before - 100_000_000), [301, 302]);
  await fake.clock.pass(60_000);
  assert.deepEqual(pages.map(({ before }) => before - 100_000_000), [301, 302, 201, 101]);
});

test('a page that was under way during another loss starts no second round', async () => {
  const { fake, rows, pages } = await holding(300);
  const answer = fake.rest.messages;
  let release;
  fake.rest.messages = (url) => new Promise((resolve) => (release = () => resolve(answer(url))));
  await gap(fake);
  fake.rest.messages = answer;
  fake.sockets.at(-1).tell({ type: 'new_message', message: message(301) });
  rows.set(301, message(301));
  await gap(fake);
  release();
  await settle();
  await fake.clock.pass(60_000);
  assert.deepEqual(pages.map(({ before }) => before - 100_000_000), [302, 301, 202, 102, 2], 'not 201');
});

test('it goes on over a renewal, and ends with the chat', async () => {
  const { fake, pages } = await holding(300);
  await gap(fake);
  await fake.clock.pass(5_000);
  fake.chat.close();
  await settle();
  assert.deepEqual([fake.clock.waits, pages.length], [[], 2]);

  let fetched = 0;
  const renewing = await holding(300, { token: () => `token-${++fetched}` });
  await gap(renewing.fake);
  renewing.fake.sockets.at(-1).tell({ type: 'error', code: 'token_expired', message: 'The token has expired' });
  await settle();
  await comeBack(renewing.fake);
  assert.equal(renewing.fake.sockets.length, 3);
  await renewing.fake.clock.pass(60_000);
  assert.equal(renewing.pages.length, 3);
});

test('a page that fails is asked for again, three times in all', async () => {
  const { fake } = await holding(300);
  let asked = 0;
  fake.rest.messages = () => (asked++, problem(503, 'unavailable'));
  await gap(fake);
  await fake.clock.pass(100_000);
  assert.equal(asked, 3);
  assert.deepEqual(fake.heard.error.filter(({ code }) => code === 'unavailable').length, 3);
  assert.equal(fake.chat.state, 'live');
});

test('a client without messages asks for none', async () => {
  const { fake, pages } = await holding(0);
  await gap(fake);
  assert.deepEqual(pages, []);
});

test('modes that changed meanwhile are found, once, after the pages', async () => {
  const { fake, pages } = await holding(260);
  fake.chat.session.modes = { slow_seconds: 0 };
  fake.session.modes = { slow_seconds: 30 };
  const looks = () => fake.rest.calls.filter(({ path }) => path === 'status').map(({ url }) => new URL(url).search);
  await gap(fake);
  assert.deepEqual([looks(), pages.length], [[''], 1], 'not at once: all clients come back at the same time');
  await fake.clock.pass(120_000);
  assert.deepEqual([looks(), fake.heard.modes], [['', '?session_id=1'], [{ modes: { slow_seconds: 30 } }]]);
  assert.deepEqual(fake.chat.session.modes, { slow_seconds: 30 });
  await gap(fake);
  await fake.clock.pass(120_000);
  assert.deepEqual([looks().length, fake.heard.modes.length], [3, 1]);
});

test('a standing that changed meanwhile is found with the modes, unless a notice tells a newer one', async () => {
  const { fake } = await holding(2);
  fake.chat.session.modes = fake.session.modes = { slow_seconds: 0 };
  const standing = { state: 'timed_out', until: 'then' };
  let answer;
  fake.rest.status = () => new Promise((resolve) => (answer = resolve));
  await gap(fake);
  await fake.clock.pass(10_000);
  answer({ session: fake.session, standing });
  await settle();
  assert.deepEqual([fake.chat.standing, fake.heard.standing], [standing, [{ standing }]]);
  await gap(fake);
  await fake.clock.pass(10_000);
  fake.sockets.at(-1).tell({ type: 'standing_update', standing: { state: 'ok' }, notice_id: '1' });
  answer({ session: fake.session, standing });
  await settle();
  assert.deepEqual([fake.chat.standing, fake.heard.standing.length], [{ state: 'ok' }, 2]);
});

test('a notice that comes meanwhile is newer than such a look', async () => {
  const { fake } = await holding(2);
  fake.chat.session.modes = { slow_seconds: 0 };
  let answer;
  fake.rest.status = () => new Promise((resolve) => (answer = resolve));
  await gap(fake);
  await fake.clock.pass(10_000);
  fake.sockets.at(-1).tell({ type: 'modes_update', modes: { slow_seconds: 60 }, notice_id: '1' });
  answer({ session: { ...fake.session, modes: { slow_seconds: 30 } } });
  await settle();
  assert.deepEqual([fake.chat.session.modes, fake.heard.modes.length], [{ slow_seconds: 60 }, 1]);
});

test('clickable links that changed meanwhile are found with the modes; a server that does not tell them changes nothing', async () => {
  const { fake } = await holding(2);
  const links = (...domains) => ({ from: 'staff', domains });
  Object.assign(fake.chat.session, { modes: {}, clickable_links: links() });
  Object.assign(fake.session, { modes: {}, clickable_links: links('a.example') });
  const look = async () => {
    await gap(fake);
    await fake.clock.pass(10_000);
  };
  await look();
  assert.deepEqual([fake.chat.session.clickable_links, fake.heard.modes], [links('a.example'), []]);
  delete fake.session.clickable_links;
  await look();
  assert.deepEqual([fake.chat.session.clickable_links, fake.heard.clickableLinks], [links('a.example'), [{ clickable_links: links('a.example') }]]);
});

test('a client that holds no message looks at the modes, too', async () => {
  const fake = await liveChat({}, []);
  fake.chat.session.modes = { emoji_only: false };
  fake.session.modes = { emoji_only: true };
  await gap(fake);
  await fake.clock.pass(10_000);
  assert.deepEqual(fake.heard.modes, [{ modes: { emoji_only: true } }]);
});

test('a look at the modes that fails is reported, and no more; of an older server, there is none', async () => {
  const { fake } = await holding(2);
  await gap(fake);
  await fake.clock.pass(60_000);
  const statuses = () => fake.rest.calls.filter(({ path }) => path === 'status').length;
  assert.equal(statuses(), 1);
  fake.chat.session.modes = { slow_seconds: 0 };
  fake.rest.status = () => problem(503, 'unavailable');
  await gap(fake);
  await fake.clock.pass(60_000);
  assert.deepEqual([statuses(), fake.heard.error.at(-1).code, fake.heard.modes, fake.chat.state], [2, 'unavailable', [], 'live']);
});
