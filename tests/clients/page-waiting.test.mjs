// The page at / before a session, when the server says when the next one opens: `next_start_time` in `status`.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './chromium.mjs';
import { isAccessible, isLive, noFaults, open } from './page.mjs';
import { StubChat, stubToken } from './stub-chat.mjs';

const MINUTE = 60_000;

let browser;
let stub;
before(async () => {
  browser = await launch();
  stub = await StubChat.start();
});
after(async () => {
  await browser?.close();
  await stub?.stop();
});

const closed = (wait) => ({ is_active: false, session: null, next_start_time: wait && new Date(Date.now() + wait).toISOString() });
const come = () => open(browser, `${stub.url}/#token=${stubToken('early')}`, { prepare: (page) => page.clock.install() });
const banner = (page) => page.locator('#banner').textContent();
/** Lets the page's clock run until something shows. In small steps: calls have deadlines by that clock, and take real time. */
async function runUntil(page, place) {
  for (let i = 0; i < 200 && !(await place.isVisible()); i++) {
    await page.clock.runFor(2_000);
    await page.evaluate(() => fetch('/icon.svg').then((response) => response.text()));
  }
  await place.waitFor();
}

const hasBanner = (page, text) => page.locator('#banner').getByText(text).waitFor();

test('the page counts down to the time from the server, and enters by itself', async () => {
  stub.status = closed(42 * MINUTE);
  const page = await come();
  await hasBanner(page, 'The chat opens in');
  assert.match(await banner(page), /The chat opens in4[12]:\d\dStay here: this page joins by itself\./);
  await page.clock.runFor(2 * MINUTE);
  assert.match(await page.locator('.banner-time').textContent(), /^(39|40):\d\d$/);
  assert.equal(await page.getAttribute('.banner-time', 'aria-live'), 'off');
  await isAccessible(page, 'countdown');
  stub.status = {};
  await runUntil(page, page.locator('#state[data-state=live]'));
  assert.equal(await banner(page), '');
  noFaults(page);
  await page.context().close();
});

test('a time that is put off is followed', async () => {
  stub.status = closed(5 * MINUTE);
  const page = await come();
  await hasBanner(page, 'The chat opens in');
  stub.status = closed(90 * MINUTE);
  await runUntil(page, page.locator('.banner-time').getByText(/^1 h 2\d min$/));
  await page.context().close();
});

test('without a time the page waits without counting', async () => {
  for (const status of [closed(undefined), { is_active: false, session: null, next_start_time: null }]) {
    stub.status = status;
    const page = await come();
    await hasBanner(page, 'The chat is not open yet');
    const asked = stub.calls.length;
    while (stub.calls.length < asked + 2) await page.clock.runFor(2_000);
    assert.equal(await page.locator('.banner-time').textContent(), '');
    await page.context().close();
  }
});

test('after a session, the page shows when the next one opens', async () => {
  stub.status = {};
  const page = await come();
  await isLive(page);
  stub.status = closed(23 * 60 * MINUTE);
  stub.tell({ type: 'session_ended', session_id: 1 });
  await hasBanner(page, 'This chat has ended. Thank you for being here!');
  await runUntil(page, page.locator('#banner').getByText('This chat has ended. The next one opens in'));
  await page.locator('.banner-time').getByText(/^2[23] h/).waitFor();
  await isAccessible(page, 'ended-countdown');
  noFaults(page);
  await page.context().close();
});
