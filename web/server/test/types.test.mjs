// The type declarations: they compile with Node's types and without, and they match the implementation.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

import * as server from '../src/index.js';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const DECLARATIONS = path('../src/index.d.ts');
const { ESNext, NodeNext } = ts.ModuleKind;
const { Bundler, Node10, NodeNext: ByNodeNext } = ts.ModuleResolutionKind;
const NODE_NEXT = { module: NodeNext, moduleResolution: ByNodeNext };

/** An application's folder, in which the package is installed. */
const application = mkdtempSync(join(tmpdir(), 'live-chat-types-'));
after(() => rmSync(application, { recursive: true, force: true }));
mkdirSync(join(application, 'node_modules', '@live-chat'), { recursive: true });
symlinkSync(path('..'), join(application, 'node_modules', '@live-chat', 'server'), 'dir');
writeFileSync(join(application, 'package.json'), '{"type":"module"}');
for (const name of ['types.ts', 'types-node.ts']) copyFileSync(path(name), join(application, name));

/** TypeScript's own files, which all programs share. */
const libraries = new Map();

/** As an application's `tsc --noEmit --strict` sees a file, with the package found by its name. */
function compile(name, { lib = ['es2022'], types = [], ...resolution }) {
  const options = {
    ...{ noEmit: true, strict: true, skipLibCheck: false, target: ts.ScriptTarget.ES2022 },
    ...{ lib: lib.map((one) => `lib.${one}.d.ts`), types, typeRoots: [path('../node_modules/@types')] },
    ...resolution,
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile;
  host.getSourceFile = (file, ...details) => {
    if (!file.startsWith(host.getDefaultLibLocation())) return read(file, ...details);
    if (!libraries.has(file)) libraries.set(file, read(file, ...details));
    return libraries.get(file);
  };
  return ts.createProgram([join(application, name)], options, host);
}

function assertCompiles(program, message) {
  const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => '/', getNewLine: () => '\n' };
  // The platform's own declarations are not ours to check.
  const files = program.getSourceFiles().filter(({ fileName }) => !/node_modules[/](typescript|@types|undici-types)[/]/.test(fileName));
  const found = files.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]);
  assert.ok(files.length >= 3, 'the sample and the declarations');
  assert.equal(ts.formatDiagnostics([...program.getOptionsDiagnostics(), ...found], host), '', message);
}

test('a server compiles with the types of Node, and without any', () => {
  assertCompiles(compile('types.ts', NODE_NEXT), 'without types');
  assertCompiles(compile('types-node.ts', { types: ['node'], ...NODE_NEXT }), 'with the types of Node');
});

test('other ways to resolve a module find the types', () => {
  for (const [module, moduleResolution] of [[ESNext, Bundler], [ESNext, Node10]]) {
    assertCompiles(compile('types.ts', { module, moduleResolution }), ts.ModuleResolutionKind[moduleResolution]);
  }
});

const program = compile('types.ts', NODE_NEXT);
const checker = program.getTypeChecker();
const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(DECLARATIONS)));

test('every declared value can be imported, and nothing else is exported', () => {
  const values = exported.filter(({ flags }) => flags & ts.SymbolFlags.Value).map(({ name }) => name);
  assert.deepEqual(values.sort(), Object.keys(server).sort());
});

test('every method is declared, and the other way round, and the sample uses it', () => {
  const type = checker.getDeclaredTypeOfSymbol(exported.find(({ name }) => name === 'LiveChatServer'));
  const declared = checker.getPropertiesOfType(type).map(({ name }) => name);
  const { LiveChatServer } = server;
  const own = Object.getOwnPropertyNames(LiveChatServer.prototype);
  const there = [...own, ...Object.getOwnPropertyNames(Object.getPrototypeOf(LiveChatServer.prototype))].filter((name) => name !== 'constructor');
  assert.deepEqual(declared.sort(), there.sort());
  const sample = readFileSync(path('types.ts'), 'utf8');
  assert.deepEqual(declared.filter((name) => !new RegExp(`chat\\.${name}[.(]`).test(sample)), []);
});
