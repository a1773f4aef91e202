// Server rendering: no window, no WebSocket, no connection; and the browser takes over what the server has rendered.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { act, createElement } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';

import { useLiveChat } from '../src/index.js';
import { Frames, fakeServer, message, settle } from './support.mjs';

const run = promisify(execFile);

function Room({ options }) {
  const { state, messages, viewers } = useLiveChat(options);
  return createElement('ul', { title: `${state}, ${viewers}` }, messages.map(({ id, message: text }) => createElement('li', { key: id }, text)));
}

test('a server without window and WebSocket imports the package and renders a component', async () => {
  const script = `
    for (const name of ['window', 'document', 'WebSocket', 'EventSource', 'requestAnimationFrame', 'fetch', 'location']) delete globalThis[name];
    const { createElement } = await import('react');
    const { renderToString } = await import('react-dom/server');
    const { useLiveChat } = await import('@live-chat/react');
    function Room() {
      const { chat, state, session, messages, pending, viewers, likes } = useLiveChat({ token: () => { throw new Error('called'); } });
      return createElement('p', null, JSON.stringify([chat, state, session, messages, pending, viewers, likes]));
    }
    console.log(renderToString(createElement(Room)).replaceAll('&quot;', '"'));`;
  const options = { cwd: fileURLToPath(new URL('..', import.meta.url)), timeout: 30_000 };
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '--eval', script], options);
  assert.deepEqual([stdout, stderr], ['<p>[null,"connecting",null,[],[],0,0]</p>\n', '']);
});

test('what the server has rendered is the first that the browser shows, and then the chat comes to life', async (t) => {
  let root;
  const frames = Frames.of(t, () => act(async () => root.unmount()));
  const server = fakeServer();
  server.rest.messages = () => ({ messages: [message(1)], session_id: 1, has_more: false, last_seq: 1 });
  const place = document.createElement('div');
  place.innerHTML = renderToString(createElement(Room, { options: server.settings }));
  assert.equal(place.innerHTML, '<ul title="connecting, 0"></ul>');
  assert.equal(server.rest.calls.length, 0);
  const list = place.firstChild;

  const mismatches = [];
  await act(async () => {
    root = hydrateRoot(place, createElement(Room, { options: server.settings }), { onRecoverableError: (error) => mismatches.push(error) });
  });
  await settle();
  server.sockets[0].open();
  await frames.draw();
  assert.equal(place.innerHTML, '<ul title="live, 1"><li>text 1</li></ul>');
  assert.equal(place.firstChild, list);
  assert.deepEqual(mismatches, []);
});
