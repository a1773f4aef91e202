// The package as users get it, in Node. tests/clients/package.test.mjs tests it in a page.

import assert from 'node:assert/strict';
import { readFile, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { Gateway } from '../../../tests/clients/gateway.mjs';
import { BareProject, example } from '../../../tests/clients/package.mjs';

const LIMIT = { timeout: 60_000 };
const USE = `
import { ChatError, LiveChat } from '@live-chat/client';
const chat = new LiveChat({ token: 'x', WebSocket: class {} });
console.log(chat.state, typeof chat.connect, new ChatError('code', 'text').code);
`;
/** The parts that the README's example leaves to its reader: a token, and a WebSocket if Node has none. */
const BEFORE = `
import WebSocket from 'ws';
globalThis.WebSocket ??= WebSocket;
globalThis.fetchMyToken = async () => process.env.TOKEN;
`;
/** Exits once both messages have arrived. */
const AFTER = `
while (chat.messages.size < 2) await new Promise((resolve) => chat.addEventListener('message', resolve, { once: true }));
chat.close();
`;

let project;
let gateway;

before(async () => {
  project = await BareProject.make(dirname(createRequire(import.meta.url).resolve('ws/package.json')));
  gateway = await Gateway.start();
});
after(async () => {
  await gateway?.stop();
  await project?.remove();
});

test('the package can be published as it is, and says where it comes from', async () => {
  const { name, version, license, repository, publishConfig } = JSON.parse(await readFile(join(project.installed, 'package.json'), 'utf8'));
  assert.match(name, /^@live-chat\/client$/);
  assert.match(version, /^\d+\.\d+\.\d+$/);
  // A scoped package is private unless it says otherwise.
  assert.deepEqual(publishConfig, { access: 'public' });
  const cargo = await readFile(new URL('../../../Cargo.toml', import.meta.url), 'utf8');
  const workspace = (field) => new RegExp(`^${field} = "(.*)"$`, 'm').exec(cargo)[1];
  assert.deepEqual(repository, { type: 'git', url: workspace('repository'), directory: 'web/client' });
  assert.equal(license, workspace('license'));
});

test('the package holds the client, its types, its licences, and nothing else', () => {
  const names = project.packed;
  for (const name of ['package.json', 'README.md', 'LICENSE-MIT', 'LICENSE-APACHE', 'src/index.js', 'src/index.d.ts']) {
    assert.ok(names.includes(name), name);
  }
  assert.deepEqual(names.filter((name) => /test|node_modules|lock|npmrc/.test(name)), []);
});

test('its package.json can be required and imported, for tools that read the version', LIMIT, async () => {
  const required = `
    import { createRequire } from 'node:module';
    const file = createRequire(process.cwd() + '/')
    console.log(file('@live-chat/client/package.json').version, file.resolve('@live-chat/client/package.json'));`;
  const installed = join(project.installed, 'package.json');
  const { version } = JSON.parse(await readFile(installed, 'utf8'));
  assert.equal(await project.run(required), `${version} ${await realpath(installed)}`);
  const imported = `
    const { default: about } = await import('@live-chat/client/package.json', { with: { type: 'json' } });
    console.log(about.version);`;
  assert.equal(await project.run(imported), version);
});

test('a bare project that installed it without a network can import it', LIMIT, async () => {
  assert.equal(await project.run(USE), 'ended function code');
});

test('the example of its README chats from there', LIMIT, async () => {
  const script = (await example('web/client/README.md', 'js')).replace('http://localhost:8000', gateway.url);
  const chat = async (name) => project.run(BEFORE + script + AFTER, { TOKEN: await gateway.token(name.toLowerCase(), name) });
  const [anns, bobs] = await Promise.all([chat('Ann'), chat('Bob')]);
  assert.deepEqual(anns.split('\n').sort(), ['Ann: Hello!', 'Bob: Hello!']);
  assert.equal(anns, bobs, 'both heard them in the same order');
});
