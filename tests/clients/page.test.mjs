// The page at / in Chromium: the actions of visitors.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Gateway, NO_RATE_LIMIT } from './gateway.mjs';
import { DESKTOP, call, enter, inLog, isAtEnd, isLive, isStill, noFaults, open, openFrom, say, screenshot, shows, stage, texts, write } from './page.mjs';

const on = stage({ settings: { ...NO_RATE_LIMIT, LIVE_CHAT_PICTURE_HOSTS: 'pictures.example' } });

const come = (name, options) => enter(on.browser, on.gateway.url, name, options);

test('two people chat, like, and see each other counted', async () => {
  const [ann, bob] = await Promise.all([come('Ann'), come('Bob')]);
  await say(ann, 'Hello Bob!');
  await inLog(bob, 'Hello Bob!').waitFor();
  await say(bob, 'Hello Ann!');
  await inLog(ann, 'Hello Ann!').waitFor();
  await bob.click('#like');
  for (const page of [ann, bob]) {
    await shows(page, 'like-count', '1');
    await shows(page, 'viewer-count', '2');
    assert.equal(await page.locator('#messages li').count(), 2);
    noFaults(page);
  }
  await ann.click('.message:has-text("Hello Ann!") .like-message');
  await bob.waitForFunction(() => findOne('.message.own .likes').textContent === '1');
  await bob.waitForSelector('#like[aria-pressed=true]');
  await screenshot(ann, 'two-people');
});

test('markup and script in names and messages stay text', async () => {
  const mallory = await come('<img src=x onerror=alert(1)>');
  const markup = '<script>alert(2)</script><b>bold</b>';
  await say(mallory, markup);
  await inLog(mallory, markup).waitFor();
  assert.equal(await mallory.locator('#messages b, #messages img, #messages script').count(), 0);
  noFaults(mallory);
});

test('a visitor deletes an own message after a confirmation, and other visitors cannot', async () => {
  const [ann, bob] = await Promise.all([come('Ann'), come('Bob')]);
  await say(ann, 'I regret this');
  await inLog(bob, 'I regret this').waitFor();
  const regretted = (page) => page.locator('.message', { hasText: 'I regret this' });
  assert.equal(await regretted(bob).locator('.delete-message').isVisible(), false);
  await regretted(ann).hover();
  await regretted(ann).locator('.delete-message').click();
  await ann.click('#confirm [value=no]');
  await regretted(ann).locator('.delete-message').click();
  await ann.click('#confirm [value=yes]');
  for (const page of [ann, bob]) await regretted(page).waitFor({ state: 'detached' });
  noFaults(ann, bob);
});

