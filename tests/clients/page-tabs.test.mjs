// A visitor with more tabs than the chat allows.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';

import WebSocket from 'ws';

import { Gateway } from './gateway.mjs';
import { isAccessibleInBoth, isLive, noFaults } from './page.mjs';
import { stubStage } from './page-stub.mjs';
import { refusal } from './stub-chat.mjs';

const LIMIT = { timeout: 60_000 };
const ENGLISH = 'This chat is open in too many tabs. Close one of them, and it goes on here.';
const SPANISH = 'Este chat está abierto en demasiadas pestañas. Cierra una y seguirá aquí.';

const on = stubStage();
const gateways = [];
after(() => Promise.all(gateways.map((gateway) => gateway.stop())));

const banner = (page) => page.textContent('#banner .banner-text');
const showsBanner = (page, text) => page.waitForFunction((text) => findOne('#banner .banner-text').textContent === text, text);

test('an eleventh tab says that there are too many, never that the chat cannot be reached, and goes on when one is closed', LIMIT, async () => {
  const gateway = await Gateway.start();
  gateways.push(gateway);
  const token = await gateway.token('ann', 'Ann');
  const tabs = Array.from({ length: 10 }, () => new WebSocket(`${gateway.url.replace('http', 'ws')}/live-chat/ws/1?token=${token}`));
  await Promise.all(tabs.map((tab) => once(tab, 'open')));
  const page = await on.open(gateway, {
    token,
    prepare: (page) =>
      page.addInitScript(() => {
        globalThis.said = [];
        const note = () => globalThis.said.push(findOne('#banner')?.textContent);
        const watch = (root) => new MutationObserver(note).observe(root, { subtree: true, childList: true, characterData: true });
        watch(document);
        const { attachShadow } = Element.prototype;
        Element.prototype.attachShadow = function (options) {
          const root = attachShadow.call(this, options);
          watch(root);
          return root;
        };
      }),
  });
  await showsBanner(page, ENGLISH);
  assert.deepEqual(await page.evaluate(() => globalThis.said.filter((text) => text?.includes('cannot be reached'))), []);
  await isAccessibleInBoth(page, 'too-many-tabs');
  tabs[0].close();
  await isLive(page);
  assert.equal(await banner(page), '');
  for (const tab of tabs) tab.terminate();
  noFaults(page);
});

test('so does a tab that lost its place, in the page’s language; another failure is not taken for that', LIMIT, async () => {
  const stub = await on.chat(3);
  const granted = () => ({ ticket: 'a-ticket', expires_in: 30 });
  stub.answers['POST ticket'] = granted;
  // The shortest of the random waits, which otherwise may be half a minute.
  const page = await on.come(stub, { query: '?lang=es', prepare: (page) => page.addInitScript(() => (Math.random = () => 0)) });
  stub.refusesSockets = true;
  stub.answers['POST ticket'] = (asked) => (asked.has('session_id') ? refusal(429, 'rate_limited') : granted());
  for (const socket of stub.sockets) socket.terminate();
  await showsBanner(page, SPANISH);
  stub.answers['POST ticket'] = () => ({ status: 429, message: 'Too Many Requests' });
  await showsBanner(page, 'Se perdió la conexión. Intentando reconectar…');
  stub.answers['POST ticket'] = granted;
  stub.refusesSockets = false;
  await isLive(page);
  noFaults(page);
});
