// The images in the READMEs and their sources. The tests that reach those states take them. Pixels depend on a machine's fonts, so
// the sources are compared instead: an image is stale once they have changed.

import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';

import { withPalette } from './png.mjs';

export const PHONE = { width: 390, height: 780 };
export const DESKTOP = { width: 1280, height: 800 };
export const LAPTOP = { width: 1366, height: 768 };
/** For a page with a video of 16 by 9 and a chat beside it. */
export const WINDOW = { width: 1280, height: 600 };
const PAGE = ['web/index.html', 'web/embed/markup.js', 'web/styles/', 'web/app/strings.en.js', 'web/app/page-strings.en.js', 'tests/clients/evening.mjs'];
const HOST = [...PAGE, 'tests/clients/watch-page.mjs'];
const CONSOLE = ['web/moderate/index.html', 'web/moderate/styles/', 'web/styles/base.css', 'web/moderate/strings.en.js', 'tests/clients/evening.mjs', 'tests/clients/console-evening.test.mjs'];
/** Each image by its name: its size, and the files and folders of what it shows. */
export const IMAGES = {
  desktop: { size: DESKTOP, sources: PAGE },
  'desktop-dark': { size: DESKTOP, sources: PAGE },
  phone: { size: PHONE, sources: PAGE },
  reconnecting: { size: PHONE, sources: PAGE },
  'right-to-left': { size: PHONE, sources: PAGE },
  'beside-video': { size: WINDOW, sources: HOST },
  'beside-video-comfortable': { size: WINDOW, sources: HOST },
  'below-video': { size: PHONE, sources: HOST },
  console: { size: LAPTOP, sources: CONSOLE },
  'console-on-a-phone': { size: PHONE, sources: CONSOLE },
};
export const FOLDER = new URL('../../docs/images/', import.meta.url);
/** The fingerprint of the sources from which each image was made. */
export const MADE_OF = new URL('made-of.json', FOLDER);

const ROOT = new URL('../../', import.meta.url);
/** `npm run images` takes them again. */
const MAKES_NEW = process.env.LIVE_CHAT_IMAGES === 'new';

/** A fingerprint of what an image shows. */
export async function madeOf(name) {
  const hash = createHash('sha256');
  for (const source of IMAGES[name].sources) {
    const files = source.endsWith('/') ? (await readdir(new URL(source, ROOT))).sort().map((file) => source + file) : [source];
    for (const file of files) hash.update(await readFile(new URL(file, ROOT)));
  }
  return hash.digest('hex');
}

/** Keeps an image that a test has taken, if the images are being renewed. */
export async function keep(file, name) {
  if (!MAKES_NEW || !Object.hasOwn(IMAGES, name)) return;
  await writeFile(new URL(`${name}.png`, FOLDER), withPalette(await readFile(file)));
  const made = JSON.parse(await readFile(MADE_OF, 'utf8').catch(() => '{}'));
  await writeFile(MADE_OF, `${JSON.stringify({ ...made, [name]: await madeOf(name) }, null, 2)}\n`);
}
