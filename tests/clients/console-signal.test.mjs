// What the console tells a moderator who looks elsewhere: the number in the title, and a sound that is off until it is switched on. And
// what it shows while no session is open.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SECRET, choose, moderator, notice, openWith, person, row, signed } from './console.mjs';
import { Gateway, NO_RATE_LIMIT } from './gateway.mjs';
import { call, noFaults, stage } from './page.mjs';

/** Longer than the silence after a sound. */
const LATER_MS = 5_000;
const SETTINGS = { ...NO_RATE_LIMIT, JWT_SECRET: SECRET };
const on = stage({ settings: SETTINGS });

const setModes = (modes) => call(on.gateway.url, signed('rest', { roles: ['host'] }), 'POST', 'moderation/actions', { action: 'set_modes', modes });

/** Counts the sounds that a page starts. */
const spy = (page) =>
  page.addInitScript(() => {
    globalThis.sounds = 0;
    const { start } = AudioScheduledSourceNode.prototype;
    AudioScheduledSourceNode.prototype.start = function (...when) {
      globalThis.sounds += 1;
      return start.apply(this, when);
    };
  });
const sounds = (page) => page.evaluate(() => globalThis.sounds);
const hasTitle = (page, title) => page.waitForFunction((title) => document.title === title, title);

test('held messages and reports are counted in the title, and sound once somebody has switched that on', async () => {
  const page = await moderator(on, 'Mona', { prepare: spy });
  const now = Date.now();
  await page.clock.setFixedTime(now);
  const ann = person(on, 'Ann');
  const { message_id: id } = await ann.write('to be reported');
  await setModes({ review_all: true });
  await ann.write('held in silence');
  await hasTitle(page, '(1) Moderation');
  assert.equal(await sounds(page), 0);

  await page.focus('#feed');
  await page.keyboard.press('?');
  assert.equal(await page.isChecked('#set-sound'), false);
  await page.check('#set-sound');
  assert.equal(await sounds(page), 1, 'whoever switches it on hears it');
  await page.keyboard.press('Escape');

  for (const text of ['one of many', 'another', 'and another']) await ann.write(text);
  await hasTitle(page, '(4) Moderation');
  assert.equal(await sounds(page), 2, 'many at once are one sound');
  await page.clock.setFixedTime(now + LATER_MS);
  await person(on, 'Bob').call('POST', `report-message/${id}`, { reason: 'spam' });
  await hasTitle(page, '(5) Moderation');
  assert.equal(await sounds(page), 3);

  // The choice is kept, and so is what waits.
  await page.reload();
  await hasTitle(page, '(5) Moderation');
  assert.equal(await sounds(page), 0, 'only what is new sounds');
  await ann.write('after the reload');
  await hasTitle(page, '(6) Moderation');
  assert.equal(await sounds(page), 1);

  await page.focus('#feed');
  await page.keyboard.press('?');
  await page.uncheck('#set-sound');
  await page.keyboard.press('Escape');
  await page.clock.setFixedTime(now + 2 * LATER_MS);
  await ann.write('in silence again');
  await hasTitle(page, '(7) Moderation');
  assert.equal(await sounds(page), 1);
  await setModes({ review_all: false });
  noFaults(page);
});

test('without a session, words and the log are there, and the chat comes once it opens', async () => {
  let gateway = await Gateway.start({ settings: { ...SETTINGS, LIVE_CHAT_ENABLED: 'false' } });
  try {
    const there = { ...on, gateway };
    const page = await openWith(there, signed('hans', { name: 'Hans', roles: ['host'] }), { prepare: (page) => page.clock.install() });
    await page.locator('#state').getByText('No session is open.').waitFor();
    assert.equal(await page.locator('#nothing').isVisible(), true);
    await page.click('#to-terms');
    await page.fill('#term', 'idiot*');
    await page.selectOption('#term-action', 'block');
    await page.click('#add-term [type=submit]');
    await notice(page, 'The list is in force.');
    await page.click('#to-log');
    await row(page, 'log', 'Hans').first().waitFor();

    gateway = await restart(gateway, SETTINGS);
    await runUntilLive(page);
    await person({ gateway }, 'Ann').write('at last');
    await choose(page, 'feed', 'at last');
    noFaults(page);
  } finally {
    await gateway.stop();
  }
});

async function restart(gateway, settings) {
  await gateway.end('SIGINT');
  return Gateway.start({ data: gateway.data, port: gateway.port, settings });
}

/** Lets the page's clock run until it is live; the calls between take real time. */
async function runUntilLive(page) {
  for (let i = 0; i < 100 && !(await page.locator('#state[data-state=live]').count()); i++) {
    await page.clock.runFor(5_000);
    await page.evaluate(() => fetch('/health').then((response) => response.text()).catch(() => {}));
  }
  await page.waitForSelector('#state[data-state=live]');
}
