// The README's images: their names, their sizes, and whether they show the current page.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';

import { FOLDER, IMAGES, MADE_OF, madeOf } from './images.mjs';

const NAMES = Object.keys(IMAGES).sort();

test('the README shows every picture, and nothing else lies beside them', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const shown = [...readme.matchAll(/src="docs\/images\/([^"]+)\.png"/g)].map(([, name]) => name);
  assert.deepEqual(shown.sort(), NAMES);
  assert.deepEqual((await readdir(FOLDER)).sort(), [...NAMES.map((name) => `${name}.png`), 'made-of.json'].sort());
});

test('each has the size of the window that it shows', async () => {
  for (const [name, { width, height }] of Object.entries(IMAGES)) {
    const png = await readFile(new URL(`${name}.png`, FOLDER));
    assert.equal(png.toString('latin1', 1, 4), 'PNG', name);
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [width, height], name);
  }
});

test('none is stale: after a change of their sources, `npm run images` takes them again', async () => {
  const now = await madeOf();
  const made = JSON.parse(await readFile(MADE_OF, 'utf8'));
  assert.deepEqual(made, Object.fromEntries(NAMES.map((name) => [name, now])));
});
