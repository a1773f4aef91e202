// The type declarations: they compile on every platform, they match the implementation, and a sample uses all of them.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

import * as client from '../src/index.js';
import { ReplayChat } from '../src/replay.js';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const SAMPLE = path('types.ts');
const DECLARATIONS = path('../src/index.d.ts');

const { ESNext, Node16, NodeNext } = ts.ModuleKind;
const { Bundler, Node10, Node16: ByNode16, NodeNext: ByNodeNext } = ts.ModuleResolutionKind;
const NODE_NEXT = { module: NodeNext, moduleResolution: ByNodeNext };
const DOM = ['es2022', 'dom', 'dom.iterable'];

/** An application's folder, in which the package is installed. */
const application = mkdtempSync(join(tmpdir(), 'live-chat-types-'));
after(() => rmSync(application, { recursive: true, force: true }));
mkdirSync(join(application, 'node_modules', '@live-chat'), { recursive: true });
symlinkSync(path('..'), join(application, 'node_modules', '@live-chat', 'client'), 'dir');
writeFileSync(join(application, 'package.json'), '{"type":"module"}');
for (const name of ['types.ts', 'types-anywhere.ts', 'types-replay.ts', 'types-node.ts', 'types-socket.ts']) copyFileSync(path(name), join(application, name));

/** TypeScript's own files, which all programs share. */
const libraries = new Map();

/** As an application's `tsc --noEmit --strict` sees a file, with the package found by its name. */
function compile(file, { lib, types = [], ...resolution }) {
  const options = {
    ...{ noEmit: true, strict: true, skipLibCheck: false, target: ts.ScriptTarget.ES2022 },
    ...{ lib: lib.map((name) => `lib.${name}.d.ts`), types, typeRoots: [path('../node_modules/@types')] },
    ...resolution,
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile;
  host.getSourceFile = (name, ...details) => {
    if (!name.startsWith(host.getDefaultLibLocation())) return read(name, ...details);
    if (!libraries.has(name)) libraries.set(name, read(name, ...details));
    return libraries.get(name);
  };
  return ts.createProgram([file], options, host);
}

function assertCompiles(program, message) {
  const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => '/', getNewLine: () => '\n' };
  // The platforms' own declarations are not ours to check.
  const files = program.getSourceFiles().filter(({ fileName }) => !/node_modules[/](typescript|@types|undici-types)[/]/.test(fileName));
  const found = files.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]);
  assert.ok(files.length >= 2, 'the sample and the declarations');
  assert.equal(ts.formatDiagnostics([...program.getOptionsDiagnostics(), ...found], host), '', message);
}

const program = compile(SAMPLE, { lib: DOM, ...NODE_NEXT });
const checker = program.getTypeChecker();
const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(DECLARATIONS)));
const membersOf = (name) => checker.getDeclaredTypeOfSymbol(exported.find((symbol) => symbol.name === name)).symbol.members;

test('a page in TypeScript compiles', () => assertCompiles(program));

test('an application compiles with the types of any platform, or of none', () => {
  const platforms = [
    ['types-anywhere.ts', { lib: ['es2015'] }],
    ['types-anywhere.ts', { lib: ['es2022'] }],
    ['types-anywhere.ts', { lib: DOM }],
    ['types-anywhere.ts', { lib: ['es2022', 'webworker'] }],
    ['types-replay.ts', { lib: ['es2022', 'webworker'] }],
    ['types-replay.ts', { lib: DOM }],
    ['types-node.ts', { lib: ['es2022'], types: ['node'] }],
    ['types-node.ts', { lib: DOM, types: ['node'] }],
  ];
  for (const [name, platform] of platforms) {
    assertCompiles(compile(join(application, name), { ...platform, ...NODE_NEXT }), `${name} with ${JSON.stringify(platform)}`);
  }
});

test('every way to resolve a module finds the types', () => {
  const ways = [[Node16, ByNode16], [NodeNext, ByNodeNext], [ESNext, Bundler], [ESNext, Node10]];
  for (const [module, moduleResolution] of ways) {
    const found = compile(join(application, 'types-anywhere.ts'), { lib: ['es2022'], module, moduleResolution });
    assertCompiles(found, ts.ModuleResolutionKind[moduleResolution]);
    assert.ok(found.getSourceFile(DECLARATIONS), ts.ModuleResolutionKind[moduleResolution]);
  }
});

test('every declared value can be imported, and nothing else is exported', () => {
  const values = exported.filter(({ flags }) => flags & ts.SymbolFlags.Value).map(({ name }) => name);
  assert.deepEqual(values.sort(), Object.keys(client).sort());
});

test('every method and property of the class is declared, and the other way round', () => {
  const inherited = ['addEventListener', 'removeEventListener', '__constructor'];
  const declared = [...membersOf('LiveChat').keys()].filter((name) => !inherited.includes(name));
  const there = Object.getOwnPropertyNames(client.LiveChat.prototype).filter((name) => name !== 'constructor');
  assert.deepEqual(declared.sort(), there.sort());
});

test('every method and property of a replay is declared', () => {
  const declarations = readFileSync(path('../src/replay.d.ts'), 'utf8').split('export class ReplayChat')[1];
  const there = Object.getOwnPropertyNames(ReplayChat.prototype).filter((name) => name !== 'constructor');
  assert.deepEqual(there.filter((name) => !new RegExp(`\\b${name}\\b`).test(declarations)), []);
});

test('the sample uses every method, property, event and option', () => {
  const sample = readFileSync(SAMPLE, 'utf8');
  const uses = {
    LiveChat: (name) => name === '__constructor' || sample.includes(`chat.${name}`) || sample.includes(`.${name}()`),
    ChatEvents: (name) => sample.includes(`addEventListener('${name}'`),
    LiveChatOptions: (name) => new RegExp(`^  ${name}[:,]`, 'm').test(sample),
  };
  for (const [type, isUsed] of Object.entries(uses)) {
    const members = [...membersOf(type).keys()];
    assert.ok(members.length > 5, type);
    assert.deepEqual(members.filter((name) => !isUsed(name)), [], type);
  }
});
