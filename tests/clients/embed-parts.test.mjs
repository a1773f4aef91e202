// <live-chat> as it changes, and as its parts are loaded: what of a chat survives new settings, and what goes on without a part.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DESKTOP, noFaults, open } from './page.mjs';
import { stubStage, until } from './page-stub.mjs';
import { refusal, stubToken } from './stub-chat.mjs';

const on = stubStage();

/** A page on the origin of `host` with an element of the chat `stub`, whose token it gives; `prepare` runs first. */
async function embed(stub, { attributes = '', host = stub, prepare = () => {}, token = stubToken('ann') } = {}) {
  const policy = `default-src 'none'; script-src ${stub.url}; img-src ${stub.url}; connect-src ${stub.url} ${stub.url.replace('http', 'ws')}`;
  host.pages['/host.html'] = {
    policy,
    body: `<!doctype html><html lang="en"><title>Host</title><live-chat id="a" ${attributes}></live-chat>
      <script type="module" src="${stub.url}/embed/v1.js"></script></html>`,
  };
  const page = await open(on.browser, `${host.url}/host.html`, { viewport: DESKTOP, prepare });
  await page.evaluate((token) => (document.getElementById('a').token = token), token);
  return page;
}

const isLive = (page) => page.locator('#state[data-state=live]').waitFor();
const set = (page, name, value) => page.evaluate(([name, value]) => document.getElementById('a').setAttribute(name, value), [name, value]);
const isIn = (page, { message }) => page.locator('#messages').getByText(message.trim(), { exact: true }).waitFor();

/** The first row that is to be seen, and where it stands. */
const place = (page) =>
  page.evaluate(() => {
    const { top } = byId('log').getBoundingClientRect();
    const row = findAll('#messages .message').find((row) => row.getBoundingClientRect().bottom > top);
    return { id: row.id, top: Math.round(row.getBoundingClientRect().top - top) };
  });

test('another layout, theme or rule for links leaves the socket, the draft and the place in the log as they are', async () => {
  const stub = await on.chat(120);
  stub.messages[90].message = 'see https://a.example/page';
  const page = await embed(stub);
  await isLive(page);
  await isIn(page, stub.messages.at(-1));
  const [socket] = stub.sockets;
  await page.fill('#text', 'a draft');
  await page.mouse.move(1200, 900);
  await page.evaluate(() => byId('message-100000091').scrollIntoView());
  await page.locator('#to-end').waitFor();
  const before = await place(page);
  for (const [name, value] of [['layout', 'comfortable'], ['theme', 'dark'], ['links', 'a.example'], ['layout', 'compact']]) {
    await set(page, name, value);
    const { id, top } = await place(page);
    assert.equal(id, before.id, name);
    assert.ok(Math.abs(top - before.top) <= 2, `${name}: ${top}, not ${before.top}`);
  }
  assert.equal(await page.locator('#message-100000091 .text a').getAttribute('href'), 'https://a.example/page');
  await set(page, 'links', 'none');
  assert.equal(await page.locator('#message-100000091 .text a').count(), 0);
  assert.equal(await page.locator('#message-100000091 .text').textContent(), 'see https://a.example/page');
  assert.equal(await page.inputValue('#text'), 'a draft');
  assert.deepEqual([...stub.sockets], [socket]);
  assert.equal(stub.calls.filter((call) => call === 'GET status').length, 1);
  noFaults(page);
  await page.context().close();
});

test('a change for which the chat is built anew keeps the draft, and is back in the chat', async () => {
  const stub = await on.chat(2);
  const page = await embed(stub);
  await isLive(page);
  await page.fill('#text', 'a draft');
  await set(page, 'lang', 'es');
  await page.locator('#state').getByText('En vivo').waitFor();
  assert.equal(await page.inputValue('#text'), 'a draft');
  assert.equal(await page.locator('#counter').textContent(), '7/1000');
  await isIn(page, stub.messages[1]);
  await until(page, () => stub.sockets.size === 1);
  noFaults(page);
  await page.context().close();
});

test('what was written before the chat refused the visitor is in the field when they come back', async () => {
  const stub = await on.chat(1);
  let refuse;
  const refused = new Promise((resolve) => (refuse = resolve));
  const prepare = (page) =>
    page.route('**/live-chat/ticket*', async (route) => {
      await refused;
      await route.fulfill({ status: 403, json: refusal(403, 'forbidden'), headers: { 'access-control-allow-origin': '*' } });
    });
  const page = await embed(stub, { prepare });
  await page.fill('#text', 'sent too early');
  await page.press('#text', 'Enter');
  await page.locator('#pending').getByText('sent too early').waitFor();
  await page.fill('#text', 'a draft');
  refuse();
  await page.getByText('This token does not let you in.').waitFor();
  assert.equal(await page.locator('#composer').isVisible(), false);
  await page.unroute('**/live-chat/ticket*');
  await page.evaluate((token) => (document.getElementById('a').token = token), stubToken('ann'));
  await isLive(page);
  assert.equal(await page.inputValue('#text'), 'sent too early\na draft');
  assert.equal(await page.locator('#pending > *').count(), 0);
  await page.context().close();
});

test('it joins the session that it is told, and no other', async () => {
  const stub = await on.chat(1);
  const asked = [];
  stub.answers = {
    'GET status': (query) => {
      asked.push(query.get('session_id'));
      return query.get('session_id') === '1' ? { enabled: true, is_active: true, session: stub.session } : refusal(404, 'not_found');
    },
  };
  const page = await embed(stub, { attributes: 'session="1"' });
  await isLive(page);
  assert.deepEqual(asked, ['1']);
  await page.evaluate(() => {
    globalThis.reasons = [];
    document.getElementById('a').addEventListener('live-chat-state', ({ detail }) => globalThis.reasons.push(detail.reason?.code));
  });
  stub.tell({ type: 'session_ended', session_id: 1 });
  await page.locator('#banner').getByText('This chat has ended. Thank you for being here!').waitFor();
  await set(page, 'session', '9');
  await page.locator('#banner').getByText('The chat is not open yet').waitFor();
  assert.equal(await page.getByText('joins by itself').count(), 0);
  assert.deepEqual(asked, ['1', '9']);
  assert.ok((await page.evaluate(() => globalThis.reasons)).includes('not_found'));
  await page.context().close();
});

