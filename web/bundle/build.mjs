// .ci/bundle runs this: see there.

import { differences, present, write } from './dist.mjs';
import { elementOf, filesOf } from './page.mjs';
import { sizes, table } from './sizes.mjs';

/** The pages, by their HTML in `web/`. */
const PAGES = ['index.html', 'moderate/index.html', 'embed/index.html', 'replay/index.html'];
/** The element, and the name by which pages of others load it. */
const ELEMENT = ['/embed/live-chat.js', 'embed/v1.js'];
/** What pages of others load before anything shows, compressed. */
const MOST_GZIP = 30_000;
const USAGE = 'Usage: .ci/bundle [--check | --readable | --sizes]';

const [asked = '', ...more] = process.argv.slice(2);
const commands = {
  /** Makes web/dist anew. */
  async ''() {
    await write(await made());
  },
  /** Fails if web/dist is not what its sources make. */
  async '--check'() {
    const stale = differences(await made(), await present());
    if (stale.length > 0) fail(`web/dist is not made of these sources: run .ci/bundle, and commit web/dist (${stale.join(', ')})`);
  },
  /** For debugging: with all names and source maps. `--check` refuses it. */
  async '--readable'() {
    await write(await made({ isReadable: true }));
  },
  /** What the files of web/dist weigh. */
  async '--sizes'() {
    console.log(table(await present()));
  },
};

/** All files that the sources make: each name with its bytes. */
async function made(options) {
  const files = await Promise.all([...PAGES.map((html) => filesOf(html, options)), elementOf(...ELEMENT, options)]);
  const all = new Map(files.flatMap((of) => [...of]));
  const [, element] = ELEMENT;
  const { gzip } = sizes(all)[element];
  if (!options?.isReadable && gzip > MOST_GZIP) fail(`${element} has ${gzip} bytes (gzip), and may have ${MOST_GZIP}: load what few need on demand`);
  return all;
}

function fail(text) {
  console.error(text);
  process.exit(1);
}

if (more.length > 0 || !Object.hasOwn(commands, asked)) fail(USAGE);
await commands[asked]();
