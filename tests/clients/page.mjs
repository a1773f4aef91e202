// What the tests of the page share: entering, writing, and what is on the screen.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SCREENSHOTS = fileURLToPath(new URL('screenshots/', import.meta.url));
mkdirSync(SCREENSHOTS, { recursive: true });

export const PHONE = { width: 390, height: 780 };
export const DESKTOP = { width: 1280, height: 800 };

export const screenshot = (page, name) => page.screenshot({ path: `${SCREENSHOTS}${name}.png` });

/** A page in a context of its own, which notes what goes wrong in it. */
export async function open(browser, url, { prepare, ...options } = {}) {
  const context = await browser.newContext({ viewport: PHONE, locale: 'en-US', ...options });
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(String(error)));
  page.on('dialog', (dialog) => page.faults.push(dialog.message()));
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) page.faults.push(message.text());
  });
  await prepare?.(page);
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

/** The message with a text; not its announcement, and not while it is on its way. */
export const inLog = (page, text) => page.locator('#messages').getByText(text, { exact: true });

export const shows = (page, id, text) =>
  page.waitForFunction(([id, text]) => document.getElementById(id).textContent === text, [id, text]);

/** The texts of the messages, from top to bottom. */
export const texts = (page) => page.locator('#messages .text').allTextContents();

export const noFaults = (...pages) => pages.forEach((page) => assert.deepEqual(page.faults, []));

/** A token with options of the gateway's own command, such as `--role`. */
export async function tokenWith({ data }, ...options) {
  const program = process.env.LIVE_CHAT_GATEWAY ?? fileURLToPath(new URL('../../target/debug/gateway', import.meta.url));
  const { stdout } = await promisify(execFile)(program, ['token', '--data', data, ...options]);
  return stdout.trim();
}

/** Calls the chat over REST. */
export async function call(url, token, method, path, body) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}/live-chat/${path}`, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

export const write = (url, token, message) => call(url, token, 'POST', 'send-message', { message });
