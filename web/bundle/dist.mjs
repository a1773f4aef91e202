// The folder web/dist: what is in it, and what is to be.

import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));

/** The files that are there: each name with its bytes. */
export async function present() {
  const entries = await readdir(DIST, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map();
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    files.set(relative(DIST, path), await readFile(path));
  }
  return files;
}

/** The names of the files in which the two differ. */
export function differences(one, other) {
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].filter((name) => !one.get(name)?.equals(other.get(name) ?? Buffer.of())).sort();
}

/** Replaces what is there. */
export async function write(files) {
  await rm(DIST, { recursive: true, force: true });
  for (const [name, bytes] of files) {
    await mkdir(dirname(join(DIST, name)), { recursive: true });
    await writeFile(join(DIST, name), bytes);
  }
}
