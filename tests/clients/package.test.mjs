// The packed client in a page with one script, on a separate site: the ten lines of the project's README.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';
import { after, before, test } from 'node:test';

import { BareProject, example } from './package.mjs';
import { noFaults, open, stage } from './page.mjs';
import { relayCall, relaySocket } from './relay.mjs';

/** A page for moderators. */
const STAFF_PAGE = `<script type="module">
  import { LiveChat } from '/client/src/index.js';
  globalThis.chat = new LiveChat({ token: () => fetch('/staff-token').then((answer) => answer.text()) });
</script>`;

const on = stage();
/** Files that the site does not find once. */
const withheld = new Set();
let project;
let site;

before(async () => {
  project = await BareProject.make();
  site = await serve(await example('README.md', 'html'));
});
after(async () => {
  site?.closeAllConnections();
  site?.close();
  await project?.remove();
});

/** An application's site: it serves the page and the package's files, knows its users, and forwards calls and sockets. */
async function serve(page) {
  const server = createServer(async (asked, answer) => {
    const say = (type, body) => answer.writeHead(body === null ? 404 : 200, { 'content-type': type }).end(body);
    if (asked.url === '/') say('text/html; charset=utf-8', `<!doctype html><title>A site</title>${page}`);
    else if (asked.url === '/staff') say('text/html; charset=utf-8', `<!doctype html><title>A site</title>${STAFF_PAGE}`);
    else if (asked.url === '/staff-token') say('text/plain', await on.gateway.tokenWith('--sub', 'mona', '--role', 'moderator'));
    else if (asked.url === '/my-token') {
      const name = asked.headers['x-visitor'];
      say('text/plain', await on.gateway.token(name.toLowerCase(), name));
    } else if (asked.url.startsWith('/client/')) {
      if (withheld.delete(asked.url)) return say('text/plain', null);
      const file = join(project.installed, normalize(asked.url.slice('/client'.length)));
      say('text/javascript', await readFile(file).catch(() => null));
    } else if (asked.url.startsWith('/live-chat/')) relayCall(on.gateway.url, asked, answer);
    else say('text/plain', null);
  });
  server.on('upgrade', (asked, socket) => relaySocket(on.gateway.url, asked, socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

test('a page with one script of ten lines chats', { timeout: 60_000 }, async () => {
  const url = `http://127.0.0.1:${site.address().port}/`;
  const shows = (page, lines) =>
    page.waitForFunction((lines) => document.getElementById('log').innerText === lines, lines.join('\n'));
  const come = (name) => open(on.browser, url, { extraHTTPHeaders: { 'x-visitor': name } });
  const ann = await come('Ann');
  assert.equal(await ann.locator('script').count(), 1);
  await shows(ann, ['Ann: Hello!']);
  const bob = await come('Bob');
  for (const page of [ann, bob]) await shows(page, ['Ann: Hello!', 'Bob: Hello!']);
  noFaults(ann, bob);
});

test('only a page that moderates fetches the code for it', { timeout: 60_000 }, async () => {
  const page = await open(on.browser, `http://127.0.0.1:${site.address().port}/staff`);
  const fetched = () => page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name.split('/').at(-1)));
  await page.waitForFunction(() => globalThis.chat);
  await page.evaluate(() => globalThis.chat.getStatus());
  const before = await fetched();
  assert.ok(before.includes('staff.js'));
  const entry = await page.evaluate(() => globalThis.chat.moderate.note('ann', 'asks nicely'));
  assert.deepEqual([entry.action, entry.actor.user_id], ['note', 'mona']);
  const since = (await fetched()).slice(before.length).filter((name) => name.endsWith('.js'));
  assert.deepEqual(since.sort(), ['moderation.js', 'sessions.js', 'staff-calls.js']);
  noFaults(page);
});

test('code that could not be loaded is loaded by the next call', { timeout: 60_000 }, async () => {
  withheld.add('/client/src/staff-calls.js');
  const page = await open(on.browser, `http://127.0.0.1:${site.address().port}/staff`);
  await page.waitForFunction(() => globalThis.chat);
  const note = () => page.evaluate(() => globalThis.chat.moderate.note('ann', 'again').then(({ action }) => action, ({ code }) => code));
  assert.deepEqual([await note(), await note()], ['network', 'note']);
});
