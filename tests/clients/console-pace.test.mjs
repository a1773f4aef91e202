// The console at 10 messages a second: it stands still under a hand, and follows again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setInterval as every } from 'node:timers/promises';

import { SECRET, isGone, moderator, person, row } from './console.mjs';
import { NO_RATE_LIMIT } from './gateway.mjs';
import { noFaults, screenshot, stage } from './page.mjs';

const PER_SECOND = 10;

const on = stage({ settings: { ...NO_RATE_LIMIT, JWT_SECRET: SECRET } });

/** Writes at an even pace until it is stopped; `stop` resolves with the number of messages. */
function talk() {
  const writers = Array.from({ length: 20 }, (_, index) => person(on, `Talker${index}`));
  const ending = new AbortController();
  const sends = [];
  const talking = (async () => {
    for await (const _ of every(1000 / PER_SECOND, undefined, { signal: ending.signal })) {
      sends.push(writers[sends.length % writers.length].write(`line ${sends.length + 1} of a lively evening`));
    }
  })().catch((error) => assert.equal(error.name, 'AbortError'));
  return {
    async stop() {
      ending.abort();
      await talking;
      await Promise.all(sends);
      return sends.length;
    },
  };
}

const newest = (page) => page.locator('#feed .line').last().textContent();
/** Waits until a moving feed has this many more lines than it had. */
const comes = (page, count) =>
  page.waitForFunction((count) => {
    globalThis.firstNumber ??= Number(/line (\d+)/.exec(document.querySelector('#feed .line:last-child')?.textContent)?.[1] ?? 0);
    return Number(/line (\d+)/.exec(document.querySelector('#feed .line:last-child')?.textContent)?.[1]) >= globalThis.firstNumber + count;
  }, count);
const isPausedWith = (page, count) =>
  page.waitForFunction((count) => Number(/Paused, (\d+) new/.exec(document.getElementById('go-on').textContent)?.[1]) >= count, count);
const moves = (page) => page.waitForFunction(() => document.getElementById('go-on').hidden);

test('a lively feed follows, stands still under the pointer, a current row, a selection, a marked text and the key, and goes on', async (t) => {
  const page = await moderator(on, 'Mona');
  const talking = talk();
  t.after(() => talking.stop());
  await comes(page, 15);

  await page.hover('#feed .line:last-child');
  const still = page.locator('#feed .line').last();
  const place = await still.boundingBox();
  const text = await newest(page);
  await isPausedWith(page, 10);
  assert.deepEqual(await still.boundingBox(), place, 'nothing moves under the pointer');
  assert.equal(await newest(page), text);
  await page.mouse.move(700, 5);
  await moves(page);

  await page.focus('#feed');
  await page.keyboard.press('p');
  await isPausedWith(page, 5);
  await page.keyboard.press('p');
  await moves(page);

  await page.keyboard.press('ArrowUp');
  const chosen = page.locator('#feed .current');
  const [at, line] = [await chosen.boundingBox(), await chosen.textContent()];
  await isPausedWith(page, 5);
  await screenshot(page, 'console-paused');
  assert.deepEqual(await chosen.boundingBox(), at);
  await page.keyboard.press('d');
  const number = /line \d+ /.exec(line)[0];
  await isGone(page, number);
  await page.keyboard.press('Space');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await moves(page);

  await page.evaluate(() => getSelection().selectAllChildren(document.querySelector('#feed .line:last-child .text')));
  await isPausedWith(page, 5);
  await page.evaluate(() => getSelection().removeAllRanges());
  await moves(page);

  const last = await talking.stop();
  await row(page, 'feed', `line ${last} of`).waitFor();
  await page.waitForFunction(() => {
    const { scrollHeight, clientHeight, scrollTop } = document.getElementById('feed');
    return scrollHeight - clientHeight - scrollTop < 2;
  });
  assert.ok((await page.locator('#feed .line').count()) <= 150, 'rows do not pile up');
  noFaults(page);
});

test('earlier messages come back with the keys', async () => {
  const page = await moderator(on, 'Mona');
  const writer = person(on, 'Walter');
  for (let number = 1; number <= 200; number += 1) await writer.write(`walk ${number} back`);
  await row(page, 'feed', 'walk 200 back').waitFor();
  await page.focus('#feed');
  for (let press = 0; press < 20; press += 1) await page.keyboard.press('PageUp');
  await row(page, 'feed', 'walk 1 back').and(page.locator('.current')).waitFor();
  await page.keyboard.press('Escape');
  await row(page, 'feed', 'walk 200 back').waitFor();
  noFaults(page);
});
