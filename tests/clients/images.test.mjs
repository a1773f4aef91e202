// The READMEs' images: their names, their sizes, and whether they show the current page.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';

import { FOLDER, IMAGES, MADE_OF, madeOf } from './images.mjs';

const NAMES = Object.keys(IMAGES).sort();
const READMES = ['README.md', 'web/embed/README.md', 'web/moderate/README.md'];
/** Everybody who clones the repository gets every version of them. */
const MOST_BYTES = 80_000;

test('the READMEs show every picture, and nothing else lies beside them', async () => {
  const shown = new Set();
  for (const path of READMES) {
    const url = new URL(`../../${path}`, import.meta.url);
    for (const [, source] of (await readFile(url, 'utf8')).matchAll(/src="([^"]+\.png)"/g)) shown.add(new URL(source, url).href);
  }
  assert.deepEqual([...shown].sort(), NAMES.map((name) => new URL(`${name}.png`, FOLDER).href).sort());
  assert.deepEqual((await readdir(FOLDER)).sort(), [...NAMES.map((name) => `${name}.png`), 'made-of.json'].sort());
});

test('each has the size of the window that it shows, and few bytes', async () => {
  for (const [name, { size }] of Object.entries(IMAGES)) {
    const png = await readFile(new URL(`${name}.png`, FOLDER));
    assert.equal(png.toString('latin1', 1, 4), 'PNG', name);
    assert.deepEqual({ width: png.readUInt32BE(16), height: png.readUInt32BE(20) }, size, name);
    assert.ok(png.length < MOST_BYTES, `${name}: ${png.length}`);
  }
});

test('none is stale: after a change of their sources, `npm run images` takes them again', async () => {
  const now = await Promise.all(NAMES.map(async (name) => [name, await madeOf(name)]));
  assert.deepEqual(JSON.parse(await readFile(MADE_OF, 'utf8')), Object.fromEntries(now));
});
