// A raid on the chat: 500 messages of spam in 20 seconds, which a moderator clears with the keyboard alone. Prints how long it took.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setInterval as every } from 'node:timers/promises';

import { LAPTOP, SECRET, moderator, person, row, signed } from './console.mjs';
import { NO_RATE_LIMIT } from './gateway.mjs';
import { call, noFaults, screenshot, stage } from './page.mjs';

const SPAM = 500;
const SECONDS = 20;
const RAIDERS = 50;

const on = stage({ settings: { ...NO_RATE_LIMIT, JWT_SECRET: SECRET } });

/** Everybody writes in turn, at an even pace, and viewers go on talking. Resolves with how many messages were stored, and how many refused. */
async function raid(text, prefix) {
  const raiders = Array.from({ length: RAIDERS }, (_, index) => person(on, `${prefix}${index}`));
  const viewer = person(on, 'Ann');
  const sends = [];
  let number = 0;
  for await (const _ of every((SECONDS * 1000) / SPAM)) {
    // As raiders do, they vary the case and the white space.
    const varied = number % 2 === 0 ? text : text.toUpperCase().replaceAll(' ', '  ');
    sends.push(raiders[number % RAIDERS].write(varied).then(() => 'stored', refusedOnly));
    if (number % 25 === 0) sends.push(viewer.write(`a viewer’s line ${number}`).then(() => 'viewer'));
    number += 1;
    if (number === SPAM) break;
  }
  const results = await Promise.all(sends);
  const counted = (what) => results.filter((result) => result === what).length;
  return { stored: counted('stored'), refused: counted('refused'), viewers: counted('viewer') };
}

function refusedOnly(error) {
  if (!/banned/.test(error.message)) throw error;
  return 'refused';
}

/** How many messages of spam viewers see. */
async function standing(text) {
  let [count, before, page] = [0, undefined, undefined];
  do {
    page = await call(on.gateway.url, signed('vera'), 'GET', `messages?limit=100${before ? `&before=${before}` : ''}`);
    count += page.messages.filter(({ message }) => message.toLowerCase().replace(/\s+/g, ' ') === text).length;
    before = page.next_before;
  } while (page.has_more);
  return count;
}

/** A moderator's hand: the keys, and nothing else. Selects all spam and presses `key`, until the raid is over and none stands. */
async function clear(page, { text, key, raiding, isOver }) {
  let presses = 0;
  const press = async (name) => {
    presses += 1;
    await page.keyboard.press(name);
  };
  const spam = page.locator('#feed .line:not(.gone)', { hasText: new RegExp(text.replaceAll(' ', '\\s+'), 'i') });
  const isChosen = () => page.locator('#feed .current').and(spam).isVisible();
  const question = page.locator('#ask[open]');
  await page.focus('#feed');
  while (!isOver() || (await standing(text)) > 0) {
    const seen = spam.first().waitFor();
    seen.catch(() => {});
    await (isOver() ? seen : Promise.race([seen, raiding]));
    if ((await spam.count()) === 0) continue;
    await press('End');
    while (!(await isChosen())) await press('ArrowUp');
    await press('f');
    await press(key);
    await question.or(page.locator('#notice:not([hidden])')).first().waitFor();
    if (await question.isVisible()) await press('Enter');
    await page.waitForFunction(() => document.getElementById('selected').textContent === '');
    await press('Escape');
  }
  return presses;
}

for (const [key, what] of [['d', 'deleting'], ['b', 'banning']]) {
  test(`${SPAM} messages of spam in ${SECONDS} s are cleared with the keyboard alone, by ${what}`, async (t) => {
    const text = `cheap followers by ${what}`;
    const mona = await moderator(on, 'Mona', { viewport: LAPTOP });
    const began = performance.now();
    let ended;
    const raiding = raid(text, what === 'deleting' ? 'Del' : 'Ban').then((result) => {
      ended = performance.now();
      return result;
    });
    await row(mona, 'feed', text).nth(20).waitFor();
    await screenshot(mona, `console-raid-${what}`);
    const presses = await clear(mona, { text, key, raiding, isOver: () => ended !== undefined });
    const cleared = performance.now();
    const { stored, refused, viewers } = await raiding;
    assert.equal(stored + refused, SPAM);
    assert.equal(await standing(text), 0, 'no spam stands');
    const lines = mona.locator('#feed .line:not(.gone)', { hasText: 'a viewer’s line' });
    assert.ok((await lines.count()) > 0, 'what viewers wrote stands');
    await screenshot(mona, `console-raid-${what}-cleared`);
    const s = (ms) => (ms / 1000).toFixed(1);
    t.diagnostic(`${what}: ${stored} stored, ${refused} refused, ${viewers} lines of viewers; ${presses} keys; the raid took ${s(ended - began)} s; ` +
      `clear ${s(cleared - began)} s after its first and ${s(cleared - ended)} s after its last message`);
    noFaults(mona);
  });
}
