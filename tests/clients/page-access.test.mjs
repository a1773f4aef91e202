// Accessibility of the page at /: screen readers, keyboard only, other languages, dark and right-to-left. Each state of the page
// is checked with axe, and saved as a screenshot.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import logWords from '../../web/app/log-words.js';
import { VISITS, fillEvening } from './evening.mjs';
import { Gateway } from './gateway.mjs';
import { DESKTOP, PHONE, enter, focused as hasFocus, inLog, isAccessible, isAccessibleInBoth, isLive, open, say, screenshot, stage, write } from './page.mjs';

const on = stage({ fill: () => fillEvening(on.gateway) });

async function come(name, { query = '', ...options } = {}) {
  const page = await enter(on.browser, `${on.gateway.url}/${query}`, name, options);
  await page.waitForSelector('#messages li');
  return page;
}

test('the entrance, by name and by token, and its errors', async () => {
  const page = await open(on.browser, on.gateway.url);
  await isAccessible(page, 'entrance');
  await page.click('#enter [type=submit]');
  await page.getByText('Please enter a name.').waitFor();
  await isAccessible(page, 'entrance-error');
  await page.click('#enter-other');
  await isAccessible(page, 'entrance-token');
  await page.context().close();
  const dark = await open(on.browser, on.gateway.url, { colorScheme: 'dark', viewport: DESKTOP });
  await isAccessible(dark, 'entrance-dark');
  await dark.context().close();
});

test('the live chat on a phone, a narrow one and a desktop, light and dark', async () => {
  for (const { name, who, text, ...options } of VISITS) {
    const page = await come(who, options);
    await say(page, text);
    await inLog(page, text).waitFor();
    await page.click('.message:has-text("Ten minutes") .like-message');
    await page.waitForSelector('.like-message[aria-pressed=true]');
    await page.click('#like');
    await page.waitForSelector('#like[aria-pressed=true]');
    await page.fill('#text', 'Good luck');
    await isAccessible(page, name);
    await page.context().close();
  }
});

test('right to left', async () => {
  const page = await come('سارة', { query: '?dir=rtl', viewport: PHONE });
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).direction), 'rtl');
  await say(page, 'مساء الخير');
  await inLog(page, 'مساء الخير').waitFor();
  await isAccessible(page, 'right-to-left');
  const item = page.locator('.message').first();
  const [avatar, name] = [await item.locator('.avatar').boundingBox(), await item.locator('.name').boundingBox()];
  assert.ok(avatar.x > name.x, 'the picture is on the right');
  const arabic = await open(on.browser, on.gateway.url, { locale: 'ar' });
  assert.equal(await arabic.evaluate(() => document.documentElement.dir), 'rtl');
});

test('the question before deleting, too long a text, and a long list of states that go wrong', async () => {
  let other = await Gateway.start({ settings: { LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE: '2' } });
  try {
    const page = await enter(on.browser, other.url, 'Ann');
    await isAccessible(page, 'empty');
    await say(page, 'one');
    await say(page, 'two');
    await inLog(page, 'two').waitFor();
    await page.locator('.message').first().hover();
    await page.locator('.delete-message').first().click();
    await isAccessibleInBoth(page, 'delete');
    await page.keyboard.press('Escape');
    await page.fill('#text', 'x'.repeat(1001));
    await isAccessible(page, 'too-long');
    await say(page, 'three');
    await page.waitForSelector('.held #send');
    await isAccessibleInBoth(page, 'waits');
    await other.end('SIGKILL');
    await page.waitForSelector('#banner[data-kind=warning]');
    await isAccessibleInBoth(page, 'reconnecting-alone');
    other = await Gateway.start({ data: other.data, port: other.port, settings: { LIVE_CHAT_ENABLED: 'false' } });
    await page.waitForSelector('#banner[data-kind=info]', { timeout: 60_000 });
    await page.getByText('Not sent. The chat is not open.').waitFor();
    await isAccessibleInBoth(page, 'ended-not-sent');
    const late = await open(on.browser, `${other.url}/#token=${await other.token('late', 'Late')}`);
    await late.waitForSelector('#banner[data-kind=info]');
    await isAccessibleInBoth(late, 'not-open-yet');
  } finally {
    await other.stop();
  }
});

