// @live-chat/react and the Vue example of its README in built applications, on a site of their own.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { after, test } from 'node:test';

import { parse } from 'yaml';

import { inLog, isLive, noFaults, open, say as write, stage } from './page.mjs';
import { relayCall, relaySocket } from './relay.mjs';
import { ViteApp, vite } from './vite-app.mjs';

const LIMIT = { timeout: 120_000 };
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript' };
const on = stage();
const closing = [];
after(async () => {
  for (const close of closing.reverse()) await close();
});

async function listening(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

async function made(name) {
  const app = await ViteApp.make(name);
  closing.push(() => app.remove());
  return app;
}

/** What API Gateway does by the template's CORS settings: it answers preflights itself, and replaces the functions' headers. */
async function chatFor(site) {
  const template = await readFile(new URL('../../template.yaml', import.meta.url), 'utf8');
  const { HttpApi } = parse(template, { logLevel: 'silent' }).Resources;
  const [, cors] = HttpApi.Properties.DefinitionBody['x-amazon-apigateway-cors'];
  const server = createServer((asked, answer) => {
    const isAllowed = asked.headers.origin === site();
    const own = isAllowed ? { 'access-control-allow-origin': site(), 'access-control-expose-headers': cors.exposeHeaders.join() } : {};
    const allow = { 'access-control-allow-methods': cors.allowMethods.join(), 'access-control-allow-headers': cors.allowHeaders.join() };
    if (asked.method === 'OPTIONS') return answer.writeHead(204, isAllowed ? { ...own, ...allow } : {}).end();
    const others = (headers) => Object.entries(headers).filter(([name]) => !name.startsWith('access-control-'));
    relayCall(on.gateway.url, asked, answer, (headers) => ({ ...Object.fromEntries(others(headers)), ...own }));
  });
  server.on('upgrade', (asked, socket) => relaySocket(on.gateway.url, asked, socket));
  return listening(server);
}

/** The token of the visitor whose cookie a request has. */
function tokenFor({ headers: { cookie } }) {
  const [, name] = /visitor=(\w+)/.exec(cookie);
  return on.gateway.token(name.toLowerCase(), name);
}

/** An application's site: its built files under a strict policy, and its users' tokens. */
function siteOf(app, chatUrl) {
  const policy = `default-src 'self'; script-src 'self' ${chatUrl}; connect-src 'self' ${chatUrl} ${chatUrl.replace('http', 'ws')}; img-src data:`;
  const server = createServer(async ({ url, headers }, answer) => {
    if (url === '/my-token') return answer.end(await tokenFor({ headers }));
    const file = normalize(url === '/' ? '/index.html' : url);
    const body = await readFile(join(app.built, file)).catch(() => null);
    answer.writeHead(body ? 200 : 404, { 'content-type': TYPES[extname(file)] ?? 'text/plain', 'content-security-policy': policy }).end(body);
  });
  return listening(server);
}

/** A visitor's page; `sockets` has the addresses of those that it opened. */
async function come(url, name) {
  const sockets = [];
  const prepare = (page) => page.on('websocket', (socket) => sockets.push(socket.url()));
  const cookie = { name: 'visitor', value: name, domain: '127.0.0.1', path: '/', expires: -1, httpOnly: true, secure: false, sameSite: 'Lax' };
  const page = await open(on.browser, url, { storageState: { cookies: [cookie], origins: [] }, prepare });
  return Object.assign(page, { sockets });
}

/** Waits until these are the last lines that a page shows; none is still being sent. */
const shows = (page, lines) =>
  page.waitForFunction(
    (lines) => [...document.querySelectorAll('li')].slice(-lines.length).map((line) => line.textContent).join('\n') === lines.join('\n'),
    lines,
  );

async function say(page, text) {
  await page.getByLabel('Message').fill(text);
  await page.getByText('Send').click();
}

/** Two visitors talk, each over one socket to the chat. */
async function talk(url, chatUrl, greeting) {
  const [ann, bob] = [await come(url, 'Ann'), await come(url, 'Bob')];
  for (const page of [ann, bob]) await page.getByText('live, 2 watching').waitFor();
  await say(ann, greeting);
  for (const page of [ann, bob]) await shows(page, [`Ann: ${greeting}`]);
  await say(bob, 'Hello Ann!');
  for (const page of [ann, bob]) await shows(page, [`Ann: ${greeting}`, 'Bob: Hello Ann!']);
  noFaults(ann, bob);
  for (const { sockets } of [ann, bob]) {
    assert.equal(sockets.length, 1);
    assert.equal(new URL(sockets[0]).host, new URL(chatUrl).host);
  }
  await Promise.all([ann, bob].map((page) => page.context().close()));
}

for (const name of ['react', 'react-element', 'vue']) {
  test(`an application with ${name} compiles under TypeScript's --strict`, LIMIT, async () => {
    await (await made(name)).check();
  });
}

// In development, strict mode mounts everything twice.
for (const mode of ['production', 'development']) {
  test(`an application with React, built for ${mode}, talks to a chat on another site under a strict policy`, LIMIT, async () => {
    const app = await made('react');
    let site;
    const chatUrl = await chatFor(() => site);
    await app.build({ chatUrl, mode });
    site = await siteOf(app, chatUrl);
    await talk(site, chatUrl, `Hello from ${mode}!`);
  });
}

for (const mode of ['production', 'development']) {
  test(`an application with <LiveChat/>, built for ${mode}, shows the element of a chat on another site, over one socket`, LIMIT, async () => {
    const app = await made('react-element');
    let site;
    const chatUrl = await chatFor(() => site);
    await app.build({ chatUrl, mode });
    site = await siteOf(app, chatUrl);
    const page = await come(site, 'Eve');
    await isLive(page);
    await write(page, `Hello from the element, ${mode}!`);
    await inLog(page, `Hello from the element, ${mode}!`).waitFor();
    assert.equal(await page.locator('#log.compact').count(), 0, 'comfortable');
    assert.deepEqual(page.sockets.map((url) => new URL(url).host), [new URL(chatUrl).host]);
    noFaults(page);
    await page.context().close();
  });
}

test('an application with Vue talks to a chat to which its own server leads', LIMIT, async () => {
  const app = await made('vue');
  await app.build();
  const users = await listening(createServer(async (asked, answer) => answer.end(await tokenFor(asked))));
  const { preview } = await vite();
  process.env.CHAT = on.gateway.url;
  const options = { root: app.folder, logLevel: 'error', server: { proxy: { '/my-token': users } }, preview: { host: '127.0.0.1', port: 0 } };
  const served = await preview(options);
  closing.push(() => served.close());
  const url = `http://127.0.0.1:${served.httpServer.address().port}/`;
  await talk(url, url, 'Hello from Vue!');
});
