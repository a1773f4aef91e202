// The modules that show a chat find its elements through their view alone, so that it can be in a shadow root, and a page can have several.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const APP = new URL('../../web/app/', import.meta.url);
/** What belongs to the page around the chat. */
const FRAME = ['main.js', 'page.js', 'settings.js', 'entrance.js', 'join-as.js', 'host.js', 'tokens.js', 'storage.js'];
const LOOKUPS = /document\??\.(getElement|querySelector|activeElement|title|documentElement|body|head)|location\.(search|hash)/;

const sourceOf = (name) => readFile(new URL(name, APP), 'utf8');

/** The sources of a module and of all that it imports from its folder, by name. */
async function reachedFrom(name, sources = new Map()) {
  if (sources.has(name)) return sources;
  const source = await sourceOf(name);
  sources.set(name, source);
  for (const [, imported] of source.matchAll(/(?:from|import) '\.\/([\w.-]+)'/g)) await reachedFrom(imported, sources);
  return sources;
}

test('the room and all that it uses look nothing up in the document', async () => {
  const sources = await reachedFrom('room.js', await reachedFrom('view.js'));
  for (const part of ['header.js', 'composer.js', 'log-hold.js', 'message-items.js', 'locale.js']) assert.ok(sources.has(part), part);
  for (const [name, source] of sources) assert.doesNotMatch(source, LOOKUPS, name);
  assert.deepEqual(FRAME.filter((name) => sources.has(name)), []);
});

test('the page around it does, which the check notices', async () => {
  const sources = await reachedFrom('main.js');
  assert.deepEqual(FRAME.filter((name) => !sources.has(name)), []);
  for (const name of ['page.js', 'settings.js']) assert.match(sources.get(name), LOOKUPS);
});
