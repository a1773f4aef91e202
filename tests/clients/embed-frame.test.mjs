// The chat in the pages of other sites, as an element and in a frame: who may, whom a frame believes, and what its address says.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Gateway } from './gateway.mjs';
import { DESKTOP, isAccessibleInBoth, isLive, noFaults, open, openFrom } from './page.mjs';
import { Site } from './site.mjs';
import { ViteApp } from './vite-app.mjs';

const README = await readFile(new URL('../../web/embed/README.md', import.meta.url), 'utf8');
/** A gateway as it comes, one that names its sites, and these sites. */
let anyPort, named, app, team, stranger, browser;

before(async () => {
  [app, team, stranger] = await Promise.all([Site.start(), Site.start(), Site.start()]);
  const settings = { LIVE_CHAT_EMBED_ORIGINS: `${app.url},https://app.example`, LIVE_CHAT_CONSOLE_ORIGINS: team.url };
  [anyPort, named] = await Promise.all([Gateway.start(), Gateway.start({ settings })]);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  for (const running of [anyPort, named, app, team, stranger]) await running?.stop();
});

/** The page of the README, whose script is a file here, since the site's policy is strict. */
function frameOf(site, gateway, token) {
  const [, page] = /## In an iframe\n\n```html\n(.*?)```/s.exec(README);
  const [, script] = /<script type="module">(.*)<\/script>/s.exec(page);
  site.policy = `default-src 'none'; script-src 'self'; connect-src 'self'; frame-src ${gateway.url}`;
  site.files = {
    '/': `<!doctype html><html lang="en"><title>A site</title>${page.replace(script, '').replace('module"', 'module" src="/host.js"')}</html>`,
    '/host.js': script.replace('https://chat.example', gateway.url),
    '/my-token': token,
  };
}

/** A page with nothing but a frame. */
function justFrame(site, address) {
  site.policy = 'default-src *';
  site.files = { '/': `<!doctype html><html lang="en"><title>A site</title><iframe id="chat" name="chat" title="Chat" src="${address}"></iframe></html>` };
}

const inFrame = (page, selector) => page.frameLocator('#chat').locator(selector);

async function say(place, text) {
  await place('#text').fill(text);
  await place('#text').press('Enter');
}

/** Visits a page; `page.bearers` are the users as whom it and its frames call the chat. */
function visit(url) {
  const bearers = new Set();
  const subject = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sub;
  const note = (request) => {
    const [, token] = /^Bearer (.*)/.exec(request.headers().authorization ?? '') ?? [];
    if (token) bearers.add(subject(token));
  };
  const prepare = (page) => Object.assign(page, { bearers }).context().on('request', note);
  return open(browser, url, { viewport: DESKTOP, prepare });
}

/** What the browser says about a frame that it refuses. */
async function refusalOf(site, address) {
  justFrame(site, address);
  const page = await visit('about:blank');
  const told = page.waitForEvent('console', { predicate: (message) => message.text().includes('frame-ancestors') });
  await page.goto(site.url);
  const text = (await told).text();
  const [, frame] = page.frames();
  assert.doesNotMatch(frame.url(), /^http/, 'nothing of it is there');
  await page.context().close();
  return text;
}

