// The page at / in a second engine, Debian's Firefox: two people talk across engines, a lost connection, layouts, the keyboard.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import WebSocket from 'ws';

import { LiveChat } from '../../web/client/src/index.js';
import { fillEvening } from './evening.mjs';
import { launchFirefox } from './firefox.mjs';
import { Gateway, NO_RATE_LIMIT } from './gateway.mjs';
import { DESKTOP, enter, focused, inLog, isAccessible, isAtEnd, isLive, noFaults, open, openFrom, say, shows, stage, texts, write } from './page.mjs';

const on = stage({ begin: launchFirefox, settings: NO_RATE_LIMIT, fill: () => fillEvening(on.gateway) });
const closing = [];
after(async () => {
  for (const close of closing.reverse()) await close();
});

const come = (name, { query = '', ...options } = {}) => enter(on.browser, `${on.gateway.url}/${query}`, name, options);

/** Somebody in Node; `heard(text)` resolves with the message once it is there. */
async function nodeClient(name) {
  const chat = new LiveChat({ baseUrl: on.gateway.url, token: await on.gateway.token(name.toLowerCase(), name), WebSocket });
  closing.push(() => chat.close());
  await chat.connect();
  const find = (text) => [...chat.messages.values()].find(({ message }) => message === text);
  const heard = async (text) => {
    while (!find(text)) await new Promise((resolve) => chat.addEventListener('message', resolve, { once: true }));
    return find(text);
  };
  return { chat, heard };
}

test('Firefox and a Node client hear each other, like, and delete', async () => {
  const { chat, heard } = await nodeClient('Nora');
  const byName = await come('Ann');
  const byToken = await open(on.browser, `${on.gateway.url}/?lang=en#token=${await on.gateway.token('eve', 'Eve')}`);
  await isLive(byToken);
  assert.equal(byToken.url(), `${on.gateway.url}/?lang=en`, 'the token has left the address');
  await say(byName, 'Hello from Firefox!');
  const { id } = await heard('Hello from Firefox!');
  await chat.sendMessage('Hello from Node!');
  for (const page of [byName, byToken]) await inLog(page, 'Hello from Node!').waitFor();

  const likes = new Promise((resolve) => chat.addEventListener('messageLikes', ({ detail }) => resolve(detail), { once: true }));
  const greeting = (page) => page.locator('.message', { hasText: 'Hello from Firefox!' });
  await greeting(byToken).hover();
  await greeting(byToken).locator('.like-message').click();
  assert.deepEqual(await likes.then(({ message_id, likes }) => [message_id, likes]), [id, 1]);
  await byName.waitForFunction(() => findOne('.message.own .likes').textContent === '1');
  await byName.click('#like');
  await byName.waitForSelector('#like[aria-pressed=true]');
  await shows(byToken, 'like-count', '4');

  await greeting(byName).hover();
  await greeting(byName).locator('.delete-message').click();
  await byName.click('#confirm [value=yes]');
  for (const page of [byName, byToken]) await greeting(page).waitFor({ state: 'detached' });
  noFaults(byName, byToken);
});

test('an application that opens the chat hands over a token', async () => {
  const host = await open(on.browser, `${on.gateway.url}/icon.svg`);
  await host.evaluate((token) => {
    addEventListener('message', ({ data, source }) => {
      if (data.type === 'live-chat-token-needed') source.postMessage({ type: 'live-chat-token', token }, location.origin);
    });
  }, await on.gateway.token('app-user', 'App User'));
  await isLive(await openFrom(host, on.gateway.url));
});

test('what is written while the gateway is killed and restarted arrives once, in order', async () => {
  let gateway = await Gateway.start({ settings: NO_RATE_LIMIT });
  try {
    const page = await enter(on.browser, gateway.url, 'Ann');
    await say(page, 'one');
    await inLog(page, 'one').waitFor();
    await gateway.end('SIGKILL');
    await page.locator('#banner').getByText('Connection lost').waitFor({ timeout: 60_000 });
    await say(page, 'two');
    await say(page, 'three');
    await page.waitForFunction(() => findAll('#pending li').length === 2);
    gateway = await Gateway.start({ data: gateway.data, port: gateway.port, settings: NO_RATE_LIMIT });
    await isLive(page, { timeout: 60_000 });
    await inLog(page, 'three').waitFor();
    await page.waitForFunction(() => findAll('#pending li').length === 0);
    assert.deepEqual(await texts(page), ['one', 'two', 'three']);
    noFaults(page);
  } finally {
    await gateway.stop();
  }
});

