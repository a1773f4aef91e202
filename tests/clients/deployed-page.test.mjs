// The changes that a deployment makes to the page: the character counter's limit, and the hosts of pictures. The workflow and the manual deploy by `./ops`.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = new URL('../../', import.meta.url);
const read = (file) => readFile(new URL(file, ROOT), 'utf8');

const WITH_SETTINGS = `
import pathlib, sys
from runbook.page import with_settings
sys.stdout.write(with_settings(pathlib.Path("web/dist/index.html").read_text(), {"MaxMessageLength": "4321", "PictureHosts": "a.example,b.example"}))
`;

test("a deployment writes the chat's limit and the hosts of pictures into the page, and changes nothing else", async () => {
  const before = await read('web/dist/index.html');
  const { stdout: now } = await run('python3', ['-Bc', WITH_SETTINGS], { cwd: fileURLToPath(ROOT) });
  const limited = before.replace('name="live-chat-max-message-length" content="1000"', 'name="live-chat-max-message-length" content="4321"');
  assert.equal(now, limited.replace('name="live-chat-picture-hosts" content=""', 'name="live-chat-picture-hosts" content="a.example,b.example"'));
  assert.notEqual(now, before);
});

test('it writes who may have the page for frames in one into that page', async () => {
  const before = await read('web/dist/embed/index.html');
  const script = WITH_SETTINGS.replace('web/dist/index.html', 'web/dist/embed/index.html').replace('"PictureHosts": "a.example,b.example"}', '"EmbedOrigins": "https://a.example,https://b.example"}, "embed/index.html"');
  const { stdout: now } = await run('python3', ['-Bc', script], { cwd: fileURLToPath(ROOT) });
  const limited = before.replace('name="live-chat-max-message-length" content="1000"', 'name="live-chat-max-message-length" content="4321"');
  assert.equal(now, limited.replace('name="live-chat-hosts" content=""', 'name="live-chat-hosts" content="https://a.example,https://b.example"'));
});

for (const file of ['.github/workflows/deploy.yml', 'docs/operations.md']) {
  test(`${file} has ops change the page, and nothing else`, async () => {
    const text = await read(file);
    assert.match(text, /\.\/ops deploy/);
    assert.doesNotMatch(text, /index\.html/);
  });
}