test('its language and its log come from the chat, whatever page it is in', async () => {
  const [stub, host] = [await on.chat(1), await on.chat()];
  const parts = [];
  const page = await embed(stub, { host, attributes: 'lang="es"', prepare: (page) => page.on('request', (request) => parts.push(new URL(request.url()))) });
  await page.locator('#state').getByText('En vivo').waitFor();
  await isIn(page, stub.messages[0]);
  const loaded = parts.filter(({ pathname }) => pathname.startsWith('/assets/'));
  assert.deepEqual(loaded.map(({ origin, pathname }) => [origin, pathname.replace(/-[0-9A-Z]{8}/, '')]).sort(), [
    [stub.url, '/assets/element-live.js'],
    [stub.url, '/assets/element-strings.es.js'],
  ]);
  noFaults(page);
  await page.context().close();
});

test('without its language, it speaks English', async () => {
  const stub = await on.chat(1);
  const page = await embed(stub, { attributes: 'lang="es"', prepare: (page) => page.route('**/assets/element-strings.es-*', (route) => route.abort()) });
  await isLive(page);
  await page.locator('#state').getByText('Live', { exact: true }).waitFor();
  assert.equal(await page.locator('#chat').getAttribute('lang'), 'en');
  await isIn(page, stub.messages[0]);
  noFaults(page);
  await page.context().close();
});

test('while its log cannot be loaded, one can write; it comes as soon as it can', async () => {
  const stub = await on.chat(1);
  const sent = [];
  stub.frames = { message: ({ message }) => void sent.push(message) };
  let isBlocked = true;
  const prepare = (page) => page.route('**/assets/element-live-*', (route) => (isBlocked ? route.abort() : route.continue()));
  const page = await embed(stub, { prepare });
  await isLive(page);
  await page.locator('#banner').getByText('The chat cannot be reached. Trying again…').waitFor();
  await page.fill('#text', 'is anybody there?');
  await page.press('#text', 'Enter');
  await until(page, () => sent.length === 1);
  isBlocked = false;
  await isIn(page, stub.messages[0]);
  await page.locator('#banner[data-kind=none]').waitFor({ state: 'attached' });
  stub.write(1);
  await isIn(page, stub.messages[1]);
  noFaults(page);
  await page.context().close();
});

test('after a loss, the chat goes on without the code that looks up what was missed', async () => {
  const stub = await on.chat(1);
  const page = await embed(stub, { prepare: (page) => page.route('**/assets/element-{refresh,log-refresh}-*', (route) => route.abort()) });
  await isLive(page);
  await isIn(page, stub.messages[0]);
  const failed = page.evaluate(() => new Promise((resolve) => document.getElementById('a').addEventListener('live-chat-error', ({ detail }) => {
    if (detail.code === 'network') resolve(detail.message);
  })));
  for (const socket of stub.sockets) socket.terminate();
  stub.fill(1);
  await isIn(page, stub.messages[1]);
  assert.match(await failed, /cannot be loaded/);
  await isLive(page);
  stub.write(1);
  await isIn(page, stub.messages[2]);
  noFaults(page);
  await page.context().close();
});

test('hearts that cannot be loaded take nothing else away', async () => {
  const stub = await on.chat(1);
  stub.answers = { 'POST like': () => ({ total_likes: 1, already_liked: false }) };
  const page = await embed(stub, { prepare: (page) => page.route('**/assets/element-hearts-*', (route) => route.abort()) });
  await isLive(page);
  stub.tell({ type: 'session_like_update', total_likes: 3 });
  await page.locator('#like-count').getByText('3').waitFor();
  await page.click('#like');
  await page.locator('#like[aria-pressed=true]').waitFor();
  stub.write(1);
  await isIn(page, stub.messages[1]);
  noFaults(page);
  await page.context().close();
});

test('the emoji picker comes from the origin of the chat, under the policy of a page that allows no style, and leaves a third language its words', async () => {
  const [stub, host] = [await on.chat(1), await on.chat()];
  const page = await embed(stub, { host, attributes: 'lang="de"' });
  await isLive(page);
  await page.evaluate(() => (document.getElementById('a').strings = { emoji: 'Emojis einfügen', emojiSearch: 'Emojis suchen' }));
  await page.getByRole('button', { name: 'Emojis einfügen' }).click();
  const picker = page.getByRole('dialog', { name: 'Emojis einfügen' });
  await picker.getByRole('searchbox', { name: 'Emojis suchen' }).fill('red heart');
  await picker.getByRole('button', { name: 'red heart', exact: true }).click();
  assert.equal(await page.inputValue('#text'), '❤️');
  assert.equal(await picker.locator('.row').first().evaluate((row) => getComputedStyle(row).display), 'grid');
  // Another attribute builds the chat anew, with the draft.
  await set(page, 'lang', 'es');
  await page.evaluate(() => (document.getElementById('a').strings = undefined));
  await page.getByRole('button', { name: 'Emojis', exact: true }).click();
  await page.getByRole('searchbox', { name: 'Buscar emojis' }).waitFor();
  assert.equal(await page.locator('#emoji').count(), 1);
  assert.equal(await page.inputValue('#text'), '❤️');
  noFaults(page);
});