test('a page with a frame, one with the element and an application built by Vite, each on a site of its own, talk', async () => {
  frameOf(app, anyPort, await anyPort.token('ann', 'Ann'));
  const ann = await visit(app.url);
  await inFrame(ann, '#state[data-state=live]').waitFor();

  team.policy = `default-src 'none'; script-src 'self' ${anyPort.url}; style-src ${anyPort.url}; img-src data:; connect-src 'self' ${anyPort.url} ${anyPort.url.replace('http', 'ws')}`;
  team.files = {
    '/': `<!doctype html><html lang="en"><title>A site</title><script type="module" src="${anyPort.url}/embed/v1.js"></script>
      <live-chat id="chat"></live-chat><script type="module" src="/host.js"></script></html>`,
    '/host.js': "document.getElementById('chat').token = () => fetch('/my-token').then((answer) => answer.text());",
    '/my-token': await anyPort.token('bob', 'Bob'),
  };
  const bob = await visit(team.url);
  await isLive(bob);

  const built = await ViteApp.make('element');
  await built.check();
  await built.build({ chatUrl: anyPort.url });
  stranger.policy = team.policy;
  stranger.files = { '/': await readFile(`${built.built}/index.html`, 'utf8'), '/my-token': await anyPort.token('cat', 'Cat') };
  for (const [, path] of stranger.files['/'].matchAll(/src="(\/[^"]+)"/g)) stranger.files[path] = await readFile(built.built + path, 'utf8');
  await built.remove();
  const cat = await visit(stranger.url);
  await isLive(cat);

  const ofAnn = (selector) => inFrame(ann, selector);
  const places = [ofAnn, ...[bob, cat].map((page) => (selector) => page.locator(selector))];
  for (const [i, place] of places.entries()) await say(place, `Hello from ${i}`);
  for (const place of places) {
    for (const i of places.keys()) await place('#messages').getByText(`Hello from ${i}`, { exact: true }).waitFor();
  }
  noFaults(ann, bob, cat);
  for (const page of [ann, bob, cat]) await page.context().close();
});

test('a token for another user, from the page around it, takes over at once', async () => {
  frameOf(app, named, await named.token('ann', 'Ann'));
  const page = await visit(app.url);
  await inFrame(page, '#state[data-state=live]').waitFor();
  const send = ([token, url]) => document.getElementById('chat').contentWindow.postMessage({ type: 'live-chat-token', token }, url);
  await page.evaluate(send, [await named.token('bob', 'Bob'), named.url]);
  const frame = page.frames()[1];
  await frame.waitForFunction(() => document.getElementById('live-chat').user?.sub === 'bob');
  await inFrame(page, '#state[data-state=live]').waitFor();
  assert.deepEqual([...page.bearers], ['ann', 'bob']);
  noFaults(page);
  await page.context().close();
});

test('a site that is not named has the chat in no frame, and nobody has the page itself', async () => {
  assert.match(await refusalOf(stranger, `${named.url}/embed/`), new RegExp(app.url));
  assert.match(await refusalOf(team, `${named.url}/embed/`), new RegExp(app.url), 'nor one that is named for the console alone');
  for (const gateway of [named, anyPort]) {
    assert.match(await refusalOf(app, `${gateway.url}/`), /frame-ancestors 'none'/);
  }
});

test('the console is in frames of its own sites alone', async () => {
  assert.match(await refusalOf(app, `${named.url}/moderate/`), new RegExp(team.url), 'a site that embeds the chat is none');
  assert.match(await refusalOf(app, `${anyPort.url}/moderate/`), /frame-ancestors 'none'/, 'by default, there is none');
  justFrame(team, `${named.url}/moderate/`);
  const page = await visit(team.url);
  await inFrame(page, '#enter').waitFor();
  noFaults(page);
  await page.context().close();
});

/** Has one window send a message to another, and waits until the other has got it: its own listener was there first. */
async function deliver(from, to, send, token) {
  await to.evaluate(() => void (globalThis.delivered = new Promise((resolve) => addEventListener('message', () => resolve(), { once: true }))));
  await from.evaluate(send, { type: 'live-chat-token', token });
  await to.evaluate(() => globalThis.delivered);
}

/** It waits for a token, or says that it has done so long enough. */
const WITHOUT_TOKEN = /Connecting…|not let you in/;

test('a frame believes the page around it, and no other window, even of the same site', async () => {
  justFrame(app, `${named.url}/embed/`);
  app.files['/'] = app.files['/'].replace('</html>', '<iframe title="Other" src="/other.html"></iframe></html>');
  app.files['/other.html'] = '<!doctype html><html lang="en"><title>Other</title></html>';
  const page = await visit(app.url);
  await inFrame(page, '#loading').getByText(WITHOUT_TOKEN).waitFor();
  const [chat, other] = [page.frame('chat'), page.frame({ url: `${app.url}/other.html` })];
  await deliver(other, chat, (message) => parent.frames.chat.postMessage(message, '*'), await named.token('eve'));
  await deliver(page, chat, (message) => frames.chat.postMessage(message, '*'), await named.token('ann'));
  await inFrame(page, '#state[data-state=live]').waitFor();
  assert.deepEqual([...page.bearers], ['ann']);
  noFaults(page);
  await page.context().close();
});

