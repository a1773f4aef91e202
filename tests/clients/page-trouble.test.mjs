// The page at / during failures: the server crashes, the network is down, the chat is over or not open yet.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Gateway, NO_RATE_LIMIT } from './gateway.mjs';
import { enter, inLog, isLive, noFaults, open, say, screenshot, texts, write } from './page.mjs';

/** Twelve hours away from the next draw there is no session. */
const NOT_OPEN = { LIVE_CHAT_SCHEDULE: 'daily', DRAW_TIMEZONE: 'UTC', DRAW_TIME_HOUR: String((new Date().getUTCHours() + 12) % 24) };

let browser;
const gateways = new Set();

before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
  for (const gateway of gateways) await gateway.stop();
});

async function start(options) {
  const gateway = await Gateway.start(options);
  gateways.add(gateway);
  return gateway;
}

/** Kills the gateway, and starts another one on the same port and data. */
async function restart(gateway, { settings, meanwhile } = {}) {
  gateways.delete(gateway);
  await gateway.end('SIGKILL');
  await meanwhile?.();
  return start({ data: gateway.data, port: gateway.port, settings });
}

/** Records each text that the banner shows. */
const watchBanner = (page) =>
  page.evaluate(() => {
    const banner = byId('banner');
    globalThis.banners = [];
    const note = () => globalThis.banners.push(banner.textContent);
    new MutationObserver(note).observe(banner, { childList: true, characterData: true, subtree: true });
  });

/** Lets the page's clock run until it is live. In small steps: calls have deadlines by that clock, and take real time. */
async function runUntilLive(page) {
  for (let i = 0; i < 200 && !(await page.locator('#state[data-state=live]').count()); i++) {
    await page.clock.runFor(2_000);
    await page.evaluate(() => fetch('/health').then((response) => response.text()).catch(() => {}));
  }
  await isLive(page);
}

const hasBanner = (page, text) => page.locator('#banner').getByText(text).waitFor({ timeout: 60_000 });

test('three write while the gateway is killed and restarted: nothing is lost, doubled or out of order', async () => {
  const settings = NO_RATE_LIMIT;
  let gateway = await start({ settings });
  const names = ['Ann', 'Bob', 'Cid'];
  const pages = await Promise.all(names.map((name) => enter(browser, gateway.url, name)));
  await Promise.all(pages.map(watchBanner));
  const writeAll = async (from, to) => {
    for (let i = from; i < to; i++) await Promise.all(pages.map((page, who) => say(page, `${names[who]} ${i}`)));
  };
  await writeAll(0, 3);
  gateway = await restart(gateway, {
    settings,
    meanwhile: async () => {
      await Promise.all(pages.map((page) => hasBanner(page, 'Connection lost')));
      await writeAll(3, 6);
      assert.ok((await pages[0].locator('#pending .waiting').count()) >= 3);
      await screenshot(pages[0], 'reconnecting');
    },
  });
  await writeAll(6, 8);
  for (const page of pages) {
    await page.waitForFunction(() => findAll('#messages .text').length === 24, undefined, { timeout: 60_000 });
    await page.waitForFunction(() => findAll('#pending li').length === 0);
  }
  const [first, ...others] = await Promise.all(pages.map(texts));
  for (const other of others) assert.deepEqual(other, first);
  for (const name of names) {
    assert.deepEqual(first.filter((text) => text.startsWith(name)), Array.from({ length: 8 }, (_, i) => `${name} ${i}`));
  }
  for (const page of pages) {
    await page.waitForFunction(() => byId('banner').textContent === '');
    const banners = await page.evaluate(() => globalThis.banners);
    assert.match(banners[0], /Connection lost/);
    assert.ok(banners.includes('Connected again.'), String(banners));
  }
  noFaults(...pages);
});

test('a browser that was offline catches up', async () => {
  const gateway = await start();
  const page = await enter(browser, gateway.url, 'Ann', { prepare: (page) => page.clock.install() });
  const token = await gateway.token('bob', 'Bob');
  await write(gateway.url, token, 'before');
  await inLog(page, 'before').waitFor();
  await page.context().setOffline(true);
  await hasBanner(page, 'You are offline');
  await say(page, 'said offline');
  for (const text of ['missed 1', 'missed 2', 'missed 3']) await write(gateway.url, token, text);
  // Minutes pass, in which every attempt fails.
  for (let i = 0; i < 10; i++) await page.clock.runFor(30_000);
  assert.deepEqual(await texts(page), ['before']);
  await page.context().setOffline(false);
  await runUntilLive(page);
  await inLog(page, 'said offline').waitFor();
  assert.deepEqual(await texts(page), ['before', 'missed 1', 'missed 2', 'missed 3', 'said offline']);
  noFaults(page);
});

test('a chat that is over says so, and one that opens again is joined without a hand', async () => {
  let gateway = await start();
  const page = await enter(browser, gateway.url, 'Ann', { prepare: (page) => page.clock.install() });
  await say(page, 'the last word');
  await inLog(page, 'the last word').waitFor();
  gateway = await restart(gateway, { settings: { LIVE_CHAT_ENABLED: 'false' } });
  await hasBanner(page, 'This chat has ended');
  assert.equal(await page.locator('#text').isEditable(), false);
  await screenshot(page, 'ended');
  gateway = await restart(gateway);
  await runUntilLive(page);
  await page.waitForSelector('#composer:not([hidden])');
  assert.equal(await page.locator('#banner').textContent(), '');
  await say(page, 'and here again');
  await inLog(page, 'and here again').waitFor();
  noFaults(page);
});

test('a chat that is not open yet counts down where the start is known, and lets in when it opens', async () => {
  let gateway = await start({ settings: NOT_OPEN });
  const prepare = (page) => page.clock.install();
  const early = await open(browser, `${gateway.url}/#token=${await gateway.token('u', 'Una')}`, { prepare });
  await hasBanner(early, 'The chat opens in');

  // If the server does not say when (an older version), the application that opens the page may.
  const host = await open(browser, `${gateway.url}/icon.svg`);
  await host.context().route('**/live-chat/status*', async (route) => {
    const response = await route.fetch();
    const { next_start_time: untold, ...json } = await response.json();
    assert.ok(Date.parse(untold) > Date.now());
    await route.fulfill({ response, json });
  });
  const opened = host.waitForEvent('popup');
  await host.evaluate((token) => {
    const starts_at = new Date(Date.now() + 42 * 60_000).toISOString();
    addEventListener('message', ({ data, source }) => {
      if (data.type === 'live-chat-token-needed') source.postMessage({ type: 'live-chat-token', token, starts_at }, location.origin);
    });
    globalThis.chat = open('/');
  }, await gateway.token('v', 'Vera'));
  const knowing = await opened;
  await hasBanner(knowing, 'The chat opens in');
  assert.match(await knowing.locator('.banner-time').textContent(), /^4[12]:\d\d$/);
  await screenshot(knowing, 'not-open');

  gateway = await restart(gateway);
  await runUntilLive(early);
  noFaults(early);
});
