// Likes, which can be taken back: of the session, of messages, and one's own.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { comeBack, liveChat, page, reopened } from './fake-live.mjs';
import { message, problem, resumed, settle, told } from './support.mjs';

const likes = (total_likes) => ({ type: 'session_like_update', total_likes });
const likesOf = (seq, likes) => ({ type: 'message_like_update', message_id: message(seq).id, likes });
const totals = ({ heard }) => heard.likes.map(({ total_likes }) => total_likes);
const counts = ({ heard }) => heard.messageLikes.map(({ message_id, likes }) => [message_id - 100_000_000, likes]);

test('a like is given and taken back over the paths of the contract', async () => {
  const fake = await liveChat();
  fake.rest.calls.length = 0;
  fake.rest.like = () => ({ message: 'Session like removed', total_likes: 0, was_liked: true });
  fake.rest['like-message'] = () => ({ message: 'Like removed', likes: 0, was_liked: false, message_id: message(1).id });
  assert.equal((await fake.chat.unlike()).was_liked, true);
  assert.equal((await fake.chat.unlikeMessage(message(1).id)).was_liked, false);
  const asked = fake.rest.calls.map(({ method, url }) => [method, new URL(url).pathname]);
  assert.deepEqual(asked, [['DELETE', '/live-chat/like'], ['DELETE', '/live-chat/like-message/100000001']]);
  fake.rest.like = () => problem(403, 'chat_not_active');
  await assert.rejects(fake.chat.unlike(), { code: 'chat_not_active', status: 403 });
});

test('the number of likes sinks with a broadcast, and with the answer to an own call', async () => {
  const fake = await liveChat();
  fake.sockets[0].tell(likes(5), likes(4), likesOf(1, 2), likesOf(1, 1));
  assert.deepEqual([totals(fake), counts(fake)], [[5, 4], [[1, 2], [1, 1]]]);
  fake.rest.like = () => ({ total_likes: 3, was_liked: true });
  fake.rest['like-message'] = () => ({ message_id: message(1).id, likes: 0, was_liked: true });
  await fake.chat.unlike();
  await fake.chat.unlikeMessage(message(1).id);
  assert.deepEqual([fake.chat.likes, fake.chat.messages.get(message(1).id).likes], [3, 0]);
  assert.deepEqual([totals(fake).at(-1), counts(fake).at(-1)], [3, [1, 0]]);
});

test('a number that sank while no socket was open is believed with the second response', async () => {
  const fake = await liveChat();
  fake.sockets[0].tell(likes(5));
  fake.sockets[0].end();
  fake.session.total_likes = 4;
  await fake.clock.pass(750);
  await comeBack(fake);
  assert.equal(fake.chat.likes, 5, 'one response may be older than what was told');
  await fake.clock.pass(30_000);
  assert.equal(fake.chat.likes, 4);
});

test('an answer that a broadcast overtakes changes nothing', async () => {
  const fake = await liveChat();
  const [socket] = fake.sockets;
  fake.rest.like = () => (socket.tell(likes(7)), { total_likes: 6, already_liked: false });
  fake.rest['like-message'] = () => (socket.tell(likesOf(1, 9)), { message_id: message(1).id, likes: 8, already_liked: false });
  await fake.chat.likeSession();
  await fake.chat.likeMessage(message(1).id);
  assert.deepEqual([fake.chat.likes, fake.chat.messages.get(message(1).id).likes], [7, 9]);
  assert.equal(fake.chat.messages.get(message(1).id).user_liked, true, 'but the like is known');
});

test('likes that sank while no socket was open are found with the pages that are compared', async () => {
  const fake = await liveChat();
  fake.sockets[0].tell(likesOf(1, 3), likesOf(2, 3));
  fake.sockets[0].end();
  await fake.clock.pass(750);
  const socket = fake.sockets[1];
  fake.rest.messages = () => (socket.tell(likesOf(2, 5)), { ...page([]), messages: [message(1, { likes: 2 }), message(2, { likes: 3 })], last_seq: 2 });
  await comeBack(fake);
  assert.deepEqual(counts(fake).slice(2), [[2, 5], [1, 2]]);
  assert.equal(fake.chat.messages.get(message(2).id).likes, 5, 'told while the page was under way');
});

test('of a message that waits, what was told is newer than any copy, also if it is less', async () => {
  const fake = await liveChat();
  const socket = await reopened(fake);
  const copy = (likes) => ({ ...resumed([], 3), messages: [message(5, { likes })] });
  socket.tell(copy(9));
  await settle();
  socket.tell(likesOf(5, 8));
  await fake.clock.pass(1_000);
  socket.tell(copy(9));
  await settle();
  socket.tell(told(5));
  assert.equal(fake.chat.messages.get(message(5).id).likes, 8);
});

test('own likes are known from the beginning, and kept up to date', async () => {
  const fake = await liveChat();
  const { chat, rest } = fake;
  const first = rest.calls.find(({ path }) => path === 'messages');
  assert.equal(new URL(first.url).searchParams.get('mine'), 'true');
  rest['like-message'] = (url) => ({ message_id: Number(new URL(url).pathname.split('/').at(-1)), likes: 1 });
  const isLiked = () => chat.messages.get(message(1).id).user_liked;
  assert.equal(isLiked(), undefined, 'a server that does not tell');
  const heard = [];
  chat.addEventListener('messageLikes', ({ detail }) => heard.push(detail.message.user_liked));
  await chat.likeMessage(message(1).id);
  await chat.likeMessage(message(1).id);
  assert.equal(isLiked(), true);
  await chat.unlikeMessage(message(1).id);
  assert.equal(isLiked(), false);
  assert.deepEqual(heard, [true, false], 'each change is reported, even if the number stays');
});

test('`mine` asks for `user_liked` in any page, and only there', async () => {
  const { chat, rest } = await liveChat();
  rest.calls.length = 0;
  rest.messages = () => ({ ...page([]), messages: [message(1, { user_liked: true })] });
  const { messages } = await chat.getMessages({ before: message(2).id, mine: true });
  assert.equal(messages[0].user_liked, true);
  await chat.getMessages({ before: message(2).id });
  assert.deepEqual(rest.calls.map(({ url }) => new URL(url).search), ['?before=100000002&mine=true', '?before=100000002']);
});

test('what is no number changes no number', async () => {
  const fake = await liveChat();
  fake.sockets[0].tell(likes(3), likes(null), likes(undefined), { type: 'viewer_count_update' }, { type: 'batch', events: null }, likes(2));
  assert.deepEqual([totals(fake), fake.chat.viewers], [[3, 2], 1]);
});
