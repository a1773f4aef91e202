// <live-chat> in somebody's own page, beside a video and below it: both fit the window, and the chat takes the space that is left.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { fillEvening } from './evening.mjs';
import { PHONE, WINDOW } from './images.mjs';
import { inLog, isAccessible, isAtEnd, noFaults, open, say, stage } from './page.mjs';
import { watchSite } from './watch-page.mjs';

let site;
const on = stage({
  fill: async () => {
    await fillEvening(on.gateway);
    site = await watchSite(on.gateway.url);
  },
});
after(() => site?.close());

const boxOf = (page, selector) => page.locator(selector).boundingBox();

async function watch(name, attributes, viewport) {
  const token = await on.gateway.token(name.toLowerCase(), name);
  const page = await open(on.browser, site.address(attributes), { viewport });
  await page.evaluate((token) => (document.querySelector('live-chat').token = token), token);
  await page.waitForSelector('#state[data-state=live]');
  await say(page, `Hello from ${name}`);
  await inLog(page, `Hello from ${name}`).waitFor();
  await page.fill('#text', 'Good luck');
  await isAtEnd(page);
  return page;
}

for (const [picture, name, attributes] of [
  ['beside-video', 'Lena', ''],
  ['beside-video-comfortable', 'Omar', 'layout="comfortable" theme="dark"'],
]) {
  test(`beside a video, ${attributes ? 'comfortable and dark' : 'compact'}`, async () => {
    const page = await watch(name, attributes, WINDOW);
    const [video, chat] = [await boxOf(page, 'video'), await boxOf(page, 'live-chat')];
    assert.ok(chat.x >= video.x + video.width && chat.y + chat.height <= WINDOW.height && chat.height > 550, JSON.stringify([video, chat]));
    assert.equal(await page.locator('#messages .avatar').first().isVisible(), attributes !== '');
    await isAccessible(page, picture);
    noFaults(page);
  });
}

test('below a video, on a phone', async () => {
  const page = await watch('Ida', 'theme="light"', PHONE);
  const [video, chat] = [await boxOf(page, 'video'), await boxOf(page, 'live-chat')];
  assert.ok(chat.y >= video.y + video.height && chat.y + chat.height <= PHONE.height && chat.height > 400, JSON.stringify([video, chat]));
  await isAccessible(page, 'below-video');
  noFaults(page);
});
