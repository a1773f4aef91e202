// The images in the README and their sources. The tests that reach those states take them. Pixels depend on a machine's fonts, so
// the sources are compared instead: an image is stale once they have changed.

import { createHash } from 'node:crypto';
import { copyFile, readFile, readdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export const PHONE = { width: 390, height: 780 };
export const DESKTOP = { width: 1280, height: 800 };
/** The size of each image by its name. */
export const IMAGES = { desktop: DESKTOP, 'desktop-dark': DESKTOP, phone: PHONE, reconnecting: PHONE, 'right-to-left': PHONE };
export const FOLDER = new URL('../../docs/images/', import.meta.url);
/** The fingerprint of the sources from which each image was made. */
export const MADE_OF = new URL('made-of.json', FOLDER);

const ROOT = new URL('../../', import.meta.url);
/** `npm run images` takes them again. */
const MAKES_NEW = process.env.LIVE_CHAT_IMAGES === 'new';

/** A fingerprint of the page's elements, styles and texts, and of the chat that the images show. */
export async function madeOf() {
  const styles = (await readdir(new URL('web/styles/', ROOT))).sort().map((name) => `web/styles/${name}`);
  const hash = createHash('sha256');
  for (const file of ['web/index.html', 'web/embed/markup.js', ...styles, 'web/app/strings.en.js', 'web/app/page-strings.en.js', 'tests/clients/evening.mjs']) {
    hash.update(await readFile(new URL(file, ROOT)));
  }
  return hash.digest('hex');
}

/** Keeps an image that a test has taken, if the images are being renewed. */
export async function keep(file, name) {
  if (!MAKES_NEW || !Object.hasOwn(IMAGES, name)) return;
  await copyFile(file, fileURLToPath(new URL(`${name}.png`, FOLDER)));
  const made = JSON.parse(await readFile(MADE_OF, 'utf8').catch(() => '{}'));
  await writeFile(MADE_OF, `${JSON.stringify({ ...made, [name]: await madeOf() }, null, 2)}\n`);
}