test('a token in the address lets in, and is removed from it at once; badges and pictures show', async () => {
  const who = ['--sub', 'eve', '--name', 'Eve Adams', '--role', 'host', '--badge', 'gold'];
  // A picture's address must be of https, so the test stands in for the host of one, which the setting lists.
  const picture = 'https://pictures.example/eve.svg';
  const token = await on.gateway.tokenWith(...who, '--picture', picture);
  const page = await open(on.browser, `${on.gateway.url}/?lang=en#token=${token}`);
  await page.route(picture, (route) => route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>' }));
  await isLive(page);
  assert.equal(await page.evaluate(() => location.href), `${on.gateway.url}/?lang=en`);
  await say(page, 'Welcome, everybody');
  await inLog(page, 'Welcome, everybody').waitFor();
  const message = page.locator('.message', { hasText: 'Welcome, everybody' });
  assert.deepEqual(await message.locator('.badge').allTextContents(), ['Host', 'Winner']);
  await page.waitForFunction(() => findOne('.own .avatar img')?.naturalWidth > 0);
  noFaults(page);
});

test('an application that opens the chat hands over a token by postMessage; other origins are not believed', async () => {
  const token = await on.gateway.token('app-user', 'App User');
  const host = await open(on.browser, `${on.gateway.url}/icon.svg`);
  await host.evaluate((token) => {
    addEventListener('message', ({ data, source }) => {
      if (data.type === 'live-chat-token-needed') source.postMessage({ type: 'live-chat-token', token }, location.origin);
    });
  }, token);
  await isLive(await openFrom(host, on.gateway.url));

  const stranger = await open(on.browser, on.gateway.url.replace('localhost', '127.0.0.1') + '/icon.svg');
  const page = await openFrom(stranger, on.gateway.url);
  await page.waitForSelector('#enter:not([hidden])');
  await page.evaluate(() => void addEventListener('message', ({ data }) => (globalThis.heard = data.type)));
  await stranger.evaluate((token) => globalThis.chat.postMessage({ type: 'live-chat-token', token }, '*'), token);
  await page.waitForFunction(() => globalThis.heard === 'live-chat-token');
  // If the page had trusted it, the visitor would be the application's user by now.
  await page.fill('#name', 'Nobody yet');
  await page.click('#enter [type=submit]');
  await isLive(page);
  await say(page, 'who am I?');
  await inLog(page, 'who am I?').waitFor();
  const { messages } = await call(on.gateway.url, token, 'GET', 'messages');
  const { user_id, username } = messages.find(({ message }) => message === 'who am I?');
  assert.equal(username, 'Nobody yet');
  assert.match(user_id, /^dev-/);
});

test('a token that is refused is said so', async () => {
  const page = await open(on.browser, on.gateway.url);
  await page.click('#enter-other');
  await page.fill('#token', 'nonsense');
  await page.click('#enter [type=submit]');
  await page.getByText('This does not look like a token.').waitFor();
  const [head, payload] = (await on.gateway.token('x')).split('.');
  await page.fill('#token', `${head}.${payload}.AAAA`);
  await page.click('#enter [type=submit]');
  await page.getByText('The chat did not accept this token.').waitFor();
  noFaults(page);
});

test('scrolling up loads earlier messages and keeps the position, and a button returns to the newest', async () => {
  const token = await on.gateway.token('writer', 'Writer');
  const numbered = (from, to) => Array.from({ length: to - from }, (_, i) => `line ${from + i}`);
  for (const text of numbered(0, 160)) await write(on.gateway.url, token, text);
  const page = await come('Reader', { viewport: DESKTOP });
  await inLog(page, 'line 159').waitFor();
  assert.equal(await inLog(page, 'line 0').count(), 0);
  // The window holds the client's initial messages.
  await page.waitForFunction(() => findAll('#messages li').length === 50);

  const topmost = () =>
    page.evaluate(() => {
      const log = byId('log').getBoundingClientRect();
      const item = findAll('#messages li').find((li) => li.getBoundingClientRect().top >= log.top);
      return { id: item.id, top: item.getBoundingClientRect().top };
    });
  await page.hover('#log');
  for (let count = 50, scrolls = 0; count < 160 && scrolls < 100; scrolls++) {
    await page.mouse.wheel(0, -400);
    await isStill(page);
    count = await page.locator('#messages li').count();
  }
  await page.keyboard.press('Home');
  const shown = (await texts(page)).filter((text) => text.startsWith('line '));
  assert.deepEqual(shown, numbered(0, 160));

  await page.evaluate(() => byId('log').scrollTo(0, 900));
  await isStill(page);
  const before = await topmost();
  for (const text of numbered(160, 170)) await write(on.gateway.url, token, text);
  await shows(page, 'to-end-text', '10 new messages');
  assert.deepEqual(await topmost(), before);
  await screenshot(page, 'new-messages');
  await page.click('#to-end');
  await inLog(page, 'line 169').waitFor();
  await isAtEnd(page);
  await page.waitForSelector('#to-end', { state: 'hidden' });
  noFaults(page);
});

test('messages sent too fast wait, and the page says how long', async () => {
  const strict = await Gateway.start({ settings: { LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE: '2' } });
  try {
    const page = await enter(on.browser, strict.url, 'Hasty');
    for (const text of ['one', 'two', 'three']) await say(page, text);
    await page.getByText(/The next message goes out in \d+ s/).waitFor();
    await page.waitForSelector('.held #send');
    await page.locator('#pending').getByText('three').waitFor();
    await page.fill('#text', 'four');
    await page.keyboard.press('Enter');
    assert.equal(await page.inputValue('#text'), 'four');
    await screenshot(page, 'rate-limit');
    const { messages } = await call(strict.url, await strict.token('x'), 'GET', 'messages');
    assert.deepEqual(messages.map(({ message }) => message), ['one', 'two']);
    noFaults(page);
  } finally {
    await strict.stop();
  }
});

test('the counter counts characters, and too long a message stays in the field', async () => {
  const page = await come('Verbose');
  await page.fill('#text', '😀é'.repeat(10));
  await shows(page, 'counter', '20/1000');
  await page.fill('#text', 'x'.repeat(1001));
  await page.getByText('1 character too many').waitFor();
  await page.press('#text', 'Enter');
  assert.equal((await page.inputValue('#text')).length, 1001);
  await page.press('#text', 'Backspace');
  await page.press('#text', 'Enter');
  await inLog(page, 'x'.repeat(1000)).waitFor();
  noFaults(page);
});

test('the counter counts to the limit of this chat', async () => {
  const short = await Gateway.start({ settings: { LIVE_CHAT_MAX_MESSAGE_LENGTH: '20' } });
  try {
    const page = await enter(on.browser, short.url, 'Brief');
    await page.fill('#text', 'x'.repeat(21));
    await shows(page, 'counter', '21/20');
    await page.getByText('1 character too many').waitFor();
    await page.press('#text', 'Enter');
    await page.press('#text', 'Backspace');
    await page.press('#text', 'Enter');
    await inLog(page, 'x'.repeat(20)).waitFor();
    assert.equal(await page.locator('#messages li').count(), 1);
    noFaults(page);
  } finally {
    await short.stop();
  }
});
