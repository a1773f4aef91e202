// An application of web/react/test/apps in a folder of its own, in which the repository's packages are installed, built by Vite.

import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const web = (path) => fileURLToPath(new URL(`../../web/${path}`, import.meta.url));
/** What applications have from npm; `npm ci` in web/react installs it. */
const FROM_NPM = ['@types', 'react', 'react-dom', 'typescript', 'vite', 'vue'];

/** Vite's own functions. */
export const vite = () => import(web('react/node_modules/vite/dist/node/index.js'));

export class ViteApp {
  static async make(name) {
    const app = new ViteApp();
    app.folder = await mkdtemp(join(tmpdir(), 'live-chat-app-'));
    for (const part of [name, 'tsconfig.json', 'vite.config.ts']) {
      await cp(web(`react/test/apps/${part}`), part === name ? app.folder : app.path(part), { recursive: true });
    }
    await writeFile(app.path('package.json'), JSON.stringify({ name, private: true, type: 'module' }));
    await mkdir(app.path('node_modules', '@live-chat'), { recursive: true });
    for (const name of FROM_NPM) await symlink(web(`react/node_modules/${name}`), app.path('node_modules', name));
    for (const name of ['client', 'react']) await symlink(web(name), app.path('node_modules', '@live-chat', name));
    return app;
  }

  path(...names) {
    return join(this.folder, ...names);
  }

  /** Checks it as `tsc --strict` does. */
  check() {
    return this.#run('typescript/bin/tsc', ['--project', this.folder, '--strict']);
  }

  /** Builds it for a chat at this URL, by default for one on its own site. Rejects on a warning, too. */
  async build({ chatUrl = '', mode = 'production' } = {}) {
    const { stderr } = await this.#run('vite/bin/vite.js', ['build', '--mode', mode], { NODE_ENV: mode, VITE_CHAT_URL: chatUrl });
    if (stderr) throw new Error(stderr);
  }

  /** What the build made. */
  get built() {
    return this.path('dist');
  }

  remove() {
    return rm(this.folder, { recursive: true, force: true });
  }

  async #run(program, args, env) {
    try {
      return await run(process.execPath, [this.path('node_modules', program), ...args], { cwd: this.folder, env: { PATH: process.env.PATH, ...env }, timeout: 60_000 });
    } catch (error) {
      throw new Error(`${program}: ${error.stdout}${error.stderr}`);
    }
  }
}
