// docs/openapi.yaml and docs/asyncapi.yaml for the tests: finds nodes, and validates values against them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

export const read = (file) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
export const openapi = parse(read('docs/openapi.yaml'));
export const asyncapi = parse(read('docs/asyncapi.yaml'));
const documents = { 'openapi.yaml': openapi, 'asyncapi.yaml': asyncapi };
export const operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
);
export const channel = asyncapi.channels.session;
export const messages = asyncapi.components.messages;

export const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
addFormats(ajv);
// Ajv treats a whole document as a schema, in which it would reject these keywords.
ajv.addVocabulary([...new Set(Object.values(documents).flatMap(Object.keys))]);
for (const [file, document] of Object.entries(documents)) ajv.addSchema(document, file);

/** The node at a path of names in a document, and its URL, with every reference on the way followed. */
export function at(file, ...names) {
  let found = { address: `${file}#`, node: documents[file], file };
  for (const name of names) {
    const address = `${found.address}/${encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))}`;
    found = { ...found, address, node: found.node?.[name] };
    if (found.node?.$ref) found = follow(found.file, found.node.$ref);
  }
  return found;
}

export function follow(file, reference) {
  const [other, pointer] = reference.split('#');
  const names = pointer.split('/').slice(1);
  return at(other || file, ...names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~')));
}

export const validatorOf = ({ address }) => ajv.getSchema(address) ?? ajv.compile({ $ref: address });

export function fits(schema, value, what) {
  assert.ok(schema.node, `${what}: nothing is documented at ${schema.address}`);
  const validate = validatorOf(schema);
  assert.ok(validate(value), `${what} ${JSON.stringify(value)}: ${ajv.errorsText(validate.errors)}`);
}

/** Every node of a document with its path of names. */
function* nodes(node, names = []) {
  if (node === null || typeof node !== 'object') return;
  yield [node, names];
  for (const [name, child] of Object.entries(node)) yield* nodes(child, [...names, name]);
}
export const everything = Object.entries(documents).flatMap(([file, document]) =>
  [...nodes(document)].map(([node, names]) => ({ file, node, names })),
);
