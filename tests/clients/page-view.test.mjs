// The modules that show a chat find its elements through their view alone: a page may have several chats, each in its shadow root.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const WEB = new URL('../../web/', import.meta.url);
/** What belongs to the page around the chat. */
const FRAME = ['main', 'page', 'settings', 'entrance', 'join-as', 'host', 'tokens', 'storage'].map((name) => `app/${name}.js`);
const LOOKUPS = /document\??\.(getElement|querySelector|activeElement|title|documentElement|body|head)|location\.(search|hash)/;

/** The bundle makes these of a package: they are nothing but data. */
const MADE = /^app\/emoji\.\w+\.js$/;

/** The sources of a module and of all that it imports, at once or on demand, by name. */
async function reachedFrom(name, sources = new Map()) {
  if (sources.has(name) || MADE.test(name)) return sources;
  const url = new URL(name, WEB);
  const source = await readFile(url, 'utf8');
  sources.set(name, source);
  for (const [, imported] of source.matchAll(/(?:from |import |import\()'(\.[^']+)'/g)) {
    await reachedFrom(new URL(imported, url).href.slice(WEB.href.length), sources);
  }
  return sources;
}

test('the element and all that it uses look nothing up in the document', async () => {
  const sources = await reachedFrom('embed/live-chat.js');
  for (const part of ['view', 'room', 'header', 'composer', 'log-hold', 'message-items', 'hearts', 'waiting', 'message-menu', 'standing', 'emoji-picker', 'locale']) assert.ok(sources.has(`app/${part}.js`), part);
  for (const [name, source] of sources) assert.doesNotMatch(source, LOOKUPS, name);
  assert.deepEqual(FRAME.filter((name) => sources.has(name)), []);
});

test('the page around it does, which the check notices', async () => {
  const sources = await reachedFrom('app/main.js');
  assert.deepEqual(FRAME.filter((name) => !sources.has(name)), []);
  for (const name of ['app/page.js', 'app/settings.js']) assert.match(sources.get(name), LOOKUPS);
});