test('the compact layout has name and text on one line, and no pictures', async () => {
  const page = await come('Kim', { query: '?layout=compact' });
  await write(on.gateway.url, await on.gateway.token('zed', 'Zed'), 'short');
  await inLog(page, 'short').waitFor();
  assert.equal(await page.locator('#messages .avatar:visible').count(), 0);
  const { height, isBeside } = await page.locator('.message', { hasText: 'short' }).evaluate((item) => {
    const range = document.createRange();
    range.selectNodeContents(item.querySelector('.text'));
    const [name, text] = [item.querySelector('.name').getBoundingClientRect(), range.getClientRects()[0]];
    return { height: item.getBoundingClientRect().height, isBeside: text.top < name.bottom && name.top < text.bottom && text.left > name.left };
  });
  assert.ok(isBeside && height < 36, `${height} px`);
  await isAccessible(page, 'firefox-compact');
  noFaults(page);
});

test('right to left, the picture is on the right', async () => {
  const page = await come('سارة', { query: '?dir=rtl' });
  await say(page, 'مساء الخير');
  await inLog(page, 'مساء الخير').waitFor();
  const [avatar, name] = await page.locator('.message.own').last().evaluate((item) => ['.avatar', '.name'].map((part) => item.querySelector(part).getBoundingClientRect().left));
  assert.ok(avatar > name, `${avatar} ${name}`);
  await isAccessible(page, 'firefox-right-to-left');
  noFaults(page);
});

test('a link of staff opens a tab that learns nothing of the chat', async () => {
  const host = await on.gateway.tokenWith('--sub', 'host-1', '--name', 'Marta Keller', '--role', 'host');
  await write(on.gateway.url, host, `the rules: ${on.gateway.url.replace('localhost', '127.0.0.1')}/icon.svg`);
  const page = await come('Lea');
  const link = page.locator('.message .text a').last();
  assert.equal(await link.getAttribute('rel'), 'noopener noreferrer nofollow ugc');
  const opened = page.context().waitForEvent('page');
  await link.click();
  const other = await opened;
  await other.waitForURL('**/icon.svg');
  assert.equal(await other.evaluate(() => globalThis.opener), null);
  noFaults(page);
});

test('by the keyboard alone: join, write, like a message', async () => {
  await write(on.gateway.url, await on.gateway.token('zed', 'Zed'), 'an ordinary line');
  const page = await open(on.browser, on.gateway.url, { viewport: DESKTOP });
  await page.waitForSelector('#enter:not([hidden])');
  assert.equal(await focused(page), 'name');
  await page.keyboard.type('Keyed');
  await page.keyboard.press('Enter');
  await isLive(page);
  await page.waitForSelector('#messages li');
  assert.equal(await focused(page), 'text');
  await page.keyboard.type('without a mouse');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('in two lines');
  await page.keyboard.press('Enter');
  await inLog(page, 'without a mouse\nin two lines').waitFor();
  await page.keyboard.press('Shift+Tab');
  assert.equal(await focused(page), 'log');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  const chosen = await focused(page);
  assert.match(chosen, /^message-\d+$/);
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'like-message');
  await page.keyboard.press('Enter');
  await page.waitForSelector(`#${chosen} .like-message[aria-pressed=true]`);
  await page.keyboard.press('Escape');
  assert.equal(await focused(page), 'text');
  noFaults(page);
});

test('scrolling up loads earlier messages and holds its place', async () => {
  const token = await on.gateway.token('writer', 'Writer');
  for (let i = 0; i < 120; i += 1) await write(on.gateway.url, token, `line ${i}`);
  const page = await come('Reader', { viewport: DESKTOP });
  await inLog(page, 'line 119').waitFor();
  await isAtEnd(page);
  assert.equal(await inLog(page, 'line 0').count(), 0);
  await page.hover('#log');
  await page.mouse.wheel(0, -20_000);
  await page.waitForFunction(() => findAll('#messages li').length > 60);
  await write(on.gateway.url, token, 'one more');
  await page.locator('#to-end').waitFor();
  await page.click('#to-end');
  await inLog(page, 'one more').waitFor();
  await isAtEnd(page);
  noFaults(page);
});

test('the emoji picker opens in Firefox, searches, moves and gives the focus back', async () => {
  const page = await come('Emma', { viewport: DESKTOP });
  await page.fill('#text', 'hello ');
  await page.click('#emoji');
  const picker = page.locator('#emoji-picker');
  await picker.waitFor();
  await page.keyboard.type('red heart');
  await picker.getByRole('button', { name: 'red heart', exact: true }).waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.evaluate(() => focusedElement().ariaLabel), 'red heart');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await picker.waitFor({ state: 'hidden' });
  assert.equal(await focused(page), 'text');
  assert.equal(await page.inputValue('#text'), 'hello ❤️❤️');
  noFaults(page);
});
