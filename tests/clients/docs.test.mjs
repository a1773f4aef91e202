// The pages of the API documents in Chromium, under the strict policy, without third-party resources.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { stage } from './page.mjs';

const on = stage();

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
  assert.equal(await page.locator('.opblock').count(), 27);
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
  assert.equal(await page.locator('article').count(), 27);
  for (const article of await page.locator('article').all()) {
    assert.ok((await article.locator('td').count()) > 0, await article.textContent());
    assert.ok((await article.locator('pre').count()) > 0, await article.textContent());
  }
  await page.screenshot({ path: new URL('screenshots/docs-events.png', import.meta.url).pathname });
  assert.match(await page.locator('#ack').textContent(), /message_id/);
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
