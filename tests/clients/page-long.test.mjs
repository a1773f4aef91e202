// The page at / with a long chat: it stays smooth, at the end of the chat and further up. The test plays the server, so that the
// pace is even and only the page is measured.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DESKTOP, isAccessible, noFaults } from './page.mjs';
import { stubStage } from './page-stub.mjs';

const BEHIND = 5_000;
const PER_SECOND = 50;
const SECONDS = 20;
const LONGEST_TASK_MS = 200;
const MOST_ITEMS = 200;

const on = stubStage();

async function come(stub, options) {
  const page = await on.come(stub, { viewport: DESKTOP, ...options });
  await page.evaluate(() => {
    globalThis.longTasks = [];
    const note = (list) => globalThis.longTasks.push(...list.getEntries().map(({ duration }) => duration));
    new PerformanceObserver(note).observe({ type: 'longtask' });
  });
  return page;
}

/** Starts writing at an even pace; returns a function that stops it. */
function flood(stub) {
  const begun = performance.now();
  let written = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begun) * PER_SECOND) / 1000) - written;
    if (due > 0) stub.write(due);
    written += due;
  }, 40).unref();
  return () => {
    clearInterval(timer);
    return written;
  };
}

/** The numbers of the messages on the page, which must have no gaps. */
async function shown(page) {
  const seqs = await page.evaluate(() => findAll('#messages li').map((li) => li.dataset.id % 1e8));
  assert.deepEqual(seqs, seqs.map((_, i) => seqs[0] + i));
  assert.ok(seqs.length <= MOST_ITEMS, `${seqs.length} elements`);
  return seqs;
}

const showsLast = (page, seq) =>
  page.waitForFunction((seq) => findOne('#messages li:last-child')?.dataset.id % 1e8 === seq, seq);

/** The position of the first visible message. */
const topmost = (page) =>
  page.evaluate(() => {
    const { top } = byId('log').getBoundingClientRect();
    const item = findAll('#messages li').find((li) => li.getBoundingClientRect().top >= top);
    return { id: item.id, top: Math.round(item.getBoundingClientRect().top) };
  });

async function assertSmooth(page, what) {
  const tasks = await page.evaluate(() => globalThis.longTasks.splice(0));
  const longest = Math.max(0, ...tasks);
  console.log(`# ${what}: ${tasks.length} long tasks, the longest ${longest.toFixed(0)} ms`);
  assert.ok(longest <= LONGEST_TASK_MS, `${what}: a task of ${longest} ms`);
}

test('after 5,000 messages, 50 a second for 20 seconds cause no long task', async () => {
  const stub = await on.chat();
  const page = await come(stub);
  for (let i = 0; i < BEHIND / 100; i++) stub.write(100);
  await showsLast(page, BEHIND);
  await page.evaluate(() => globalThis.longTasks.splice(0));
  const end = flood(stub);
  await page.waitForFunction((count) => findOne('#messages li:last-child').dataset.id % 1e8 >= count, BEHIND + PER_SECOND * SECONDS);
  const written = end();
  assert.ok(written >= PER_SECOND * SECONDS, `${written} messages`);
  await showsLast(page, BEHIND + written);
  await assertSmooth(page, `${written} messages`);
  await shown(page);
  assert.equal(await page.evaluate(() => byId('to-end').hidden), true);
  noFaults(page);
  await page.context().close();
});

test('scrolling up and back down while 50 messages a second arrive is smooth and misses none', async () => {
  const stub = await on.chat(BEHIND);
  const page = await come(stub);
  await showsLast(page, BEHIND);
  const end = flood(stub);
  await page.hover('#log');
  const wheel = async (step, isThere) => {
    for (let i = 0; i < 1_000 && !isThere(await shown(page)); i++) await page.mouse.wheel(0, step);
    assert.ok(isThere(await shown(page)), 'it got there');
  };
  await wheel(-1_500, ([first]) => first <= BEHIND - 1_000);
  await assertSmooth(page, 'up through 1,000 messages');

  // Once the wheel has come to rest, the visible messages keep their position, whatever arrives.
  await page.waitForFunction(() => {
    const { scrollTop } = byId('log');
    const isStill = scrollTop === globalThis.lastTop;
    globalThis.lastTop = scrollTop;
    return isStill;
  }, undefined, { polling: 300 });
  const before = await topmost(page);
  const count = stub.messages.length;
  while (stub.messages.length < count + PER_SECOND) await page.evaluate(() => new Promise(requestAnimationFrame));
  assert.deepEqual(await topmost(page), before);
  await page.locator('#to-end-text').getByText(/^\d+ new messages$/).waitFor();
  await isAccessible(page, 'long-read-back');
  await page.evaluate(() => globalThis.longTasks.splice(0));

  const written = end();
  await wheel(1_500, (seqs) => seqs.at(-1) === BEHIND + written);
  await assertSmooth(page, 'back down');
  await page.mouse.wheel(0, 100_000);
  await page.waitForSelector('#to-end', { state: 'hidden' });
  stub.write(1);
  await showsLast(page, BEHIND + written + 1);
  noFaults(page);
  await page.context().close();
});

test('by the keyboard alone one reads further up than the page holds, and returns to the newest message', async () => {
  const stub = await on.chat(600);
  const page = await come(stub);
  await showsLast(page, 600);
  await page.focus('#log');
  for (let i = 0; i < 60 && (await shown(page))[0] > 1; i++) {
    await page.keyboard.press('Home');
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  const [first] = await shown(page);
  assert.equal(first, 1);
  assert.match(await page.evaluate(() => focusedElement().id), /^message-\d+$/);
  await page.keyboard.press('End');
  await showsLast(page, 600);
  assert.equal(await page.evaluate(() => focusedElement().id), 'log');
  await page.getByRole('log', { name: 'Chat messages' }).waitFor();
  await page.context().close();
});

test('likes and deletions far above the newest messages show after a lost connection', async () => {
  const stub = await on.chat(900);
  const page = await come(stub, { prepare: (page) => page.clock.install() });
  await showsLast(page, 900);
  await page.hover('#log');
  for (let i = 0; i < 500 && (await shown(page))[0] > 400; i++) await page.mouse.wheel(0, -1_500);
  const [first] = await shown(page);
  assert.ok(first <= 400, `the first one is ${first}`);
  const [gone, liked] = [stub.messages[first + 4], stub.messages[first + 100]];
  liked.likes = 41;
  stub.messages = stub.messages.filter((message) => message !== gone);
  for (const socket of stub.sockets) socket.terminate();
  await page.waitForSelector('#state[data-state=recovering]');
  for (let i = 0; i < 100 && (await page.locator(`#message-${gone.id}`).count()) > 0; i++) await page.clock.runFor(1_000);
  await page.locator(`#message-${gone.id}`).waitFor({ state: 'detached' });
  await page.locator(`#message-${liked.id} .likes`).getByText('41').waitFor();
  noFaults(page);
  await page.context().close();
});
