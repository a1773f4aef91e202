// A page as visitors get it: its script and its styles in one file each, named after their content, and the HTML that names them.

import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { moduleOf } from './emoji.mjs';

const WEB = fileURLToPath(new URL('../', import.meta.url));
/** One element a line, so that a line can go. */
const STYLES = /^ *<link rel="stylesheet" href="(\/[^"]+)">\n/gm;
const SCRIPT = /^ *<script type="module" src="(\/[^"]+)"><\/script>\n/gm;
const ICON = /(<link rel="icon" href=")(\/[^"]+)"/;
const COMMENTS = /^ *<!--.*?-->\n/gms;

/** What many visitors of the page need at once: on a slow line, a request of its own would cost more than these bytes. */
const AT_ONCE = /\/(?:live|waiting|strings\.\w+)\.js$/;

const PRELOADED_STYLES = /^ *<link rel="preload" as="style" href="[^"]+">\n/gm;

/** Addresses begin at the root of the site, which is `web/`. */
const fromRoot = {
  name: 'from-root',
  setup: ({ onResolve }) => onResolve({ filter: /^\// }, ({ path }) => ({ path: join(WEB, path) })),
};

/** The files of the page whose HTML is `html` in `web/`: each name with its bytes. */
export async function filesOf(html, { isReadable = false } = {}) {
  const source = await readFile(join(WEB, html), 'utf8');
  const styles = named(source, STYLES);
  const scripts = named(source, SCRIPT);
  if (styles.length === 0 || scripts.length !== 1) throw new Error(`${html} names ${styles.length} stylesheets and ${scripts.length} scripts`);

  // The main page's files are called after its only script.
  const name = dirname(html) === '.' ? 'page' : dirname(html).replaceAll('/', '-');
  const files = new Map();
  // The console is for staff, who need all of it.
  const beside = name === 'moderate' ? undefined : { files, except: AT_ONCE };
  const bundled = (loader, lines) => bundle({ loader, contents: lines.join('\n'), name, isReadable, beside });
  const style = await bundled('css', styles.map((href) => `@import ${JSON.stringify(href)};`));
  const script = await bundled('js', scripts.map((src) => `import ${JSON.stringify(src)};`));

  // Before the settings and all else: the browser asks for both as soon as it has read these lines.
  const head = [
    `<link rel="modulepreload" href="/${script.name}">`,
    `<link rel="stylesheet" href="/${style.name}">`,
    `<script type="module" src="/${script.name}"></script>`,
  ];
  const text = source.replace(COMMENTS, '').replace(STYLES, '').replace(PRELOADED_STYLES, '').replace(SCRIPT, '');
  const [before, after] = text.split('<head>\n    <meta charset="utf-8">\n');
  if (after === undefined) throw new Error(`${html}: <head> does not begin with <meta charset="utf-8">`);
  const page = `${before}<head>\n    <meta charset="utf-8">\n${head.map((line) => `    ${line}\n`).join('')}${after}`;
  for (const { name, bytes } of [script, style]) files.set(name, bytes);
  return files.set(html, Buffer.from(await withIcon(page)));
}

/**
 * The element for pages of others: each name with its bytes. It is one file, its styles included, and its name stays, for their HTML
 * names it. What few need is beside it, in files apart from those of the pages: a browser that has kept one for its own origin, without a
 * header that allows others, would refuse it to them.
 */
export async function elementOf(address, name, { isReadable = false } = {}) {
  const files = new Map();
  const { bytes } = await bundle({ loader: 'js', contents: `export * from ${JSON.stringify(address)};`, name: 'element', isReadable, beside: { files, prefix: 'element-' } });
  return files.set(name, bytes);
}

/**
 * Each module that is imported on demand, `except` some, is a file of its own in `files`, with a copy of all that it imports. (esbuild's
 * own splitting makes a file of what two of them share, too, which the element would have to wait for.)
 */
const onDemand = (beside, { isReadable }) => ({
  name: 'on-demand',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\.js$/ }, async ({ path, kind, resolveDir }) => {
      if (kind !== 'dynamic-import' || beside.except?.test(path)) return undefined;
      const module = `/${relative(WEB, join(resolveDir, path))}`;
      const { name, bytes } = await bundle({ entryPoints: [module], name: `${beside.prefix ?? ''}${basename(module, '.js')}`, isReadable, beside });
      beside.files.set(name, bytes);
      // From `embed/` and from `assets/` alike, on whichever origin the chat is.
      return { path: `../${name}`, external: true };
    }),
});

