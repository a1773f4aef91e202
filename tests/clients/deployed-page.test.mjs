// The change that a deployment makes to the page: the character counter's limit. The commands are those of the workflow and the manual.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = new URL('../../', import.meta.url);
const read = (file) => readFile(new URL(file, ROOT), 'utf8');

for (const file of ['.github/workflows/deploy.yml', 'docs/operations.md']) {
  test(`${file} writes the chat's limit into the page, and changes nothing else`, async () => {
    const [command, ...others] = (await read(file)).match(/^ *sed .*index\.html$/gm);
    assert.deepEqual(others, []);
    const folder = await mkdtemp(join(tmpdir(), 'page-'));
    try {
      await cp(new URL('web/index.html', ROOT), join(folder, 'web/index.html'));
      await run('bash', ['-euc', command], { cwd: folder, env: { PATH: process.env.PATH, LONGEST: '4321' } });
      const [before, now] = [await read('web/index.html'), await readFile(join(folder, 'web/index.html'), 'utf8')];
      assert.equal(now, before.replace('name="live-chat-max-message-length" content="1000"', 'name="live-chat-max-message-length" content="4321"'));
      assert.notEqual(now, before);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}
