// The pages of the API documents in Chromium, under the strict policy, without third-party resources.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { DESKTOP, PHONE, isAccessibleInBoth, stage } from './page.mjs';

const on = stage();
/** Each document, and an element that says that it is there. */
const DOCUMENTS = [
  ['rest', '/docs/', '.opblock'],
  ['events', '/docs/events/', '#new_message'],
];

async function open(path) {
  const page = await (await on.browser.newContext()).newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(String(error)));
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) page.faults.push(message.text());
  });
  page.on('request', (request) => {
    if (!/^data:/.test(request.url()) && new URL(request.url()).origin !== on.gateway.url) page.faults.push(request.url());
  });
  await page.goto(on.gateway.url + path);
  return page;
}

test('/docs shows every call, and a token is all that trying one needs', async () => {
  const page = await open('/docs/');
  await page.locator('.opblock').first().waitFor();
  assert.equal(await page.locator('.opblock').count(), 47);
  await page.click('.authorize');
  await page.fill('.auth-container input', await on.gateway.token('alice', 'Alice'));
  await page.click('.auth-btn-wrapper .authorize');
  await page.click('.auth-btn-wrapper .btn-done');
  // Including `messages`: the values that the page fills in must make a successful call.
  for (const path of ['status', 'messages', 'viewers', 'likes', 'stats']) {
    const block = page.locator('.opblock', { has: page.locator(`[data-path="/live-chat/${path}"]`) });
    await block.locator('.opblock-summary-control').first().click();
    await block.locator('.try-out__btn').click();
    await block.locator('.execute').click();
    const answer = block.locator('.live-responses-table .response-col_status').last();
    await answer.waitFor();
    assert.match(await answer.textContent(), /^200/, path);
  }
  assert.deepEqual(page.faults, []);
});

test('/docs/events shows every frame with its fields and an example', async () => {
  const page = await open('/docs/events/');
  await page.locator('#new_message').waitFor();
  assert.equal(await page.locator('article').count(), 36);
  for (const article of await page.locator('article').all()) {
    assert.ok((await article.locator('td').count()) > 0, await article.textContent());
    assert.ok((await article.locator('pre').count()) > 0, await article.textContent());
  }
  await page.screenshot({ path: new URL('screenshots/docs-events.png', import.meta.url).pathname });
  assert.match(await page.locator('#ack').textContent(), /message_id/);
  assert.deepEqual(page.faults, []);
});

/** How light a colour is, from 0 to 255. */
const lightness = (colour) => Math.max(...colour.match(/\d+/g).slice(0, 3).map(Number));

const nextFrame = (page) => page.evaluate(() => new Promise(requestAnimationFrame));

/** The lightness of an element's text, and of what it stands on. */
async function tones(page, selector) {
  const colours = await page.locator(selector).first().evaluate((element) => {
    const opaque = (at) => {
      const { backgroundColor } = getComputedStyle(at);
      return backgroundColor === 'rgba(0, 0, 0, 0)' && at.parentElement ? opaque(at.parentElement) : backgroundColor;
    };
    return [getComputedStyle(element).color, opaque(element)];
  });
  return colours.map(lightness);
}

for (const [name, path, there] of DOCUMENTS) {
  test(`${path} is accessible in light and in dark colours, on a desktop and on a phone`, async () => {
    const page = await open(path);
    await page.locator(there).first().waitFor();
    // Swagger UI's own parts are not ours to mend.
    const options = { not: ['.swagger-ui'] };
    await page.setViewportSize(DESKTOP);
    await isAccessibleInBoth(page, `docs-${name}`, options);
    await page.setViewportSize(PHONE);
    await isAccessibleInBoth(page, `docs-${name}-phone`, options);
    assert.deepEqual(page.faults, []);
  });

  test(`${path} follows the visitor from light to dark while it is open`, async () => {
    const page = await open(path);
    const heading = 'main h1, main h2';
    await page.locator(heading).first().waitFor();
    const fits = { light: ([text, back]) => text < 100 && back > 240, dark: ([text, back]) => text > 200 && back < 50 };
    for (const colorScheme of ['light', 'dark', 'light']) {
      await page.emulateMedia({ colorScheme });
      let found = await tones(page, heading);
      // The page's script hears of it a moment after the styles.
      for (const end = Date.now() + 10_000; !fits[colorScheme](found) && Date.now() < end; found = await tones(page, heading)) await nextFrame(page);
      assert.ok(fits[colorScheme](found), `${colorScheme}: ${found.join(' on ')}`);
    }
    assert.deepEqual(page.faults, []);
  });
}

test('one frame leads from each document to the other, and to the chat', async () => {
  const page = await open('/docs/');
  const frame = () => page.locator('header.frame').evaluate((header) => header.outerHTML.replace(' aria-current="page"', ''));
  const current = () => page.locator('.frame [aria-current=page]').getAttribute('href');
  const first = await frame();
  for (const [, path, there] of [...DOCUMENTS].reverse()) {
    await page.locator(`.frame nav a[href="${path}"]`).click();
    await page.locator(there).first().waitFor();
    assert.deepEqual([new URL(page.url()).pathname, await current(), await frame()], [path, path, first]);
  }
  await page.locator('.frame nav').getByText('The chat').click();
  await page.locator('#enter').waitFor();
  assert.deepEqual(page.faults, []);
});

// The gateway's copy comes from a crate, so that `cargo run` needs no Node. It is identical to the package's, byte for byte.
test('Swagger UI is what npm has as swagger-ui-dist', async () => {
  const require = createRequire(import.meta.url);
  for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js', 'swagger-ui-standalone-preset.js']) {
    const reply = await fetch(`${on.gateway.url}/docs/swagger/${file}`);
    assert.equal(reply.status, 200);
    const served = Buffer.from(await reply.arrayBuffer());
    assert.ok(served.equals(await readFile(require.resolve(`swagger-ui-dist/${file}`))), `${file} has ${served.length} bytes`);
  }
});
