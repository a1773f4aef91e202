// Events of the application: each told once, in its place among the messages, and none of them a message.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { liveChat, page, reopened } from './fake-live.mjs';
import { fakeChat, resumed, settle, told } from './support.mjs';

const event = (seq, name, attributes = {}) => ({ type: 'event', seq, name, attributes });

/** What a live chat hears from now on: the numbers of messages, and the names of events. */
function heardBy({ chat }) {
  const heard = [];
  chat.addEventListener('message', ({ detail }) => heard.push(detail.seq));
  chat.addEventListener('event', ({ detail }) => heard.push(detail.name));
  return heard;
}

test('an event comes in its place, once, and is no message', async () => {
  const fake = await liveChat();
  const heard = heardBy(fake);
  fake.sockets[0].tell(told(3), event(4, 'goal', { team: 'red' }), event(4, 'goal', { team: 'red' }));
  fake.sockets[0].tell({ type: 'batch', events: [event(5, 'curtain'), told(6), told(3)] });
  assert.deepEqual(heard, [3, 'goal', 'curtain', 6]);
  assert.deepEqual(fake.heard.event[0], { seq: 4, name: 'goal', attributes: { team: 'red' } });
  assert.deepEqual([...fake.chat.messages.values()].map(({ seq }) => seq), [1, 2, 3, 6]);
});

test('an event that came while the client was away is told after the loss, in its place', async () => {
  const fake = await liveChat();
  const heard = heardBy(fake);
  const socket = await reopened(fake);
  socket.tell({ ...resumed([3, 5], 6), events: [event(4, 'goal'), event(6, 'curtain')] });
  await settle();
  assert.deepEqual(heard, [3, 'goal', 5, 'curtain']);
});

test('over REST, a long absence brings them, too', async () => {
  const fake = await liveChat();
  const heard = heardBy(fake);
  const socket = await reopened(fake);
  fake.rest.messages = () => ({ ...page([6, 8]), events: [event(7, 'goal')], next_after: null });
  for (const seq of [3, 4, 5]) {
    socket.tell({ ...resumed([seq], 8, false), up_to: seq });
    await settle();
  }
  socket.tell(resumed([], 8));
  await settle();
  assert.deepEqual([heard, fake.chat.state], [[3, 4, 5, 6, 'goal', 8], 'live']);
});

for (const [history, expected] of [[undefined, [1, 'goal', 3, 5]], [0, ['goal', 3, 5]]]) {
  test(`an event that comes while the client reads the first page is told, with a history of ${history}`, async () => {
    const fake = fakeChat({ history });
    const heard = heardBy(fake);
    fake.rest.messages = () => page(history === 0 ? [3] : [1, 3]);
    const connecting = fake.chat.connect();
    await settle();
    fake.sockets[0].open();
    // The socket is open, and the page is asked for.
    fake.sockets[0].tell(event(2, 'goal'), told(3));
    await settle();
    if (history === 0) fake.sockets[0].tell({ ...resumed([3], 3), events: [event(2, 'goal')] });
    await connecting;
    fake.sockets[0].tell(event(2, 'goal'), told(5));
    assert.deepEqual(heard, expected);
  });
}
