// One socket for each mounted component and its options, and stable actions.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Mounted, fakeServer, inStrictMode, live, settle, soon, told } from './support.mjs';

const open = (sockets) => sockets.filter(({ isClosed }) => !isClosed).length;

test("strict mode's double mount opens one socket, and asks for the status once", async (t) => {
  const { mounted, sockets, rest } = await live(t, { wrap: inStrictMode });
  await soon();
  assert.equal(mounted.now.state, 'live');
  assert.equal(sockets.length, 1);
  assert.equal(open(sockets), 1);
  assert.equal(rest.calls.filter(({ path }) => path === 'status').length, 1);
});

for (const [where, wrap] of [['', undefined], [', in strict mode, too', inStrictMode]]) {
  test(`unmounting closes the socket${where}`, async (t) => {
    const { mounted, frames, sockets, clock } = await live(t, { wrap });
    await mounted.unmount();
    await soon();
    assert.equal(open(sockets), 0);
    assert.equal(mounted.now.chat.state, 'ended');
    // Neither a frame nor a timer is left.
    assert.equal(frames.count, 0);
    assert.deepEqual(clock.waits, []);
  });
}

test('unmounting while the chat connects leaves no socket', async (t) => {
  const server = fakeServer();
  const { mounted } = Mounted.in(t);
  await mounted.render(server.settings);
  await mounted.unmount();
  await soon();
  await server.clock.pass(60_000);
  assert.equal(open(server.sockets), 0);
});

test('options with equal values are the same chat, though their functions are new at each render', async (t) => {
  const { mounted, settings, sockets } = await live(t);
  const { chat } = mounted.now;
  await mounted.render({ ...settings, fetch: (...request) => settings.fetch(...request) });
  await soon();
  assert.equal(mounted.now.chat, chat);
  assert.equal(sockets.length, 1);
  assert.equal(open(sockets), 1);
});

for (const [name, changed] of Object.entries({ token: 'of-another-user', baseUrl: 'http://other.test', room: 'stage', history: 3 })) {
  test(`another ${name} closes the socket, and opens one with it`, async (t) => {
    const { mounted, frames, settings, sockets } = await live(t);
    sockets[0].tell(told(1));
    await frames.draw();
    assert.equal(mounted.now.messages.length, 1);
    await mounted.render({ ...settings, [name]: changed });
    assert.deepEqual([mounted.now.state, mounted.now.messages.length], ['connecting', 0]);
    await soon();
    assert.deepEqual(sockets.map(({ isClosed }) => isClosed), [true, false]);
    sockets[1].open();
    await frames.draw();
    assert.equal(mounted.now.state, 'live');
    // What the old socket says is heard by nobody.
    sockets[0].tell(told(9));
    await frames.draw();
    assert.equal(mounted.now.messages.length, 0);
  });
}

test('the newest token function is called, without a new socket', async (t) => {
  const { mounted, settings, sockets, rest } = await live(t, { token: () => 'first' });
  await mounted.render({ ...settings, token: () => 'second' });
  rest.likes = () => (rest.calls.at(-1).authorization === 'Bearer second' ? { total_likes: 4 } : new Response('{}', { status: 401 }));
  assert.equal((await mounted.now.chat.getLikes()).total_likes, 4);
  assert.equal(sockets.length, 1);
});

test('nothing connects without a token, until there is one', async (t) => {
  const server = fakeServer();
  const { mounted, frames } = Mounted.in(t);
  await mounted.render({ ...server.settings, token: undefined });
  await soon();
  assert.deepEqual([mounted.now.state, mounted.now.chat, server.rest.calls.length], ['ended', null, 0]);
  await assert.rejects(mounted.now.likeSession(), { name: 'ChatError', code: 'not_connected' });
  const { likeSession } = mounted.now;
  await mounted.render({ ...server.settings, token: () => 'mine' });
  await settle();
  server.sockets[0].open();
  await frames.draw();
  assert.equal(mounted.now.state, 'live');
  server.rest.like = () => ({ total_likes: 1, already_liked: false });
  assert.equal((await likeSession()).total_likes, 1);
  await mounted.render({ ...server.settings, token: null });
  await soon();
  assert.deepEqual([mounted.now.state, open(server.sockets)], ['ended', 0]);
});

test('actions stay the same functions, and act on the chat of the newest options', async (t) => {
  const { mounted, frames, settings, rest } = await live(t);
  const actionsOf = (view) => Object.fromEntries(Object.entries(view).filter(([, value]) => typeof value === 'function'));
  const actions = actionsOf(mounted.now);
  assert.deepEqual(Object.keys(actions).sort(), ['connect', 'deleteMessage', 'getMessages', 'likeMessage', 'likeSession', 'report', 'sendMessage', 'unlike', 'unlikeMessage']);
  await mounted.render({ ...settings, baseUrl: 'http://other.test' });
  await frames.draw();
  assert.deepEqual(actionsOf(mounted.now), actions);

  const answers = {
    like: { total_likes: 1 },
    'like-message': { message_id: 100_000_001, likes: 1 },
    messages: { message_id: 100_000_001, messages: [], session_id: 1, has_more: false, last_seq: 0 },
    'report-message': { message_id: 100_000_001 },
  };
  for (const [path, answer] of Object.entries(answers)) rest[path] = () => answer;
  const calls = [
    ['likeSession', [], 'POST like'],
    ['unlike', [], 'DELETE like'],
    ['likeMessage', [100_000_001], 'POST like-message/100000001'],
    ['unlikeMessage', [100_000_001], 'DELETE like-message/100000001'],
    ['deleteMessage', [100_000_001], 'DELETE messages/100000001'],
    ['report', [100_000_001, 'spam', { comment: 'again' }], 'POST report-message/100000001'],
    ['getMessages', [{ limit: 5 }], 'GET messages'],
  ];
  for (const [name, args, expected] of calls) {
    await actions[name](...args);
    const { method, path, url } = rest.calls.at(-1);
    assert.equal(`${method} ${path}`, expected);
    assert.equal(new URL(url).host, 'other.test', name);
  }
});
