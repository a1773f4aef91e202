// The oldest React that the package supports passes the tests of the hook and of the component.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FILES = ['lifecycle', 'live-chat', 'own-messages', 'server-rendering', 'snapshots'];

/** Node with React 18 for React, in its child processes, too; not as a part of this test run. */
function withReact18(...args) {
  const { NODE_TEST_CONTEXT, ...others } = process.env;
  const env = { ...others, NODE_OPTIONS: `--import=${new URL('react-18/instead.mjs', import.meta.url)}` };
  return run(process.execPath, args, { cwd: fileURLToPath(new URL('.', import.meta.url)), env, timeout: 60_000 });
}

test('the tests of the hook and of the component pass with React 18', { timeout: 90_000 }, async () => {
  const { stdout: version } = await withReact18('--input-type=module', '--eval', "import { version } from 'react'; import dom from 'react-dom'; console.log(version, dom.version)");
  assert.equal(version, '18.3.1 18.3.1\n');
  const { stdout } = await withReact18('--test', '--test-reporter=tap', ...FILES.map((name) => `${name}.test.mjs`)).catch((failed) => failed);
  const count = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(stdout)?.[1]);
  assert.equal(count('fail'), 0, stdout);
  assert.ok(count('pass') >= 30, stdout);
});
