// Every shell line of the guide, unmodified except for the token. A curl configuration maps localhost:8000 to the gateway's port.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Gateway } from './gateway.mjs';
import { commands, frame, withToken } from './guide.mjs';

const run = promisify(execFile);
const WSCAT = fileURLToPath(new URL('node_modules/wscat/bin/wscat', import.meta.url));
const LIMIT_MS = 20_000;

let gateway;
let token;

before(async () => {
  gateway = await Gateway.start();
  token = await gateway.token('alice', 'Alice');
  const settings = `connect-to = "localhost:8000:localhost:${gateway.port}"\nwrite-out = "\\n%{http_code}"\nsilent\n`;
  await writeFile(join(gateway.data, '.curlrc'), settings);
});
after(() => gateway.stop());

const fields = {
  status: ['enabled', 'is_active', 'session'],
  viewers: ['session_id', 'session_name', 'viewer_count'],
  likes: ['session_id', 'session_name', 'total_likes'],
  stats: ['is_active', 'recent_messages', 'total_messages', 'viewer_count'],
  like: ['already_liked', 'message', 'total_likes'],
  'send-message': ['created_at', 'message', 'message_id'],
};

const curls = commands.filter((line) => line.startsWith('curl'));
test('the guide has curl lines for all that it documents', () => assert.equal(curls.length, 15));

for (const [index, line] of curls.entries()) {
  const call = /live-chat\/([^" ]+)/.exec(line)[1];
  test(`curl ${index + 1}: ${call}`, async () => {
    const env = { PATH: process.env.PATH, CURL_HOME: gateway.data };
    const { stdout } = await run('bash', ['-c', withToken(line, token)], { env, timeout: LIMIT_MS });
    const [, body, status] = /^([^]*)\n(\d+)$/.exec(stdout);
    const answer = JSON.parse(body);
    if (call === 'like-message/123') {
      // The guide's example id; ids of this system contain their session, and there is no message 123.
      assert.deepEqual([status, answer.code], ['404', 'not_found']);
      return;
    }
    assert.equal(status, '200', body);
    for (const field of fields[call]) assert.ok(field in answer, `${field} in ${body}`);
  });
}

test('wscat connects, sends the frame of the guide and reads the answer and the echo', async () => {
  const line = commands.find((command) => command.startsWith('wscat'));
  const address = withToken(/"(.*)"/.exec(line)[1], token).replace(':8000', `:${gateway.port}`);
  // wscat only writes to a terminal: `script` provides one.
  const wscat = spawn('script', ['-qefc', `'${process.execPath}' '${WSCAT}' -c '${address}'`, '/dev/null'], { timeout: LIMIT_MS });
  let output = '';
  let told = false;
  for await (const chunk of wscat.stdout) {
    output += chunk;
    if (!told && output.includes('Connected')) {
      told = true;
      wscat.stdin.write(`${frame}\n`);
    }
    if (output.includes('"ack"') && output.includes('new_message')) break;
  }
  wscat.kill();
  assert.match(output, /"type":"ack"/);
  assert.match(output, /"message":"Hello everyone!"/);
});
