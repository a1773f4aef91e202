// The page at / in a busy chat: it stays smooth.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { NO_RATE_LIMIT } from './gateway.mjs';
import { DESKTOP, call, enter, isAtEnd, noFaults, shows, stage, write } from './page.mjs';

const PER_SECOND = 50;
const SECONDS = 20;
const WRITERS = 10;
const LONGEST_TASK_MS = 200;
/** Longer than the pace allows: the test would then measure a different pace. */
const SLOWEST = 1.25;
const MOST_ITEMS = 300;

const on = stage({ settings: NO_RATE_LIMIT });

test(`${PER_SECOND} messages a second: no long task, few elements, and the newest in sight`, async () => {
  const tokens = await Promise.all(Array.from({ length: WRITERS }, (_, i) => on.gateway.token(`writer-${i}`, `Writer ${i}`)));
  const page = await enter(on.browser, on.gateway.url, 'Reader', { viewport: DESKTOP });
  await page.evaluate(() => {
    globalThis.longTasks = [];
    const note = (list) => globalThis.longTasks.push(...list.getEntries().map(({ duration }) => duration));
    new PerformanceObserver(note).observe({ type: 'longtask' });
    globalThis.announcements = 0;
    new MutationObserver(() => globalThis.announcements++).observe(byId('announcer'), { childList: true });
  });

  const total = PER_SECOND * SECONDS;
  const begun = Date.now();
  const sends = [];
  for (let i = 0; i < total; i++) {
    const ahead = begun + (i * 1000) / PER_SECOND - Date.now();
    if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
    sends.push(write(on.gateway.url, tokens[i % WRITERS], `message ${i} ${'of some length '.repeat(i % 7)}`));
    // All are awaited below; until then, failures are not handled.
    sends[i].catch(() => {});
  }
  await Promise.all(sends);
  const seconds = (Date.now() - begun) / 1000;

  await page.waitForFunction((total) => findOne('#messages li:last-child')?.dataset.id % 1e8 >= total, total);
  const longTasks = await page.evaluate(() => globalThis.longTasks);
  const announcements = await page.evaluate(() => globalThis.announcements);
  const longest = Math.max(0, ...longTasks);
  const tasks = `${longTasks.length} long tasks, the longest ${longest.toFixed(0)} ms`;
  console.log(`# ${total} messages in ${seconds.toFixed(1)} s; ${tasks}; ${announcements} announcements`);
  assert.ok(seconds < SECONDS * SLOWEST, `it took ${seconds} s to write them`);
  assert.ok(longest <= LONGEST_TASK_MS, `a task of ${longest} ms`);
  assert.ok(announcements <= seconds / 4 + 2, `${announcements} announcements`);
  assert.ok((await page.locator('#messages li').count()) <= MOST_ITEMS);
  await isAtEnd(page);

  noFaults(page);
  await page.context().close();
});

test('from the newest message to the first one and back, the page shows one chat without a gap', async () => {
  const token = await on.gateway.token('checker');
  const all = [];
  for (let page = { has_more: true }; page.has_more; all.unshift(...page.messages)) {
    page = await call(on.gateway.url, token, 'GET', `messages?limit=100${all.length ? `&before=${all[0].id}` : ''}`);
  }
  const ids = all.map(({ id }) => id);
  const page = await enter(on.browser, on.gateway.url, 'Historian', { viewport: DESKTOP });
  await page.waitForFunction((id) => byId(`message-${id}`), ids.at(-1));

  /** The shown messages are a part of the chat without gaps. */
  const check = async () => {
    const shown = await page.evaluate(() => findAll('#messages li').map((li) => Number(li.dataset.id)));
    const from = ids.indexOf(shown[0]);
    assert.deepEqual(shown, ids.slice(from, from + shown.length));
    assert.ok(shown.length <= MOST_ITEMS, `${shown.length} elements`);
    return shown;
  };
  const scrollTo = (toEnd) =>
    page.evaluate((toEnd) => {
      const log = byId('log');
      log.scrollTo(0, toEnd ? log.scrollHeight : 0);
    }, toEnd);
  const scroll = async (toEnd, isThere) => {
    for (let i = 0; i < 4_000 && !isThere(await check()); i++) {
      await scrollTo(toEnd);
      await page.evaluate(() => new Promise(requestAnimationFrame));
    }
    assert.ok(isThere(await check()));
  };
  await scroll(false, (shown) => shown[0] === ids[0]);
  await page.getByText('This is where the chat began').waitFor();
  await scroll(true, (shown) => shown.at(-1) === ids.at(-1));
  await scrollTo(true);
  await page.waitForSelector('#to-end', { state: 'hidden' });

  await scroll(false, (shown) => shown[0] === ids[0]);
  const { message_id: newest } = await write(on.gateway.url, token, 'one more');
  ids.push(newest);
  await shows(page, 'to-end-text', '1 new message');
  await page.click('#to-end');
  await page.waitForFunction((id) => byId(`message-${id}`), newest);
  await check();
  noFaults(page);
});
