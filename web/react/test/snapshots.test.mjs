// What a component sees: immutable snapshots, at most one for each frame.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Mounted, fakeServer, hide, live, message, settle, soon, told } from './support.mjs';

const texts = ({ messages }) => messages.map((each) => each.message);

test('a component sees the chat become live, with its messages, numbers, modes and user', async (t) => {
  const token = ['', Buffer.from('{"sub":"ann","exp":99999999999}').toString('base64url'), ''].join('.');
  const { mounted, frames, socket, session } = await live(t, { token, messages: [message(1), message(2)] });
  assert.equal(mounted.seen[0].state, 'connecting');
  assert.deepEqual([mounted.now.state, mounted.now.error, mounted.now.session.id, mounted.now.userId], ['live', null, session.id, 'ann']);
  assert.deepEqual(texts(mounted.now), ['text 1', 'text 2']);
  assert.deepEqual(mounted.now.standing, { state: 'ok' });
  assert.equal(mounted.now.modes, null);

  socket.tell(told(3), { type: 'viewer_count_update', viewer_count: 7 }, { type: 'session_like_update', total_likes: 5 });
  socket.tell({ type: 'modes_update', modes: { slow_seconds: 10 } }, { type: 'standing_update', standing: { state: 'timed_out' } });
  await frames.draw();
  const { viewers, likes, modes, standing } = mounted.now;
  assert.deepEqual([texts(mounted.now).at(-1), viewers, likes, modes, standing], ['text 3', 7, 5, { slow_seconds: 10 }, { state: 'timed_out' }]);
});

test('however much happens before a frame, the component renders once', async (t) => {
  const { mounted, frames, socket } = await live(t);
  const before = mounted.seen.length;
  for (let seq = 1; seq <= 500; seq++) socket.tell(told(seq), { type: 'viewer_count_update', viewer_count: seq });
  assert.equal(mounted.seen.length, before);
  assert.equal(frames.count, 1);
  await frames.draw();
  assert.equal(mounted.seen.length, before + 1);
  assert.deepEqual([mounted.now.messages.length, mounted.now.viewers], [500, 500]);
});

test('nothing renders if nothing that it sees has changed', async (t) => {
  const { mounted, frames, socket } = await live(t, { messages: [message(1)] });
  const before = mounted.seen.length;
  socket.tell({ type: 'viewer_count_update', viewer_count: 9 }, { type: 'viewer_count_update', viewer_count: 1 });
  assert.equal(frames.count, 1);
  await frames.draw();
  assert.equal(mounted.seen.length, before);
});

test('a snapshot never changes, and what has not changed is the same object in the next one', async (t) => {
  const { mounted, frames, socket } = await live(t, { messages: [message(1), message(2)] });
  const first = mounted.now;
  const before = structuredClone([first.messages, first.session]);
  socket.tell({ type: 'message_like_update', message_id: message(2).id, likes: 4 }, { type: 'modes_update', modes: { staff_only: true } });
  await frames.draw();
  const second = mounted.now;
  assert.equal(second.messages[1].likes, 4);
  assert.equal(second.messages[0], first.messages[0]);
  assert.notEqual(second.messages[1], first.messages[1]);
  assert.deepEqual(second.session.modes, { staff_only: true });
  assert.deepEqual([first.messages, first.session], before);
  assert.throws(() => first.messages.push(message(3)), TypeError);
  assert.throws(() => Object.assign(first.messages[0], { likes: 1 }), TypeError);

  socket.tell({ type: 'viewer_count_update', viewer_count: 3 });
  await frames.draw();
  for (const name of ['messages', 'pending', 'session', 'modes', 'standing']) assert.equal(mounted.now[name], second[name], name);
});

test('a component hears that other addresses become links', async (t) => {
  const { mounted, frames, socket } = await live(t);
  const links = { from: 'all', domains: ['example.org'] };
  socket.tell({ type: 'clickable_links_update', clickable_links: links, notice_id: '1' });
  await frames.draw();
  assert.deepEqual(mounted.now.session.clickable_links, links);
});

test('a component hears of pins', async (t) => {
  const { mounted, frames, socket } = await live(t);
  socket.tell({ type: 'pins_update', pins: [message(1)] });
  await frames.draw();
  assert.deepEqual(mounted.now.session.pins, [message(1)]);
});