/** The page with its icon in it: as an address, it would be one more request before the chat is there. */
async function withIcon(page) {
  const [, , address] = ICON.exec(page) ?? [];
  if (address === undefined) return page;
  const icon = await readFile(join(WEB, address), 'utf8');
  return page.replace(ICON, (_, before) => `${before}data:image/svg+xml,${encodeURIComponent(icon.replace(/\n */g, ''))}"`);
}

/** Styles come in the scripts that need them: files of their own would come one round trip later. */
const withStyles = ({ isReadable }) => ({
  name: 'with-styles',
  setup: ({ onLoad }) => {
    const instead = (filter, of, module) =>
      onLoad({ filter }, async ({ path }) => {
        // As a file, an older Node would take it for CommonJS.
        const source = await readFile(join(dirname(path), 'style-names.js'), 'utf8');
        const names = (await import(`data:text/javascript,${encodeURIComponent(source)}`))[of];
        const contents = names.map((name) => `@import "/styles/${name}.css";`).join('\n');
        const { bytes } = await bundle({ loader: 'css', contents, name: 'element', isReadable });
        return { resolveDir: WEB, contents: sheetOf(bytes.toString()) + module };
      });
    instead(/\/embed\/styles\.js$/, 'OF_CHAT', CHAT_STYLES);
    instead(/\/embed\/log-styles\.js$/, 'OF_LOG', ADDED_STYLES);
    instead(/\/embed\/emoji-styles\.js$/, 'OF_EMOJI', ADDED_STYLES);
    instead(/\/embed\/taking-part-styles\.js$/, 'OF_TAKING_PART', ADDED_STYLES);
  },
});

/** The emoji of a language are a module that no source has. */
const withEmoji = {
  name: 'with-emoji',
  setup: ({ onLoad }) => onLoad({ filter: /\/app\/emoji\.\w+\.js$/ }, ({ path }) => ({ contents: moduleOf(basename(path).split('.')[1]) })),
};

/** A stylesheet as a constructed one, which a strict policy allows, too. */
const sheetOf = (styles) => `
  let made;
  function sheet() {
    if (!made) {
      made = new CSSStyleSheet();
      made.replaceSync(${JSON.stringify(styles)});
    }
    return made;
  }`;

/** What stands for `embed/styles.js`. */
const CHAT_STYLES = `
  export function styled(root) {
    root.adoptedStyleSheets = [sheet()];
    return { links: [], loaded: Promise.resolve() };
  }`;

/** What stands for `embed/log-styles.js`, `embed/emoji-styles.js` and `embed/taking-part-styles.js`. */
const ADDED_STYLES = `
  export async function addStyles(root) {
    if (!root.adoptedStyleSheets.includes(sheet())) root.adoptedStyleSheets.push(sheet());
  }`;

const named = (source, elements) => [...source.matchAll(elements)].map(([, address]) => address);

/**
 * One file of everything that `contents` or an entry point imports. What a module imports on demand goes into the files `beside`;
 * without them it is part of the one, because on a slow line a request costs more than these bytes.
 */
async function bundle({ loader, contents, entryPoints, name, isReadable, beside }) {
  const { outputFiles } = await build({
    ...(entryPoints ? { entryPoints } : { stdin: { contents, loader, resolveDir: WEB, sourcefile: `${name}.${loader}` } }),
    absWorkingDir: WEB,
    outdir: 'dist',
    entryNames: `assets/${name}-[hash]`,
    bundle: true,
    format: 'esm',
    // As the sources are written: nothing is translated for older browsers, and nothing newer is made of it.
    target: 'es2022',
    charset: 'utf8',
    loader: { '.svg': 'dataurl' },
    legalComments: 'none',
    minify: !isReadable,
    sourcemap: isReadable && 'inline',
    plugins: [...(beside ? [onDemand(beside, { isReadable })] : []), fromRoot, withEmoji, withStyles({ isReadable })],
    write: false,
    logLevel: 'warning',
  });
  const [{ path, contents: bytes }] = outputFiles;
  return { name: path.slice(join(WEB, 'dist/').length), bytes: Buffer.from(bytes) };
}
