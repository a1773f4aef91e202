// <live-chat> in Firefox: on a bare page of another origin, whose policy is strict. The test plays the server.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchFirefox } from './firefox.mjs';
import { DESKTOP, PHONE, isAccessible, noFaults, open } from './page.mjs';
import { until } from './page-stub.mjs';
import { StubChat, stubToken } from './stub-chat.mjs';

/** What fits beside a video. */
const CSS = 'body { margin: 0 } live-chat { width: 320px; height: 480px; --lc-accent: rgb(1, 2, 120) } live-chat::part(send) { border-radius: 3px }';

let browser, chat, host;
before(async () => {
  browser = await launchFirefox();
  [chat, host] = await Promise.all([StubChat.start(), StubChat.start()]);
  chat.fill(5);
  const policy = [
    `default-src 'none'; script-src 'self' ${chat.url}; style-src 'self' ${chat.url}; img-src 'self' ${chat.url}`,
    `connect-src ${chat.url} ${chat.url.replace('http', 'ws')}; require-trusted-types-for 'script'; trusted-types live-chat`,
  ].join('; ');
  host.pages['/host.css'] = { body: CSS, policy };
  host.pages['/host.html'] = {
    policy,
    body: `<!doctype html><html lang="en"><title>Host</title><link rel="stylesheet" href="/host.css">
      <main><h1>Host</h1><live-chat id="a" theme="dark"></live-chat></main><script type="module" src="${chat.url}/embed/v1.js"></script></html>`,
  };
});
after(async () => {
  await browser?.close();
  await chat?.stop();
  await host?.stop();
});

async function come(viewport) {
  const page = await open(browser, `${host.url}/host.html`, { viewport });
  await page.evaluate((token) => (document.querySelector('live-chat').token = token), stubToken('ann'));
  await page.locator('#a #state[data-state=live]').waitFor();
  return page;
}

test('it loads from the chat, talks, and looks as the page wants', async () => {
  const sent = [];
  chat.frames = { message: ({ message }) => void sent.push(message) };
  const page = await come(DESKTOP);
  chat.write(1);
  await page.locator('#a #messages').getByText(chat.messages.at(-1).message.trim()).waitFor();
  await page.fill('#a #text', 'hello');
  await page.press('#a #text', 'Enter');
  await until(page, () => sent.length > 0);
  assert.deepEqual(sent, ['hello']);
  const style = (inner, name) => page.locator(`#a ${inner}`).first().evaluate((node, name) => getComputedStyle(node)[name], name);
  assert.deepEqual([await style('#send', 'backgroundColor'), await style('#send', 'borderRadius')], ['rgb(1, 2, 120)', '3px']);
  assert.equal(await style('#app', 'display'), 'flex', 'its styles are there');
  const { width, height } = await page.locator('#a #app').boundingBox();
  assert.deepEqual([width, height], [320, 480]);
  assert.equal(await page.locator('#a #messages .avatar').first().isVisible(), false, 'compact');
  await isAccessible(page, 'firefox-element');
  noFaults(page);
  await page.context().close();
});

test('it leaves with its element, and comes back with it', async () => {
  const page = await come(PHONE);
  await page.evaluate(() => (globalThis.removed = document.querySelector('live-chat')).remove());
  await until(page, () => chat.sockets.size === 0);
  await page.evaluate(() => document.querySelector('main').append(globalThis.removed));
  await page.locator('#a #state[data-state=live]').waitFor();
  await isAccessible(page, 'firefox-element-phone');
  noFaults(page);
  await page.context().close();
});
