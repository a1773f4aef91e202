// Shared by the page's tests: a stage, entering, writing, the screen's content, and accessibility.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

import axe from 'axe-core';

import { launch } from './chromium.mjs';
import { Gateway } from './gateway.mjs';
import { DESKTOP, PHONE, keep } from './images.mjs';

const SCREENSHOTS = fileURLToPath(new URL('screenshots/', import.meta.url));
mkdirSync(SCREENSHOTS, { recursive: true });

export { DESKTOP, PHONE };

/** For a screenshot, Playwright adds this style to the page, which Firefox holds to the page's policy and reports by its checksum. */
const PLAYWRIGHTS_STYLE = createHash('sha256').update('body {}').digest('base64');

/** Takes a screenshot. */
export async function screenshot(page, name) {
  const path = `${SCREENSHOTS}${name}.png`;
  await page.screenshot({ path });
  await keep(path, name);
}

/** A `gateway` and a `browser` for the tests of a file; `fill` runs before them. */
export function stage({ settings, fill, begin = launch } = {}) {
  const on = {};
  before(async () => {
    on.gateway = await Gateway.start({ settings });
    on.browser = await begin();
    await fill?.();
  });
  after(async () => {
    await on.browser?.close();
    await on.gateway?.stop();
  });
  return on;
}

/** Asserts that axe finds no violations, except in the elements that are `not` ours, and that the page does not scroll sideways. */
export async function isAccessible(page, name, { not = [] } = {}) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  // To preload styles, axe would make inline ones of those in shadow roots, which the policy forbids. No rule that runs needs them.
  const options = { resultTypes: ['violations'], preload: { assets: ['media'] } };
  const { violations } = await page.evaluate(([exclude, options]) => globalThis.axe.run({ exclude }, options), [not, options]);
  const where = ({ html, failureSummary }) => `${html.slice(0, 120)} ${failureSummary}`;
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(where).join(' | ')}`);
  assert.deepEqual(found, [], name);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(overflow <= 0, `${name} is ${overflow} px too wide`);
  await screenshot(page, name);
}

/** The same in light and dark colours. */
export async function isAccessibleInBoth(page, name, options) {
  await isAccessible(page, name, options);
  await page.emulateMedia({ colorScheme: 'dark' });
  await isAccessible(page, `${name}-dark`, options);
  await page.emulateMedia({ colorScheme: 'light' });
}

/** The element with the keyboard focus. */
export const focused = (page) =>
  page.evaluate(() => {
    const { id, className, tagName } = focusedElement();
    return id || className || tagName;
  });

/** What the tests' scripts in a page call to find elements, also those in the shadow root of the chat. */
function finders() {
  const roots = () => [document, ...[...document.querySelectorAll('live-chat')].map(({ shadowRoot }) => shadowRoot)].filter(Boolean);
  globalThis.findAll = (selector) => roots().flatMap((root) => [...root.querySelectorAll(selector)]);
  globalThis.findOne = (selector) => findAll(selector)[0] ?? null;
  globalThis.byId = (id) => findOne(`#${id}`);
  globalThis.elementAt = (x, y) => {
    const element = document.elementFromPoint(x, y);
    return element.shadowRoot?.elementFromPoint(x, y) ?? element;
  };
  globalThis.focusedElement = () => {
    const { activeElement } = document;
    return activeElement.shadowRoot?.activeElement ?? activeElement;
  };
}

/** A page in a separate context, which records its errors; `waitUntil` as in Playwright's `goto`. */
export async function open(browser, url, { prepare, waitUntil = 'load', ...options } = {}) {
  const context = await browser.newContext({ viewport: PHONE, locale: 'en-US', ...options });
  await context.addInitScript(finders);
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => String(error).includes(PLAYWRIGHTS_STYLE) || page.faults.push(String(error)));
  page.on('dialog', (dialog) => page.faults.push(dialog.message()));
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) page.faults.push(message.text());
  });
  await prepare?.(page);
  await page.goto(url, { waitUntil });
  return page;
}

/**
 * A window that a page opens and calls `chat`. A window that changes its process while a test attaches to it may be lost to the
 * test, so it navigates afterwards.
 */
export async function openFrom(opener, url) {
  const opened = opener.waitForEvent('popup');
  await opener.evaluate(() => void (globalThis.chat = open('about:blank')));
  const page = await opened;
  await page.goto(url);
  return page;
}

/** Joins by name, and waits until the chat is live. */
export async function enter(browser, url, name, options) {
  const page = await open(browser, url, options);
  await page.fill('#name', name);
  await page.click('#enter [type=submit]');
  await isLive(page);
  return page;
}

export const isLive = (page, options) => page.waitForSelector('#state[data-state=live]', options);

export async function say(page, text) {
  await page.fill('#text', text);
  await page.press('#text', 'Enter');
}

/** The message with a text; not its announcement, and not while it is pending. */
export const inLog = (page, text) => page.locator('#messages').getByText(text, { exact: true });

export const shows = (page, id, text) =>
  page.waitForFunction(([id, text]) => byId(id).textContent === text, [id, text]);

/** Waits until the newest message is visible: the page may still be painting. */
export const isAtEnd = (page) =>
  page.waitForFunction(() => {
    const { scrollHeight, clientHeight, scrollTop } = byId('log');
    return scrollHeight - clientHeight - scrollTop < 2;
  });

/** Waits until the log is at rest: no scrolling and no loading. */
export const isStill = (page) =>
  page.waitForFunction(
    () => {
      const log = byId('log');
      const now = [log.scrollTop, log.scrollHeight, byId('earlier').textContent].join();
      const isStill = now === globalThis.lastPlace;
      globalThis.lastPlace = now;
      return isStill && !now.includes('Loading');
    },
    undefined,
    { polling: 100 },
  );

/** The texts of the messages, from top to bottom. */
export const texts = (page) => page.locator('#messages .text').allTextContents();

export const noFaults = (...pages) => pages.forEach((page) => assert.deepEqual(page.faults, []));

/** Calls the chat over REST. */
export async function call(url, token, method, path, body) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}/live-chat/${path}`, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

export const write = (url, token, message) => call(url, token, 'POST', 'send-message', { message });
