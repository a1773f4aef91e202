// Whose pictures the page shows: those of the hosts that the operator chose. Any other would see the addresses of viewers.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Gateway } from './gateway.mjs';
import { inLog, isLive, noFaults, open } from './page.mjs';

// The addresses are of https, so the test stands in for their hosts.
const PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
const CHOSEN = 'https://pictures.example/eve.svg';
const OTHERS = ['https://tracker.example/mal.svg', 'https://sub.pictures.example/sub.svg', 'https://pictures.example:8443/port.svg'];
const BROKEN = 'https://img.example/broken.svg';

let browser;
const gateways = [];
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
  for (const gateway of gateways) await gateway.stop();
});

async function start(settings) {
  const gateway = await Gateway.start({ settings });
  gateways.push(gateway);
  return gateway;
}

/** A chat in which somebody with each picture has written, and a page that looks at it; `asked` are the pictures that it asked for. */
async function visit(settings) {
  const gateway = await start(settings);
  for (const [i, picture] of [CHOSEN, ...OTHERS, BROKEN].entries()) {
    const token = await gateway.tokenWith('--sub', `u${i}`, '--name', `Mal ${i}`, '--picture', picture);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ message: `by ${i}` });
    const sent = await fetch(`${gateway.url}/live-chat/send-message`, { method: 'POST', headers, body });
    assert.equal(sent.status, 200);
  }
  const asked = [];
  const prepare = async (page) => {
    page.on('request', (request) => new URL(request.url()).hostname === 'localhost' || asked.push(request));
    await page.route(/\.svg$/, (route) => (route.request().url().startsWith(gateway.url) ? route.continue() : route.fulfill({ contentType: 'image/svg+xml', body: PICTURE })));
    await page.route(BROKEN, (route) => route.fulfill({ status: 404, body: '' }));
  };
  const page = await open(browser, `${gateway.url}/?lang=en#token=${await gateway.token('viewer')}`, { prepare });
  await isLive(page);
  await inLog(page, 'by 4').waitFor();
  return { page, asked, avatarOf: (i) => page.locator('.message', { hasText: `by ${i}` }).locator('.avatar') };
}

test('pictures of the chosen hosts show, lazily and without a referrer; all others are initials, and nobody is asked for them', async () => {
  const { page, asked, avatarOf } = await visit({ LIVE_CHAT_PICTURE_HOSTS: 'pictures.example,IMG.example' });
  await page.waitForFunction(() => findAll('.avatar img').some(({ naturalWidth }) => naturalWidth > 0));
  const image = avatarOf(0).locator('img');
  assert.deepEqual(await image.evaluate(({ src, loading, referrerPolicy }) => [src, loading, referrerPolicy]), [CHOSEN, 'lazy', 'no-referrer']);
  // A picture that cannot be loaded goes, and leaves the initials.
  await avatarOf(4).locator('img').waitFor({ state: 'detached' });
  for (const i of [1, 2, 3, 4]) assert.deepEqual([await avatarOf(i).locator('img').count(), (await avatarOf(i).textContent()).trim()], [0, `M${i}`]);
  assert.deepEqual(asked.map((request) => request.url()).sort(), [BROKEN, CHOSEN].sort());
  for (const request of asked) assert.equal((await request.allHeaders()).referer, undefined);
  noFaults(page);
});

test('by default no host is asked for a picture, and the policy stops a page that tries', async () => {
  const { page, asked, avatarOf } = await visit({});
  for (const i of [0, 1, 2, 3, 4]) assert.deepEqual([await avatarOf(i).locator('img').count(), (await avatarOf(i).textContent()).trim()], [0, `M${i}`]);
  noFaults(page);
  assert.deepEqual(asked.map((request) => request.url()), []);
  const blocked = await page.evaluate((src) => {
    const violation = new Promise((resolve) => document.addEventListener('securitypolicyviolation', resolve, { once: true }));
    document.body.append(Object.assign(new Image(), { src }));
    return violation.then(({ blockedURI, effectiveDirective }) => [blockedURI, effectiveDirective]);
  }, CHOSEN);
  assert.deepEqual(blocked, [CHOSEN, 'img-src']);
  // Chromium tells of the request that it did not make.
  assert.deepEqual(asked.map((request) => request.failure()?.errorText), ['csp']);
});

test('a setting that names no hosts ends the start with its name', async () => {
  const starting = Gateway.start({ settings: { LIVE_CHAT_PICTURE_HOSTS: 'https://pictures.example' } });
  await assert.rejects(starting, /LIVE_CHAT_PICTURE_HOSTS is "https:\/\/pictures\.example", but must be up to 20 names of hosts/);
});
