// The package as users get it, and the snippets of its README and of docs/server.md, as they stand there but for the address.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { Gateway, PROGRAM } from '../../../tests/clients/gateway.mjs';
import { BareProject, example, examples } from '../../../tests/clients/package.mjs';
import { partsOf, SECRET, SERVICE_SECRET } from './support.mjs';

const LIMIT = { timeout: 60_000 };
const run = promisify(execFile);
const read = (path) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
let project;
let gateway;
before(async () => {
  project = await BareProject.with('server');
  gateway = await Gateway.start({ settings: { JWT_SECRET: SECRET, LIVE_CHAT_SERVICE_SECRET: SERVICE_SECRET } });
});
after(async () => {
  await gateway?.stop();
  await project?.remove();
});

test('the package can be published as it is, needs no other, and says where it comes from', async () => {
  const about = JSON.parse(await readFile(join(project.installed, 'package.json'), 'utf8'));
  const client = JSON.parse(await read('client/package.json'));
  assert.equal(about.name, '@live-chat/server');
  assert.equal(about.dependencies, undefined);
  assert.deepEqual(about.repository, { ...client.repository, directory: 'web/server' });
  for (const field of ['license', 'publishConfig', 'engines', 'type']) assert.deepEqual(about[field], client[field], field);
});

test('the package holds its sources, its types, its licences, and nothing else', () => {
  const names = project.packed;
  for (const name of ['package.json', 'README.md', 'LICENSE-MIT', 'LICENSE-APACHE', 'src/index.js', 'src/index.d.ts', 'src/moderation.d.ts', 'src/sessions.d.ts']) {
    assert.ok(names.includes(name), name);
  }
  assert.deepEqual(names.filter((name) => /test|node_modules|lock|npmrc/.test(name)), []);
});

test('the example of its README bans, from a project that installed it without a network', LIMIT, async () => {
  const script = (await example('web/server/README.md', 'js')).replace('http://localhost:8000', gateway.url);
  assert.match(await project.run(script, { LIVE_CHAT_SERVICE_SECRET: SERVICE_SECRET }), /^bob is banned, see [0-9a-z]{26}$/);
});

test('what the client has, too, is the same byte for byte', async () => {
  for (const file of ['src/moderation.js', 'src/moderation.d.ts', 'src/sessions.js', 'src/sessions.d.ts']) assert.equal(await read(`server/${file}`), await read(`client/${file}`), file);
});

test('three lines of a shell ban a user, once', LIMIT, async () => {
  const [, lines] = await examples('docs/server.md', 'sh');
  const script = lines.replace('cargo run -q --', '"$GATEWAY"').replace('http://localhost:8000', gateway.url).replace('curl ', 'curl -s ');
  const env = { PATH: process.env.PATH, GATEWAY: PROGRAM, LIVE_CHAT_SERVICE_SECRET: SERVICE_SECRET };
  const answers = [];
  for (const _ of ['the first time', 'again']) answers.push(JSON.parse((await run('bash', ['-euc', script], { env })).stdout));
  assert.deepEqual([answers[0].action, answers[0].target.user_id, answers[0].actor.user_id], ['ban', 'bob', 'billing']);
  assert.equal(answers[1].id, answers[0].id);
});

test('three lines of Node do, too', LIMIT, async () => {
  const [script] = await examples('docs/server.md', 'js');
  const told = await project.run(script.replace('http://localhost:8000', gateway.url), { LIVE_CHAT_SERVICE_SECRET: SERVICE_SECRET });
  assert.match(told, /user_id: 'carl'/);
});

test("the application's route answers with a token that the chat takes", LIMIT, async () => {
  await writeFile(project.path('users.js'), "export const userOf = () => ({ id: 'ann', name: 'Ann', isModerator: true });");
  const [, script] = await examples('docs/server.md', 'js');
  const ask = "console.log(await (await fetch('http://localhost:' + this.address().port + '/my-token')).text()); this.close();";
  const token = await project.run(script.replace('listen(3000)', `listen(0, async function () { ${ask} })`), { JWT_SECRET: SECRET });
  assert.deepEqual(partsOf(token).claims.roles, ['moderator']);
  const log = await fetch(`${gateway.url}/live-chat/moderation/actions`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(log.status, 200);
});
