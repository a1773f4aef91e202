// Page and console in Firefox, state by state, in light and dark colours, on a desktop and a phone: axe finds nothing.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { LAPTOP, SECRET, choose, isGone, moderator, person, signed } from './console.mjs';
import { fillEvening } from './evening.mjs';
import { launchFirefox } from './firefox.mjs';
import { Gateway, NO_RATE_LIMIT } from './gateway.mjs';
import { DESKTOP, PHONE, call, inLog, isAccessible, isAtEnd, isLive, noFaults, open, say } from './page.mjs';

const on = {};
before(async () => {
  on.gateway = await Gateway.start({ settings: { ...NO_RATE_LIMIT, JWT_SECRET: SECRET } });
  await fillEvening(on.gateway);
});
after(() => on.gateway?.stop());

const SIZES = { phone: PHONE, desktop: DESKTOP };
const setModes = (modes) => call(on.gateway.url, signed('rest', { roles: ['host'] }), 'POST', 'moderation/actions', { action: 'set_modes', modes });

for (const colours of ['light', 'dark']) {
  test(`in ${colours} colours`, async (t) => {
    on.browser = await launchFirefox(colours);
    t.after(() => on.browser.close());
    const check = (page, state) => isAccessible(page, `firefox-${state}-${colours}`);

    for (const [size, viewport] of Object.entries(SIZES)) {
      await t.test(`the page on a ${size}`, async () => {
        const page = await open(on.browser, on.gateway.url, { viewport });
        assert.equal(await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches), colours === 'dark');
        await page.waitForSelector('#enter:not([hidden])');
        await check(page, `entrance-${size}`);
        await page.fill('#name', 'Ann');
        await page.press('#name', 'Enter');
        await isLive(page);
        const text = `${colours} on a ${size}`;
        await say(page, text);
        await inLog(page, text).waitFor();
        await isAtEnd(page);
        await check(page, `chat-${size}`);
        const own = page.locator('.message.own', { hasText: text });
        await own.hover();
        await own.locator('.delete-message').click();
        await page.locator('#confirm[open]').waitFor();
        await check(page, `question-${size}`);
        noFaults(page);
      });
    }

    await t.test('the console', async () => {
      const rita = person(on, `Rita ${colours}`);
      const reported = await rita.write(`reported in ${colours}`);
      await person(on, `Bob ${colours}`).call('POST', `report-message/${reported.message_id}`, { reason: 'spam' });
      await rita.write(`deleted in ${colours}`);
      await setModes({ review_all: true });
      await rita.write(`held in ${colours}`);
      await setModes({ review_all: false });
      const page = await moderator(on, 'Hans', { role: 'host', viewport: LAPTOP });
      await choose(page, 'feed', `deleted in ${colours}`);
      await page.keyboard.press('d');
      await isGone(page, `deleted in ${colours}`);
      await check(page, 'console-feed');
      for (const view of ['held', 'reports']) {
        await page.click(`#to-${view}`);
        await choose(page, view, `${view === 'held' ? 'held' : 'reported'} in ${colours}`);
        await check(page, `console-${view}`);
      }
      await page.keyboard.press('c');
      await page.locator('#card-messages').getByText(`reported in ${colours}`).waitFor();
      await check(page, 'console-card');
      for (const view of ['modes', 'terms', 'log']) {
        await page.click(`#to-${view}`);
        await page.locator(`#view-${view}`).waitFor();
        await check(page, `console-${view}`);
      }
      await page.focus('#log');
      await page.keyboard.press('?');
      await page.locator('#settings[open]').waitFor();
      await check(page, 'console-settings');
      const bars = await page.locator('.list, .keys, .scrolls').evaluateAll((all) => all.map((node) => getComputedStyle(node).scrollbarColor));
      assert.ok(bars.length > 0 && !bars.includes('auto'), 'scrollbars have the colours of the console');
      noFaults(page);
    });
  });
}