test('by the keyboard alone: join, write, like a message, like the session', async () => {
  const page = await open(on.browser, on.gateway.url, { viewport: DESKTOP });
  const focused = () => hasFocus(page);
  assert.equal(await focused(), 'name');
  await page.keyboard.type('Keyed');
  await page.keyboard.press('Enter');
  await isLive(page);
  await page.waitForSelector('#messages li');
  assert.equal(await focused(), 'text');
  await page.keyboard.type('without a mouse');
  await page.keyboard.press('Enter');
  await inLog(page, 'without a mouse').waitFor();

  await page.locator('#taking-part').waitFor();
  for (const stop of ['show-questions', 'ask', ...Array(6).fill('reaction'), 'log']) {
    await page.keyboard.press('Shift+Tab');
    assert.equal(await focused(), stop);
  }
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  const chosen = await focused();
  assert.match(chosen, /^message-\d+$/);
  await screenshot(page, 'keyboard');
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'like-message');
  await page.keyboard.press('Enter');
  await page.waitForSelector(`#${chosen} .like-message[aria-pressed=true]`);

  await page.keyboard.press('Escape');
  assert.equal(await focused(), 'text');
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'emoji');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'like');
  await page.keyboard.press('Space');
  await page.waitForSelector('#like[aria-pressed=true]');

  // Back over the buttons, the field and the bar, to the log.
  for (let stops = 0; stops < 13; stops += 1) await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'delete-message');
  await page.keyboard.press('Enter');
  await page.getByText('Delete this message?').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await inLog(page, 'without a mouse').waitFor({ state: 'detached' });
  assert.equal(await focused(), 'log');
});

test('new messages are announced, but not every message of a busy chat', async () => {
  const page = await come('Listener');
  const token = await on.gateway.token('speaker', 'Speaker');
  await write(on.gateway.url, token, 'the first');
  await page.locator('#announcer').getByText('Speaker: the first').waitFor();
  for (const text of ['the second', 'the third', 'the fourth']) await write(on.gateway.url, token, text);
  await page.locator('#announcer').getByText('3 new messages. Speaker: the fourth').waitFor();
});

test('in Spanish, by the browser or by the address', async () => {
  for (const { query, locale } of [{ query: '', locale: 'es-MX' }, { query: '?lang=es', locale: 'en-US' }]) {
    const page = await come('Lucía', { query, locale });
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'es');
    await page.locator('#state').getByText('En vivo').waitFor();
    assert.equal(await page.getAttribute('#text', 'placeholder'), 'Di algo');
    await page.getByRole('log', { name: 'Mensajes del chat' }).waitFor();
    await page.getByText('Anfitrión').first().waitFor();
    await isAccessible(page, 'spanish');
    await page.context().close();
  }
  const english = await come('Lucy', { query: '?lang=en', locale: 'es-MX' });
  await english.locator('#state').getByText('Live').waitFor();
});

/** The texts of the chat and of the page in a language. Node takes the files for scripts, for want of a package.json beside them. */
async function wordsOf(language) {
  const [chat, page] = await Promise.all(['strings', 'page-strings'].map((name) => wordsIn(`${name}.${language}.js`)));
  return { ...chat, ...page, ...logWords[language] };
}

async function wordsIn(file) {
  const source = await readFile(new URL(`../../web/app/${file}`, import.meta.url), 'utf8');
  return (await import(`data:text/javascript,${encodeURIComponent(source)}`)).default;
}

test('both languages have the same texts, including one for each error code', async () => {
  /** The texts with their keys; for a function, its parameters. */
  const shape = (words) =>
    Object.entries(words).map(([key, value]) => [key, typeof value === 'object' ? shape(value) : typeof value === 'function' ? value.length : typeof value]);
  const [english, spanish] = [await wordsOf('en'), await wordsOf('es')].map(shape);
  assert.deepEqual(spanish, english);
  const inGroups = english.filter(([, inner]) => Array.isArray(inner)).map(([key]) => key);
  assert.deepEqual(inGroups, ['refusals', 'failures', 'modeChips', 'reportReasons', 'reportFailures', 'actFailures']);
});
