// How the page loads on a slow phone: in few requests and few bytes, and with a composer that can be used soon. And what it weighs.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { present } from '../../web/bundle/dist.mjs';
import { sizes } from '../../web/bundle/sizes.mjs';
import { NO_RATE_LIMIT } from './gateway.mjs';
import { PHONE, inLog, isLive, noFaults, stage, write } from './page.mjs';

/** Chromium's own "Slow 3G", and a processor that is four times slower. */
const SLOW_3G = { offline: false, latency: 400, downloadThroughput: 400_000 / 8, uploadThroughput: 400_000 / 8 };
const CPU_SLOWDOWN = 4;
const MOST_REQUESTS = 8;
/** What all files of the page may weigh on their way. */
const MOST_BYTES = 60_000;
/** How far the sizes in the README may be from those of today. */
const TOLERANCE = 0.1;
/** Half of the last digit that they have, in bytes. */
const ROUNDING = 50;
const MESSAGES = 50;

const on = stage({ settings: NO_RATE_LIMIT });

/** A visit on a slow phone: its requests, with the bytes of each, and the time until the composer could be used. */
class Visit {
  requests = new Map();

  static async begin(context, address) {
    const visit = new Visit();
    const page = await context.newPage();
    visit.page = page;
    page.faults = [];
    page.on('pageerror', (error) => page.faults.push(String(error)));
    await page.addInitScript(() => {
      const look = () => {
        const text = document.querySelector('live-chat')?.shadowRoot?.getElementById('text');
        if (text?.checkVisibility() && !text.disabled && !text.readOnly) globalThis.usableAt = performance.now();
        else requestAnimationFrame(look);
      };
      look();
    });
    const devtools = await context.newCDPSession(page);
    await devtools.send('Network.enable');
    devtools.on('Network.requestWillBeSent', ({ requestId, request }) => visit.requests.set(requestId, { path: new URL(request.url).pathname, bytes: 0 }));
    devtools.on('Network.webSocketCreated', ({ requestId, url }) => visit.requests.set(requestId, { path: new URL(url).pathname, bytes: 0 }));
    devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => (visit.requests.get(requestId).bytes = encodedDataLength));
    await devtools.send('Network.emulateNetworkConditions', SLOW_3G);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN });
    await page.goto(address);
    await isLive(page);
    await page.waitForFunction(() => globalThis.usableAt);
    visit.usableAt = await page.evaluate(() => globalThis.usableAt);
    await page.waitForLoadState('networkidle');
    return visit;
  }

  get all() {
    return [...this.requests.values()];
  }

  /** Those for the page's own files. */
  get files() {
    return this.all.filter(({ path }) => !path.startsWith('/live-chat/'));
  }

  toString() {
    const lines = this.all.map(({ path, bytes }) => `#   ${path} ${bytes} bytes`);
    return [`composer after ${(this.usableAt / 1000).toFixed(2)} s, ${this.all.length} requests`, ...lines].join('\n');
  }
}

const bytesOf = (requests) => requests.reduce((sum, { bytes }) => sum + bytes, 0);

test('on slow 3G, a link with a token leads to the chat in eight requests; the next visit fetches no file again', async () => {
  const token = await on.gateway.token('reader', 'Reader');
  const author = await on.gateway.token('author', 'Author');
  for (let i = 1; i <= MESSAGES; i++) await write(on.gateway.url, author, `message ${i}`);
  const context = await on.browser.newContext({ viewport: PHONE, locale: 'en-US' });
  const address = `${on.gateway.url}/#token=${token}`;

  const first = await Visit.begin(context, address);
  console.log(`# first visit: ${first}`);
  assert.ok(first.all.length <= MOST_REQUESTS, String(first));
  assert.ok(bytesOf(first.files) <= MOST_BYTES, `${bytesOf(first.files)} bytes`);
  noFaults(first.page);
  await first.page.close();

  const second = await Visit.begin(context, address);
  console.log(`# second visit: ${second}`);
  // A 304 has headers alone; what is named after its content is not even asked for.
  assert.ok(bytesOf(second.files) <= 1_000, String(second));
  assert.deepEqual(second.files.filter(({ bytes }) => bytes > 0).map(({ path }) => path), ['/'], String(second));
  noFaults(second.page);
  await context.close();
});

test('the composer is open after three round trips: the page, its files, and the status', async () => {
  const context = await on.browser.newContext({ viewport: PHONE, locale: 'en-US' });
  const page = await context.newPage();
  let grant;
  const granted = new Promise((resolve) => (grant = resolve));
  await page.route('**/live-chat/ticket*', async (route) => {
    await granted;
    await route.continue();
  });
  await page.goto(`${on.gateway.url}/#token=${await on.gateway.token('early', 'Early')}`);
  // No ticket has been given, so there is no socket, and no messages are asked for.
  await page.locator('#text').fill('written before the chat is live');
  await page.locator('#text').press('Enter');
  await page.locator('#pending').getByText('written before the chat is live').waitFor();
  assert.equal(await page.locator('#state').getAttribute('data-state'), 'connecting');
  assert.equal(await page.locator('#like').getAttribute('aria-disabled'), 'true');
  grant();
  await isLive(page);
  await inLog(page, 'written before the chat is live').waitFor();
  await page.waitForFunction(() => document.querySelector('live-chat').shadowRoot.querySelector('#pending').childElementCount === 0);
  assert.equal(await page.locator('#like').getAttribute('aria-disabled'), 'false');
  await context.close();
});

test('the sizes in web/README.md are about those of today: `.ci/bundle --sizes` prints them', async () => {
  const readme = await readFile(new URL('../../web/README.md', import.meta.url), 'utf8');
  for (const [name, { raw, gzip, brotli }] of Object.entries(sizes(await present()))) {
    const row = readme.split('\n').find((line) => line.startsWith(`| ${name} |`));
    assert.ok(row, `${name} has a row`);
    const printed = row.split('|').slice(2, 5).map((kB) => Number(kB) * 1000);
    [raw, gzip, brotli].forEach((size, i) => assert.ok(Math.abs(printed[i] - size) <= Math.max(TOLERANCE * size, ROUNDING), `${row} was ${[raw, gzip, brotli]}`));
  }
});
