// @live-chat/client and @live-chat/server have what the API documents have: every call and act of staff, and every frame.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { liveChat } from '../../web/client/test/fake-live.mjs';
import { record, settle } from '../../web/client/test/support.mjs';
import { ACTS, OTHERS, SESSIONS } from '../../web/server/test/methods.mjs';
import { asyncapi, at, fits, follow, openapi, operations } from './documents.mjs';

/** The path of a call without its query, and with the names of its parameters for their values. */
const pathOf = (documented, path) => new RegExp(`^${documented.replace(/\{\w+\}/g, '[^/?]+')}$`).test(`/live-chat/${path.split('?')[0]}`);

test('each documented call of staff has a method', () => {
  const calls = [...ACTS.map(([, , , call]) => call), ...[...OTHERS, ...SESSIONS].map(([, , call]) => call)];
  const documented = operations.filter(({ path }) => /^\/live-chat\/(?:moderation|sessions)\b/.test(path));
  assert.ok(documented.length >= 4);
  const lacking = documented.filter(({ method, path }) => !calls.some(([verb, called]) => verb === method && pathOf(path, called)));
  assert.deepEqual(lacking.map(({ method, path }) => `${method} ${path}`), [], 'add it to moderation.js or sessions.js, and to methods.mjs');
});

test('each documented act has a method, whose bodies are documented', () => {
  const documented = openapi.components.schemas.Action.properties.action.enum;
  const bodies = ACTS.map(([, , , [, , body]]) => JSON.parse(JSON.stringify(body)));
  assert.deepEqual(documented.filter((name) => !bodies.some(({ action }) => action === name)), [], 'add it to moderation.js, and to methods.mjs');
  const schema = at('openapi.yaml', 'components', 'schemas', 'Action');
  for (const body of bodies.filter(({ action }) => documented.includes(action))) fits(schema, body, body.action);
});

/** Frames that change what the client does, but are no news for the application. */
const SILENT = ['batch', 'session_ended'];

/** The events of a client that hears a frame when it is live. */
async function eventsOf(frame) {
  const fake = await liveChat();
  const heard = record(fake.chat);
  fake.sockets[0].tell(frame);
  await fake.clock.pass(10_000);
  await settle();
  return Object.entries(heard).flatMap(([type, events]) => events.map(() => type));
}

test('each documented frame of the broadcast is an event of the client', async () => {
  const told = asyncapi.operations.broadcast.messages.map(({ $ref }) => follow('asyncapi.yaml', $ref).node);
  assert.ok(told.length >= 18);
  for (const { examples } of told) {
    const frame = structuredClone(examples[0].payload);
    if (SILENT.includes(frame.type)) continue;
    // The next of the chat's numbers, which begin at 3.
    if (frame.message?.seq) Object.assign(frame.message, { id: 100_000_003, seq: 3, session_id: 1 });
    if (frame.seq) frame.seq = 3;
    const events = await eventsOf(frame);
    assert.ok(events.length > 0 && !events.includes('error'), `${frame.type} gives ${events}`);
  }
  assert.deepEqual(await eventsOf({ type: 'of_a_later_version' }), []);
});
