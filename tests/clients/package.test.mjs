// The packed client in a page with one script, on a separate site: the ten lines of the project's README.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { join, normalize } from 'node:path';
import { after, before, test } from 'node:test';

import { BareProject, example } from './package.mjs';
import { noFaults, open, stage } from './page.mjs';

const on = stage();
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
  const passOn = ({ method, url, headers }, onReply) => {
    const call = request(on.gateway.url + url, { method, headers });
    return call.on('response', onReply).on('upgrade', onReply);
  };
  const server = createServer(async (asked, answer) => {
    const say = (type, body) => answer.writeHead(body === null ? 404 : 200, { 'content-type': type }).end(body);
    if (asked.url === '/') say('text/html; charset=utf-8', `<!doctype html><title>A site</title>${page}`);
    else if (asked.url === '/my-token') {
      const name = asked.headers['x-visitor'];
      say('text/plain', await on.gateway.token(name.toLowerCase(), name));
    } else if (asked.url.startsWith('/client/')) {
      const file = join(project.installed, normalize(asked.url.slice('/client'.length)));
      say('text/javascript', await readFile(file).catch(() => null));
    } else if (asked.url.startsWith('/live-chat/')) {
      asked.pipe(passOn(asked, (reply) => reply.pipe(answer.writeHead(reply.statusCode, reply.headers))));
    } else say('text/plain', null);
  });
  server.on('upgrade', (asked, socket) => {
    passOn(asked, (reply, far) => {
      const lines = Object.entries(reply.headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
      far.pipe(socket).pipe(far);
      for (const end of [far, socket]) end.on('error', () => far.destroy(socket.destroy()));
    }).end();
  });
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
