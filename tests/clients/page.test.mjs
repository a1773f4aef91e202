// The page at / in Chromium.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { launch } from './chromium.mjs';
import { Gateway } from './gateway.mjs';

const SCREENSHOTS = fileURLToPath(new URL('screenshots/', import.meta.url));

let gateway;
let browser;

before(async () => {
  await mkdir(SCREENSHOTS, { recursive: true });
  gateway = await Gateway.start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await gateway.stop();
});

async function enter(name) {
  const page = await (await browser.newContext({ viewport: { width: 480, height: 720 } })).newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(String(error)));
  page.on('dialog', (dialog) => page.faults.push(dialog.message()));
  await page.goto(gateway.url);
  await page.fill('#name', name);
  await page.click('#enter [type=submit]');
  await page.waitForSelector('#composer:not([hidden])');
  return page;
}

async function say(page, text) {
  await page.fill('#text', text);
  await page.keyboard.press('Enter');
}

const inLog = (page, text) => page.locator('#messages').getByText(text, { exact: true });

const shows = (page, id, text) =>
  page.waitForFunction(([id, text]) => document.getElementById(id).textContent === text, [id, text]);

test('two people chat, like, and see each other counted', async () => {
  const [ann, bob] = await Promise.all([enter('Ann'), enter('Bob')]);
  await say(ann, 'Hello Bob!');
  await inLog(bob, 'Hello Bob!').waitFor();
  await say(bob, 'Hello Ann!');
  await inLog(ann, 'Hello Ann!').waitFor();
  await bob.click('#like');
  for (const page of [ann, bob]) {
    await shows(page, 'like-count', '1');
    await shows(page, 'viewer-count', '2');
    assert.equal(await page.locator('#messages li').count(), 2);
    assert.deepEqual(page.faults, []);
  }
  await ann.screenshot({ path: `${SCREENSHOTS}two-people.png` });
});

test('markup and script in names and messages stay text', async () => {
  const mallory = await enter('<img src=x onerror=alert(1)>');
  const markup = '<script>alert(2)</script><b>bold</b>';
  await say(mallory, markup);
  const message = inLog(mallory, markup);
  await message.waitFor();
  assert.equal(await mallory.locator('#messages b, #messages img[src="x"], #messages script').count(), 0);
  assert.deepEqual(mallory.faults, []);
});

test('the gateway is killed and restarted: both screens go on, with nothing lost or doubled', async () => {
  const [ann, bob] = await Promise.all([enter('Ann'), enter('Bob')]);
  await say(ann, 'before the crash');
  await inLog(bob, 'before the crash').waitFor();
  await gateway.end('SIGKILL');
  await say(ann, 'during the crash');
  gateway = await Gateway.start({ data: gateway.data, port: gateway.port });
  for (const page of [ann, bob]) {
    await inLog(page, 'during the crash').waitFor({ timeout: 40_000 });
    assert.equal(await inLog(page, 'before the crash').count(), 1);
    assert.equal(await inLog(page, 'during the crash').count(), 1);
  }
});