test('a site that is not named is not believed when it opens the page in a window, nor does a link take over there', async () => {
  stranger.policy = "default-src 'none'";
  stranger.files = { '/': '<!doctype html><html lang="en"><title>Other</title></html>' };
  const page = await visit(stranger.url);
  const opened = await openFrom(page, `${named.url}/embed/`);
  await opened.locator('#loading').getByText(WITHOUT_TOKEN).waitFor();
  await deliver(page, opened, (message) => globalThis.chat.postMessage(message, '*'), await named.token('eve'));
  const follow = async (sub) => opened.evaluate((token) => void (location.hash = `token=${token}`), await named.token(sub));
  await follow('ann');
  await isLive(opened);
  await follow('bob');
  await opened.waitForFunction(() => location.hash === '');
  await say((selector) => opened.locator(selector), 'still Ann');
  await opened.locator('#messages').getByText('still Ann', { exact: true }).waitFor();
  assert.deepEqual([...page.bearers], ['ann']);
  await page.context().close();
});

test('pages of the named sites call the chat, and no others', async () => {
  const token = await named.token('ann', 'Ann');
  const status = ([url, token]) =>
    fetch(`${url}/live-chat/status`, { headers: { authorization: `Bearer ${token}` } }).then((answer) => answer.status, (error) => error.name);
  for (const [site, found] of [[app, 200], [team, 'TypeError'], [stranger, 'TypeError']]) {
    site.policy = 'default-src *';
    site.files = { '/': '<!doctype html><html lang="en"><title>A site</title></html>' };
    const page = await visit(site.url);
    assert.equal(await page.evaluate(status, [named.url, token]), found);
    const door = (url) => fetch(`${url}/dev/token`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Eve"}' });
    await assert.rejects(page.evaluate(door, named.url), /Failed to fetch/, 'development tokens are for the page itself');
    await page.context().close();
  }
});

test('it fills its frame, looks as its address says, and has no form', async () => {
  const page = await visit(`${named.url}/embed/`);
  await page.getByText('The page around this chat has not let you in yet.').waitFor();
  assert.equal(await page.locator('form:visible').count(), 0);
  await isAccessibleInBoth(page, 'frame-without-token');

  const token = await named.token('ann', 'Ann');
  await page.evaluate((token) => void (location.hash = `token=${token}`), token);
  await isLive(page);
  const chat = page.locator('#live-chat');
  const { x, y, width, height } = await chat.boundingBox();
  assert.deepEqual({ x, y, width, height }, { x: 0, y: 0, ...DESKTOP });
  assert.equal(await page.locator('#chat').evaluate((node) => node.getRootNode().host.getAttribute('layout')), null, 'it is compact');
  await isAccessibleInBoth(page, 'frame');

  await page.goto(`${named.url}/embed/?layout=comfortable&theme=dark&lang=es&links=all#token=${token}`);
  await page.locator('#state').getByText('En vivo').waitFor();
  const attributes = await chat.evaluate((node) => ['layout', 'theme', 'lang', 'links'].map((name) => node.getAttribute(name)));
  assert.deepEqual(attributes, ['comfortable', 'dark', 'es', 'all']);
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'dark');
  await page.goto(`${named.url}/embed/?layout=huge&theme=pink#token=${token}`);
  await isLive(page);
  assert.deepEqual(await chat.evaluate((node) => ['layout', 'theme'].map((name) => node.getAttribute(name))), [null, null]);
  noFaults(page);
  await page.context().close();
});

test('a list that is none ends the start with its name', async () => {
  for (const variable of ['LIVE_CHAT_EMBED_ORIGINS', 'LIVE_CHAT_CONSOLE_ORIGINS']) {
    for (const value of ['*', 'https://app.example/chat', 'app.example']) {
      const starting = Gateway.start({ settings: { [variable]: value } });
      await assert.rejects(starting, ({ message }) => message.includes(`${variable} is "${value}", but must be up to 20 origins`));
    }
  }
});
