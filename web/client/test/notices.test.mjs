// Notices about moderation: the events, repeats, and the end of a banned user's client.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { comeBack, liveChat } from './fake-live.mjs';
import { fakeChat, problem, record, settle } from './support.mjs';

const TOLD = [
  { type: 'moderation_action', action: { id: 'a1', action: 'timeout' } },
  { type: 'message_held', held: { held_id: 'h1' } },
  { type: 'held_resolved', held_id: 'h1', decision: 'approved', message_id: 100000009 },
  { type: 'message_reported', message_id: 100000003, reports: 2, reasons: ['spam'] },
  { type: 'message_approved', held_id: 'h1', client_message_id: 'c1', message_id: 100000009 },
  { type: 'message_denied', held_id: 'h2', client_message_id: null, reason: 'expired' },
  { type: 'standing_update', standing: { state: 'timed_out', until: 'then' } },
  { type: 'modes_update', modes: { slow_seconds: 30 } },
  { type: 'clickable_links_update', clickable_links: { from: 'staff', domains: ['a.example'] } },
].map((frame, i) => ({ ...frame, notice_id: `${i}` }));

const HEARD = ['moderation', 'held', 'heldResolved', 'reported', 'approved', 'denied', 'standing', 'modes', 'clickableLinks'];

test('each notice is an event with the fields of its frame', async () => {
  const fake = await liveChat();
  fake.sockets[0].tell({ type: 'batch', events: TOLD });
  for (const [i, type] of HEARD.entries()) {
    const { type: _, notice_id: __, ...detail } = TOLD[i];
    assert.deepEqual(fake.heard[type], [detail], type);
  }
  assert.equal(fake.chat.state, 'live');
});

test('a held message is acknowledged without a number, and arrives once it is approved', async () => {
  const fake = await liveChat();
  const sending = fake.chat.sendMessage('look at this');
  const { client_message_id } = fake.chat.pending[0];
  const held = { client_message_id, status: 'held', held_id: 'h1', message_id: null, created_at: 'now', duplicate: false };
  fake.sockets[0].tell({ type: 'ack', ...held });
  assert.deepEqual(await sending, held);
  assert.deepEqual([fake.chat.pending, fake.heard.deleted], [[], []]);
  fake.sockets[0].tell({ type: 'message_approved', held_id: 'h1', client_message_id, message_id: 100000009, notice_id: '1' });
  assert.deepEqual(fake.heard.approved, [{ held_id: 'h1', client_message_id, message_id: 100000009 }]);
});

test('a repeat with the same id is no event, on whichever socket it comes', async () => {
  const fake = await liveChat();
  fake.sockets[0].tell(TOLD[0], TOLD[0], { ...TOLD[0], notice_id: 'another' });
  assert.equal(fake.heard.moderation.length, 2);
  fake.sockets[0].end();
  await fake.clock.pass(750);
  const socket = await comeBack(fake);
  socket.tell(TOLD[0], { ...TOLD[0], notice_id: 'a third' });
  assert.equal(fake.heard.moderation.length, 3);
});

test('the modes of the session are those of the last notice, or of a later look at it', async () => {
  const fake = fakeChat();
  fake.session.modes = { slow_seconds: 0 };
  fake.heard = record(fake.chat);
  const connecting = fake.chat.connect();
  await settle();
  fake.sockets[0].open();
  await connecting;
  assert.deepEqual([fake.chat.session.modes, fake.heard.modes], [{ slow_seconds: 0 }, []]);
  fake.sockets[0].tell({ type: 'modes_update', modes: { slow_seconds: 30 }, notice_id: '1' });
  assert.deepEqual([fake.chat.session.modes, fake.heard.modes.length], [{ slow_seconds: 30 }, 1]);
  // The client asks for the session after a handshake that fails.
  const replaced = async () => {
    const { length } = fake.sockets;
    fake.sockets.at(-1).end();
    for (let seconds = 0; fake.sockets.length === length && seconds < 60; seconds += 1) await fake.clock.pass(1_000);
  };
  for (const [modes, events] of [[{ slow_seconds: 30 }, 1], [{ slow_seconds: 60 }, 2]]) {
    fake.session.modes = modes;
    await replaced();
    await replaced();
    await comeBack(fake);
    assert.deepEqual([fake.chat.session.modes, fake.heard.modes.length, fake.chat.state], [modes, events, 'live']);
  }
  assert.deepEqual(fake.heard.modes[1], { modes: { slow_seconds: 60 } });
});