test('deleted, purged and cleared messages are gone, and restored ones are back in their places', async (t) => {
  const { mounted, frames, socket } = await live(t, { messages: [message(1, { user_id: 'bob' }), message(2, { user_id: 'cy' }), message(3, { user_id: 'bob' })] });
  socket.tell({ type: 'message_deleted', message_id: message(2).id });
  await frames.draw();
  assert.deepEqual(texts(mounted.now), ['text 1', 'text 3']);
  socket.tell({ type: 'user_purged', seq: 4, session_id: 1, user_id: 'bob', up_to_seq: 3 });
  await frames.draw();
  assert.deepEqual(texts(mounted.now), []);
  socket.tell({ type: 'message_restored', message: message(2, { user_id: 'cy' }) });
  socket.tell(told(5, { user_id: 'cy' }));
  await frames.draw();
  assert.deepEqual(texts(mounted.now), ['text 2', 'text 5']);
});

test('a hidden tab, which has no frames, is kept up to date by a timer', async (t) => {
  const { mounted, frames, socket } = await live(t);
  t.after(() => hide(false));
  // The first message waits for a frame when the tab is hidden.
  socket.tell(told(1));
  assert.equal(frames.count, 1);
  hide(true);
  assert.equal(frames.count, 0);
  await soon();
  assert.deepEqual(texts(mounted.now), ['text 1']);
  const before = mounted.seen.length;
  socket.tell(told(2), told(3));
  await soon();
  assert.deepEqual(texts(mounted.now), ['text 1', 'text 2', 'text 3']);
  assert.equal(mounted.seen.length, before + 1);
  hide(false);
  socket.tell(told(4));
  assert.equal(frames.count, 1);
  await frames.draw();
  assert.equal(mounted.now.messages.length, 4);
});

test('without frames at all, a timer brings the snapshots', async (t) => {
  const server = fakeServer();
  const mounted = new Mounted();
  t.after(() => mounted.unmount());
  assert.equal(globalThis.requestAnimationFrame, undefined);
  await mounted.render(server.settings);
  await settle();
  server.sockets[0].open();
  await settle();
  server.sockets[0].tell(told(1));
  await soon();
  assert.deepEqual([mounted.now.state, ...texts(mounted.now)], ['live', 'text 1']);
});

test('a lost connection shows as recovering with its reason, until the chat is live again', async (t) => {
  const { mounted, frames, socket, sockets, clock } = await live(t);
  socket.end();
  await frames.draw();
  assert.deepEqual([mounted.now.state, mounted.now.error.code], ['recovering', 'connection_lost']);
  await clock.pass(1000);
  sockets[1].open();
  await settle();
  sockets[1].tell({ type: 'resumed', messages: [], last_seq: 0, complete: true });
  await frames.draw();
  assert.deepEqual([mounted.now.state, mounted.now.error], ['live', null]);
});

test('a chat that cannot start ends with the reason, and connect() tries again', async (t) => {
  const { mounted, frames } = Mounted.in(t);
  const server = fakeServer();
  const { status } = server.rest;
  server.rest.status = () => ({ enabled: true, is_active: false, session: null });
  await mounted.render(server.settings);
  await frames.draw();
  assert.deepEqual([mounted.now.state, mounted.now.error.code, server.sockets.length], ['ended', 'chat_not_active', 0]);
  server.rest.status = status;
  const connected = mounted.now.connect();
  await settle();
  server.sockets[0].open();
  await connected;
  await frames.draw();
  assert.deepEqual([mounted.now.state, mounted.now.error], ['live', null]);
});

test('a chat that cannot be reached goes on connecting, and says what is wrong', async (t) => {
  const { mounted, frames } = Mounted.in(t);
  const server = fakeServer();
  const { status } = server.rest;
  server.rest.status = () => new TypeError('fetch failed');
  await mounted.render(server.settings);
  await frames.draw();
  assert.deepEqual([mounted.now.state, mounted.now.error.code], ['connecting', 'network']);
  server.rest.status = status;
  await server.clock.pass(1_000);
  server.sockets[0].open();
  await frames.draw();
  assert.deepEqual([mounted.now.state, mounted.now.error], ['live', null]);
});
