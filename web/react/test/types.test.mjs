// The type declarations: they compile in an application, they match the implementation, and a sample uses all of them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

import * as implementation from '../src/index.js';
import { live } from './support.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const SAMPLE = path('types.ts');
const DECLARATIONS = path('../src/index.d.ts');

const { ESNext, NodeNext } = ts.ModuleKind;
const { Bundler, NodeNext: ByNodeNext } = ts.ModuleResolutionKind;

/** As `tsc --noEmit --strict` sees the sample, which finds the package by its own name. */
function compile({ lib, ...resolution }) {
  const options = { noEmit: true, strict: true, skipLibCheck: false, target: ts.ScriptTarget.ES2022, types: [], lib: lib.map((name) => `lib.${name}.d.ts`), ...resolution };
  return ts.createProgram([SAMPLE], options);
}

const ways = [
  ['a page, by its bundler', { lib: ['es2022', 'dom'], module: ESNext, moduleResolution: Bundler }],
  ['a server, by Node', { lib: ['es2022', 'dom'], module: NodeNext, moduleResolution: ByNodeNext }],
];
const [, inPage] = ways[0];
const program = compile(inPage);
const checker = program.getTypeChecker();
const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(DECLARATIONS)));
/** Names with which a component can read what a type has. */
const namesOf = (name) => checker.getDeclaredTypeOfSymbol(exported.find((symbol) => symbol.name === name)).getProperties().map((property) => property.name);

for (const [name, way] of ways) {
  test(`the sample compiles in ${name}`, () => {
    const host = { getCanonicalFileName: (file) => file, getCurrentDirectory: () => '/', getNewLine: () => '\n' };
    const found = compile(way);
    assert.ok(found.getSourceFile(DECLARATIONS), 'the declarations');
    assert.equal(ts.formatDiagnostics(ts.getPreEmitDiagnostics(found), host), '');
  });
}

test('every declared value can be imported, and nothing else is exported', () => {
  const values = exported.filter(({ flags }) => flags & ts.SymbolFlags.Value).map(({ name }) => name);
  assert.deepEqual(values.sort(), Object.keys(implementation).sort());
});

test('a component gets what is declared, and nothing else', async (t) => {
  const { mounted } = await live(t);
  assert.deepEqual(Object.keys(mounted.now).sort(), [...namesOf('ChatSnapshot'), ...namesOf('ChatActions')].sort());
});

test('the sample uses everything that a component gets', () => {
  const sample = readFileSync(SAMPLE, 'utf8');
  assert.deepEqual(namesOf('ChatSnapshot').filter((name) => !sample.includes(`view.${name}`)), []);
  assert.deepEqual(namesOf('ChatActions').filter((name) => !sample.includes(`${name}(`)), []);
});