test('a user who was timed out while away knows it with the connection, and each change after it', async () => {
  const fake = fakeChat();
  fake.heard = record(fake.chat);
  const standing = { state: 'timed_out', until: 'then', explanation: 'Calm down' };
  const open = fake.rest.status;
  fake.rest.status = () => ({ ...open(), standing });
  assert.equal(fake.chat.standing, null);
  const connecting = fake.chat.connect();
  await settle();
  fake.sockets[0].open();
  await connecting;
  assert.deepEqual([fake.chat.standing, fake.heard.standing], [standing, [{ standing }]]);
  fake.sockets[0].tell({ type: 'standing_update', standing: { state: 'ok' }, notice_id: '1' });
  assert.deepEqual([fake.chat.standing, fake.heard.standing.length], [{ state: 'ok' }, 2]);
});

test('staff know with the connection what their token brings, and viewers know of nothing', async () => {
  for (const capabilities of [['read', 'moderate'], undefined]) {
    const fake = fakeChat();
    const open = fake.rest.status;
    fake.rest.status = () => ({ ...open(), ...(capabilities && { capabilities }) });
    assert.equal(fake.chat.capabilities, null);
    const connecting = fake.chat.connect();
    await settle();
    fake.sockets[0].open();
    await connecting;
    assert.deepEqual(fake.chat.capabilities, capabilities ?? null);
  }
});

test('what a token brings is read again after a loss: it may have become more, or nothing', async () => {
  const fake = await liveChat({}, []);
  // What older servers leave out, too.
  fake.chat.session.modes = {};
  const open = fake.rest.status;
  for (const capabilities of [['read', 'moderate'], undefined]) {
    fake.rest.status = () => ({ ...open(), ...(capabilities && { capabilities }) });
    fake.sockets.at(-1).end();
    await fake.clock.pass(1250);
    await comeBack(fake);
    await fake.clock.pass(60_000);
    assert.deepEqual(fake.chat.capabilities, capabilities ?? null);
  }
});

test('a user of whom nothing holds hears of no change', async () => {
  const fake = await liveChat();
  assert.deepEqual([fake.chat.standing, fake.heard.standing], [{ state: 'ok' }, []]);
});

test('a ban ends the client for good, with its reason', async () => {
  const fake = await liveChat();
  const sending = fake.chat.sendMessage('too late');
  const standing = { state: 'banned', until: null, explanation: 'Spam' };
  fake.sockets[0].tell({ type: 'standing_update', standing, notice_id: '1' });
  await assert.rejects(sending, { code: 'banned' });
  assert.deepEqual(fake.heard.standing, [{ standing }]);
  assert.equal(fake.chat.state, 'ended');
  assert.deepEqual(fake.heard.error.map(({ code, message, cause }) => [code, message, cause]), [['banned', 'Spam', standing]]);
  assert.equal(fake.sockets[0].isClosed, true);
  await fake.clock.pass(120_000);
  assert.equal(fake.sockets.length, 1);
});

test('a client whose ticket is refused for a ban does not try again', async () => {
  const fake = fakeChat({ tokenIn: undefined });
  fake.heard = record(fake.chat);
  fake.rest.ticket = () => problem(403, 'banned');
  await assert.rejects(fake.chat.connect(), { code: 'banned', status: 403 });
  await fake.clock.pass(120_000);
  assert.deepEqual([fake.chat.state, fake.sockets.length], ['ended', 0]);
  assert.deepEqual(fake.heard.error.map(({ code }) => code), ['banned']);
});

test('a client whose handshake is refused for a ban asks why once, and does not try again', async () => {
  const fake = await liveChat();
  fake.rest.ticket = () => problem(403, 'banned');
  fake.sockets[0].end();
  await fake.clock.pass(750);
  fake.sockets[1].end();
  await fake.clock.pass(120_000);
  assert.deepEqual([fake.chat.state, fake.sockets.length], ['ended', 2]);
  assert.equal(fake.heard.error.at(-1).code, 'banned');
});
