// The package as users get it, and its README.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { BareProject, examples } from '../../../tests/clients/package.mjs';

const LIMIT = { timeout: 60_000 };
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const packageFolder = (name) => dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)));
const USE = `
import { createElement } from 'react';
import { LiveChat, useLiveChat } from '@live-chat/react';
console.log(typeof createElement, typeof LiveChat, typeof useLiveChat);
`;

let project;
before(async () => {
  project = await BareProject.with('react', path('../../client'), packageFolder('react'));
});
after(() => project?.remove());

test('the package can be published as it is, and says where it comes from', async () => {
  const about = JSON.parse(await readFile(join(project.installed, 'package.json'), 'utf8'));
  assert.match(about.version, /^\d+\.\d+\.\d+$/);
  assert.deepEqual(about.publishConfig, { access: 'public' });
  const cargo = await readFile(path('../../../Cargo.toml'), 'utf8');
  const workspace = (field) => new RegExp(`^${field} = "(.*)"$`, 'm').exec(cargo)[1];
  assert.deepEqual(about.repository, { type: 'git', url: workspace('repository'), directory: 'web/react' });
  assert.equal(about.license, workspace('license'));
});

test('the package holds the hook, the component, their types, its licences, and nothing else', () => {
  for (const name of ['package.json', 'README.md', 'LICENSE-MIT', 'LICENSE-APACHE', 'src/index.js', 'src/index.d.ts']) {
    assert.ok(project.packed.includes(name), name);
  }
  assert.deepEqual(project.packed.filter((name) => /test|node_modules|lock|npmrc/.test(name)), []);
});

test('it asks for the client in the version beside it, and for nothing but React besides', async () => {
  const about = async (name) => JSON.parse(await readFile(path(`../${name}/package.json`), 'utf8'));
  const { dependencies, peerDependencies } = await about('.');
  assert.equal(dependencies, undefined);
  assert.deepEqual(peerDependencies, { '@live-chat/client': `^${(await about('../client')).version}`, react: '>=18' });
});

test('a bare project with React and the client can import it', LIMIT, async () => {
  assert.equal(await project.run(USE), 'function object function');
});

test('the examples of its README are the tested ones', async () => {
  const file = (name) => readFile(path(name), 'utf8');
  const [component, effect, element] = await examples('web/react/README.md', 'tsx');
  const [config, composable] = await examples('web/react/README.md', 'ts');
  assert.equal(component, await file('apps/react/chat.tsx'));
  assert.equal(element, await file('apps/react-element/chat.tsx'));
  assert.equal(config, await file('apps/vite.config.ts'));
  assert.equal(composable, await file('apps/vue/use-live-chat.ts'));
  const outdented = (await file('types.ts')).replaceAll(/^ {2}/gm, '');
  assert.ok(outdented.includes(effect));
});
