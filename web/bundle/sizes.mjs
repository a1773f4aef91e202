// What files weigh, as they are and compressed: gzip as the gateway sends it, brotli as CloudFront does.

import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
const FINGERPRINT = /-[0-9A-Z]{8}(?=\.)/;

/** The sizes of each file in bytes, by its name without the fingerprint. */
export function sizes(files) {
  const of = (bytes) => ({ raw: bytes.length, gzip: gzipSync(bytes).length, brotli: brotliCompressSync(bytes, BROTLI).length });
  return Object.fromEntries([...files].map(([name, bytes]) => [name.replace(FINGERPRINT, ''), of(bytes)]).sort());
}

/** The same as a table in Markdown, in kB. */
export function table(files) {
  const found = sizes(files);
  const all = (kind) => Object.values(found).reduce((sum, size) => sum + size[kind], 0);
  const rows = { ...found, together: { raw: all('raw'), gzip: all('gzip'), brotli: all('brotli') } };
  const kB = (bytes) => (bytes / 1000).toFixed(1);
  const lines = Object.entries(rows).map(([name, { raw, gzip, brotli }]) => `| ${name} | ${kB(raw)} | ${kB(gzip)} | ${kB(brotli)} |`);
  return ['| in kB | raw | gzip | brotli |', '| --- | ---: | ---: | ---: |', ...lines].join('\n');
}
