// A package of web/ as users get it: packed, and installed offline into a project without other packages.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const WEB = new URL('../../web/', import.meta.url);

export class BareProject {
  /** Creates a project with the client in a temporary folder; `others` are folders of further packages to install. */
  static make(...others) {
    return BareProject.with('client', ...others);
  }

  /** The same with the package in this folder of web/. */
  static async with(name, ...others) {
    const project = new BareProject();
    project.name = name;
    project.folder = await mkdtemp(join(tmpdir(), 'live-chat-package-'));
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', project.folder], { cwd: fileURLToPath(new URL(name, WEB)) });
    const [{ filename, files }] = JSON.parse(stdout);
    /** The names of the files in the package. */
    project.packed = files.map(({ path }) => path);
    await writeFile(project.path('package.json'), JSON.stringify({ name: 'bare', private: true, type: 'module' }));
    const packages = [project.path(filename), ...others];
    await run('npm', ['install', '--offline', '--install-links', '--no-audit', '--no-fund', ...packages], { cwd: project.folder });
    return project;
  }

  path(...names) {
    return join(this.folder, ...names);
  }

  /** Where the package was installed. */
  get installed() {
    return this.path('node_modules', '@live-chat', this.name);
  }

  /** Runs a script in it with this Node or another, and returns its output. */
  async run(script, env = {}, node = process.execPath) {
    const options = { cwd: this.folder, env: { PATH: process.env.PATH, ...env }, timeout: 30_000 };
    const { stdout } = await run(node, ['--input-type=module', '--eval', script], options);
    return stdout.trim();
  }

  remove() {
    return rm(this.folder, { recursive: true, force: true });
  }
}

/** A repository document's code blocks in this language. */
export async function examples(file, language) {
  const text = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
  return [...text.matchAll(new RegExp('```' + language + '\\n([^]*?)```', 'g'))].map(([, block]) => block);
}

/** The first of them. */
export const example = async (file, language) => (await examples(file, language))[0];
