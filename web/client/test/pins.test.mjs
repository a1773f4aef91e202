// Pins and announcements.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { comeBack, liveChat } from './fake-live.mjs';
import { message } from './support.mjs';

const ids = (pins) => pins.map(({ id }) => id);

test('pins are those of the session, then of the last frame', async () => {
  const fake = await liveChat();
  assert.deepEqual(fake.chat.pins, [], 'an older server tells none');
  fake.sockets[0].tell({ type: 'pins_update', pins: [message(2), message(1)] });
  assert.deepEqual(ids(fake.chat.pins), [100000002, 100000001]);
  assert.deepEqual(fake.heard.pins, [{ pins: [message(2), message(1)] }]);
  fake.sockets[0].tell({ type: 'batch', events: [{ type: 'pins_update', pins: [] }] });
  assert.deepEqual([fake.chat.pins, fake.heard.pins.length], [[], 2]);
});

test('pins that changed while the client was away are found after a loss', async () => {
  const fake = await liveChat();
  Object.assign(fake.chat.session, { modes: {}, pins: [message(1)] });
  Object.assign(fake.session, { modes: {}, pins: [] });
  fake.sockets[0].end();
  await fake.clock.pass(750);
  await comeBack(fake);
  await fake.clock.pass(20_000);
  assert.deepEqual([fake.chat.pins, fake.heard.pins], [[], [{ pins: [] }]]);
});

test('a pong tells of pins that were missed between the status and the socket; status is read once', async () => {
  const fake = await liveChat();
  Object.assign(fake.chat.session, { modes: {} });
  Object.assign(fake.session, { modes: {}, pins: [message(1)], pins_version: 2 });
  const reads = () => fake.rest.calls.filter(({ path }) => path === 'status').length;
  const before = reads();
  const pong = { type: 'pong', server_time: '', last_seq: 2, viewer_count: 1, total_likes: 0, pins_version: 2 };
  fake.sockets[0].tell(pong, pong);
  await fake.clock.pass(10_000);
  assert.deepEqual([ids(fake.chat.pins), fake.heard.pins.length, reads()], [[100000001], 1, before + 1]);
  fake.sockets[0].tell(pong, { type: 'pins_update', pins: [], pins_version: 3 }, { ...pong, pins_version: 3 });
  await fake.clock.pass(10_000);
  assert.deepEqual([fake.chat.pins, reads()], [[], before + 1]);
});

test('an announcement is one call, with a key that makes it repeatable', async () => {
  const fake = await liveChat();
  const answer = { message: 'Message sent successfully', message_id: 100000003, created_at: 'now', duplicate: false };
  fake.rest.announcements = () => answer;
  assert.deepEqual(await fake.chat.announce('We start', { color: 'blue' }), answer);
  const { method, path, body } = fake.rest.calls.at(-1);
  assert.deepEqual([method, path, body.message, body.color], ['POST', 'announcements', 'We start', 'blue']);
  assert.equal(typeof body.client_message_id, 'string');
});

test('an older state that a crashed broadcast left under way changes nothing', async () => {
  const fake = await liveChat();
  fake.sockets[0].tell({ type: 'pins_update', pins: [message(2)], pins_version: 5 });
  fake.sockets[0].tell({ type: 'pins_update', pins: [message(1)], pins_version: 4 });
  assert.deepEqual([ids(fake.chat.pins), fake.heard.pins.length], [[100000002], 1]);
  fake.sockets[0].tell({ type: 'pins_update', pins: [], pins_version: 5 });
  assert.deepEqual([fake.chat.pins, fake.heard.pins.length], [[], 2], 'a repeat may tell of a message that has left');
});
