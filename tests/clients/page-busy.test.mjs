// The page at / in a busy chat: it stays smooth.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Gateway } from './gateway.mjs';
import { DESKTOP, enter, noFaults, texts, write } from './page.mjs';

const PER_SECOND = 50;
const SECONDS = 20;
const WRITERS = 10;
const LONGEST_TASK_MS = 200;
const MOST_ITEMS = 300;

let gateway;
let browser;

before(async () => {
  gateway = await Gateway.start({ settings: { LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE: '0' } });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

test(`${PER_SECOND} messages a second: no long task, few elements, and the newest in sight`, async () => {
  const tokens = await Promise.all(Array.from({ length: WRITERS }, (_, i) => gateway.token(`writer-${i}`, `Writer ${i}`)));
  const page = await enter(browser, gateway.url, 'Reader', { viewport: DESKTOP });
  await page.evaluate(() => {
    globalThis.longTasks = [];
    const note = (list) => globalThis.longTasks.push(...list.getEntries().map(({ duration }) => duration));
    new PerformanceObserver(note).observe({ type: 'longtask' });
    globalThis.announcements = 0;
    new MutationObserver(() => globalThis.announcements++).observe(document.getElementById('announcer'), { childList: true });
  });

  const total = PER_SECOND * SECONDS;
  const begun = Date.now();
  const sends = [];
  for (let i = 0; i < total; i++) {
    const ahead = begun + (i * 1000) / PER_SECOND - Date.now();
    if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
    sends.push(write(gateway.url, tokens[i % WRITERS], `message ${i} ${'of some length '.repeat(i % 7)}`));
  }
  await Promise.all(sends);
  const seconds = (Date.now() - begun) / 1000;

  await page.waitForFunction((total) => document.querySelector('#messages li:last-child')?.dataset.id % 1e8 >= total, total);
  const longTasks = await page.evaluate(() => globalThis.longTasks);
  const announcements = await page.evaluate(() => globalThis.announcements);
  const longest = Math.max(0, ...longTasks);
  console.log(`# ${total} messages in ${seconds.toFixed(1)} s; ${longTasks.length} long tasks, the longest ${longest.toFixed(0)} ms; ${announcements} announcements`);
  assert.ok(longest <= LONGEST_TASK_MS, `a task of ${longest} ms`);
  assert.ok(announcements <= seconds / 4 + 2, `${announcements} announcements`);
  assert.ok((await page.locator('#messages li').count()) <= MOST_ITEMS);
  // It is still painting when the last message has come.
  await page.waitForFunction(() => {
    const { scrollHeight, clientHeight, scrollTop } = document.getElementById('log');
    return scrollHeight - clientHeight - scrollTop < 2;
  });

  // From the newest to the first one and back, it is one chat without a gap.
  const numbers = async () => (await texts(page)).map((text) => Number(/\d+/.exec(text)[0]));
  const last = await numbers();
  assert.equal(new Set(last).size, last.length);
  await page.focus('#log');
  for (let tries = 0; tries < 200 && !(await page.getByText('This is where the chat began').isVisible()); tries++) {
    await page.evaluate(() => document.getElementById('log').scrollTo(0, 0));
    await page.waitForTimeout(50);
  }
  await page.getByText('This is where the chat began').waitFor();
  assert.ok((await page.locator('#messages li').count()) <= MOST_ITEMS);
  await page.click('#to-end');
  await page.waitForFunction((total) => document.querySelector('#messages li:last-child')?.dataset.id % 1e8 >= total, total);
  noFaults(page);
});
