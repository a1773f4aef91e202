// What React 19 adds: a part of a page that is hidden, and kept.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Activity, createElement } from 'react';

import { live, settle, soon, told } from './support.mjs';

test('a component that is hidden leaves the chat, and comes back with its messages', async (t) => {
  const within = (mode) => (probe) => createElement(Activity, { mode }, probe);
  const { mounted, frames, settings, sockets } = await live(t, { wrap: within('visible') });
  sockets[0].tell(told(1));
  await frames.draw();
  mounted.wrap = within('hidden');
  await mounted.render(settings);
  await soon();
  assert.deepEqual(sockets.map(({ isClosed }) => isClosed), [true]);
  mounted.wrap = within('visible');
  await mounted.render(settings);
  await settle();
  sockets[1].open();
  await settle();
  sockets[1].tell({ type: 'resumed', messages: [], last_seq: 1, complete: true });
  await frames.draw();
  assert.deepEqual([mounted.now.state, mounted.now.messages.length, sockets.length], ['live', 1, 2]);
});
