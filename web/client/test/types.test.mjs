// The type declarations: they compile, they match the implementation, and a sample uses all of them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

import * as client from '../src/index.js';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const SAMPLE = path('types.ts');
const DECLARATIONS = path('../src/index.d.ts');

/** As an application's `tsc --noEmit --strict` sees the sample, with the package found by its name. */
const program = ts.createProgram([SAMPLE], {
  noEmit: true,
  strict: true,
  skipLibCheck: false,
  allowUnreachableCode: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
});
const checker = program.getTypeChecker();
const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(DECLARATIONS)));
const membersOf = (name) => checker.getDeclaredTypeOfSymbol(exported.find((symbol) => symbol.name === name)).symbol.members;

test('an application in TypeScript compiles', () => {
  const diagnostics = ts.getPreEmitDiagnostics(program);
  const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => '/', getNewLine: () => '\n' };
  assert.equal(ts.formatDiagnostics(diagnostics, host), '');
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
