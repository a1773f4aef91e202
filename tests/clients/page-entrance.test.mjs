// The page at / before its scripts are there, without them, and while it connects: nobody meets a button that does nothing, and
// whoever brings a token never meets a form.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isAccessibleInBoth, isLive, noFaults, open, openFrom } from './page.mjs';
import { stubStage } from './page-stub.mjs';
import { stubToken } from './stub-chat.mjs';

const on = stubStage();
const SCRIPT = '**/assets/page-*.js';

/** Holds back the responses to a pattern; `release` lets them go. */
async function hold(page, pattern) {
  const held = [];
  let isOpen = false;
  await page.route(pattern, (route) => (isOpen ? route.continue() : held.push(route)));
  return {
    async release() {
      isOpen = true;
      for (const route of held.splice(0)) await route.continue();
    },
  };
}

/** Notes whether the form was ever visible, in every frame. */
const watchForm = (page) =>
  page.addInitScript(() => {
    const look = () => {
      if (document.getElementById('enter')?.checkVisibility()) globalThis.sawForm = true;
      requestAnimationFrame(look);
    };
    look();
  });
const sawForm = (page) => page.evaluate(() => globalThis.sawForm);

const shown = (page, text) => page.getByText(text, { exact: true }).waitFor();
const isHidden = (page, text) => page.getByText(text, { exact: true }).waitFor({ state: 'hidden' });

test('until the scripts are there, nothing can be pressed; then the form works', async () => {
  for (const hash of ['', `#token=${stubToken('reader')}`]) {
    const stub = await on.chat(1);
    stub.devToken = () => ({ token: stubToken('dev-1'), user_id: 'dev-1' });
    let held;
    const prepare = async (page) => (held = await hold(page, SCRIPT));
    const page = await open(on.browser, `${stub.url}/${hash}`, { prepare, waitUntil: 'commit' });
    const printed = [];
    page.on('console', (message) => printed.push(message.text()));
    await shown(page, 'Loading…');
    assert.equal(await page.locator('button:visible, input:visible, textarea:visible').count(), 0);
    await page.keyboard.press('Enter');
    // Not even a form that something has made visible goes anywhere, or prints the address.
    await page.evaluate(() => document.getElementById('enter').submit());
    await held.release();
    if (!hash) {
      await page.fill('#name', 'Ann');
      await page.click('#enter [type=submit]');
    }
    await isLive(page);
    assert.deepEqual(printed.filter((text) => /token=|form/i.test(text)), []);
    noFaults(page);
    await page.context().close();
  }
});

test('if the scripts do not come, or do not run, the page says so', async () => {
  const ways = [
    ['reduce', (route) => route.abort()],
    ['no-preference', (route) => route.fulfill({ status: 404, contentType: 'text/plain', body: '' })],
    ['no-preference', (route) => route.fulfill({ contentType: 'text/javascript', body: 'not understood by this browser' })],
    ['reduce', (route) => route.fulfill({ contentType: 'text/javascript', body: 'throw new Error("failing")' })],
  ];
  const stub = await on.chat();
  for (const [reducedMotion, answer] of ways) {
    const prepare = (page) => page.route(SCRIPT, answer);
    const page = await open(on.browser, stub.url, { prepare, reducedMotion });
    await shown(page, 'Loading…');
    assert.equal(await page.getByText('The chat could not be loaded.').isVisible(), false, 'not at once');
    await page.evaluate(() => document.getAnimations().forEach((animation) => animation.finish()));
    await shown(page, 'The chat could not be loaded. Please check your connection, then reload the page.');
    await shown(page, 'No se pudo cargar el chat. Comprueba tu conexión y recarga la página.');
    await isHidden(page, 'Loading…');
    assert.equal(await page.locator('button:visible').count(), 0);
    if (answer === ways[0][1]) await isAccessibleInBoth(page, 'no-scripts');
    await page.context().close();
  }
});

test('where scripts are switched off, the page says so at once', async () => {
  const stub = await on.chat();
  const page = await open(on.browser, stub.url, { javaScriptEnabled: false });
  await shown(page, 'The chat needs JavaScript. Please allow it for this page, then reload the page.');
  await shown(page, 'El chat necesita JavaScript. Permítelo para esta página y recárgala.');
  await isHidden(page, 'Loading…');
  assert.equal(await page.locator('button:visible').count(), 0);
});

test('whoever brings a token in the address sees that the page connects, and never a form', async () => {
  const stub = await on.chat(1);
  for (const query of ['', '?lang=es']) {
    let held;
    const prepare = async (page) => {
      await watchForm(page);
      held = await hold(page, '**/live-chat/status*');
    };
    const page = await on.open(stub, { query, prepare });
    await page.locator('#loading').getByText(query ? 'Conectando…' : 'Connecting…').waitFor();
    if (!query) await isAccessibleInBoth(page, 'connecting');
    await held.release();
    await isLive(page);
    assert.equal(await page.locator('#loading').isVisible(), false);
    await page.reload();
    await isLive(page);
    assert.equal(await sawForm(page), undefined);
    noFaults(page);
    await page.context().close();
  }
});

/** A page that opens the chat, and answers with `globalThis.token` once there is one. */
async function opener(url) {
  const host = await open(on.browser, `${url}/icon.svg`);
  await watchForm({ addInitScript: (script) => host.context().addInitScript(script) });
  await host.evaluate(() => {
    addEventListener('message', ({ data, origin, source }) => {
      if (data.type === 'live-chat-token-needed' && globalThis.token) source.postMessage({ type: 'live-chat-token', token: globalThis.token }, origin);
    });
  });
  return host;
}

test('so does whoever comes from an application, even if it takes its time', async () => {
  const stub = await on.chat(1);
  const host = await opener(stub.url);
  const page = await openFrom(host, stub.url);
  await page.locator('#loading').getByText('Connecting…').waitFor();
  await host.evaluate((token) => globalThis.chat.postMessage({ type: 'live-chat-token', token }, '*'), stubToken('guest'));
  await isLive(page);
  assert.equal(await sawForm(page), undefined);
  await host.evaluate((token) => (globalThis.token = token), stubToken('guest', { jti: 2 }));
  await page.reload();
  await isLive(page);
  assert.equal(await sawForm(page), undefined);
});

test('if the page that opened the chat sends no token, the form opens after a while; a page that is not trusted cannot send one', async () => {
  const stub = await on.chat(1);
  const silent = await openFrom(await opener(stub.url), 'about:blank');
  await silent.clock.install();
  await silent.goto(stub.url);
  await silent.locator('#loading').getByText('Connecting…').waitFor();
  await silent.clock.runFor(9_000);
  assert.equal(await silent.locator('#enter').isVisible(), false);
  await silent.clock.runFor(2_000);
  await silent.waitForSelector('#enter:not([hidden])');

  const strange = await openFrom(await opener(stub.url.replace('localhost', '127.0.0.1')), 'about:blank');
  await strange.clock.install();
  await strange.goto(stub.url);
  await strange.waitForSelector('#enter:not([hidden])');
});
