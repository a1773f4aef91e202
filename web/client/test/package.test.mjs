// The package as somebody else gets it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CLIENT = fileURLToPath(new URL('..', import.meta.url));

const USE = `
import { ChatError, LiveChat } from '@live-chat/client';
const chat = new LiveChat({ token: 'x', WebSocket: class {} });
console.log(chat.state, typeof chat.connect, new ChatError('code', 'text').code);
`;

test('a bare project can install the packed client without a network, and import it', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'live-chat-package-'));
  try {
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: CLIENT });
    const [{ filename, files }] = JSON.parse(stdout);
    const names = files.map(({ path }) => path);
    for (const name of ['package.json', 'README.md', 'LICENSE-MIT', 'LICENSE-APACHE', 'src/index.js', 'src/index.d.ts']) {
      assert.ok(names.includes(name), name);
    }
    assert.deepEqual(names.filter((name) => /test|node_modules|lock|npmrc/.test(name)), []);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'bare', private: true, type: 'module' }));
    await writeFile(join(folder, 'use.js'), USE);
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(folder, filename)], { cwd: folder });
    const used = await run(process.execPath, ['use.js'], { cwd: folder });
    assert.equal(used.stdout.trim(), 'ended function code');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
