// docs/openapi.yaml and docs/asyncapi.yaml themselves: they are valid and complete, and match the template.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

import { ajv, asyncapi, at, everything, fits, follow, messages, openapi, operations, read } from './documents.mjs';

test('openapi.yaml is an OpenAPI document', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(openapi));
  assert.ok(valid, JSON.stringify(errors));
});

test('asyncapi.yaml is an AsyncAPI document', () => {
  const schema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json');
  // The specification's own schema is in an older draft and uses keywords of its own.
  const older = new Ajv({ strict: false });
  addFormats(older);
  assert.ok(older.validate(schema, asyncapi), older.errorsText());
});

test('every reference leads somewhere, and every component is used', () => {
  const used = new Set();
  for (const { file, node, names } of everything.filter(({ node }) => typeof node.$ref === 'string')) {
    const target = follow(file, node.$ref);
    assert.ok(target.node, `${file} ${names.join('/')} refers to ${node.$ref}`);
    used.add(node.$ref.startsWith('#') ? file + node.$ref : node.$ref);
  }
  for (const { node, names } of everything.filter(({ names }) => names.at(-2) === 'links' && names.at(-4) === 'responses')) {
    assert.ok(operations.some(({ operationId }) => operationId === node.operationId), names.join('/'));
  }
  for (const { file, names } of everything.filter(({ names }) => names.length === 3 && names[0] === 'components')) {
    if (names[1] === 'securitySchemes' && file === 'openapi.yaml') continue;
    assert.ok(used.has(`${file}#/${names.join('/')}`), `${file} uses ${names.join('/')}`);
  }
});

test('no word lost its value', () => {
  // In YAML's braces, a comma ends a text, and the rest becomes a key without a value.
  for (const { file, node, names } of everything.filter(({ names }) => !names.includes('examples'))) {
    for (const [word, value] of Object.entries(node)) assert.notEqual(value, null, `${file} ${names.join('/')} ${word}`);
  }
});

/** Fields that are not in every object, by schema. `mine=true` asks for `user_liked`; `events` is absent where there are none. */
const STANDING = ['state', 'until', 'explanation', 'automated', 'reference', 'appeal_url'];
const OPTIONAL = {
  MessagePage: ['events'],
  ResumedFrame: ['events'],
  AckFrame: ['status', 'held_id'],
  ErrorFrame: ['client_message_id', 'retry_after_ms', ...STANDING],
  PongFrame: ['pins_version', 'reactions', 'polls_version', 'draw_version'],
  Poll: ['my_vote'],
  Draw: ['poll_id', 'winner_names'],
  Problem: STANDING,
  Message: ['is_moderator', 'resembles_staff', 'attributes', 'shadowed', 'reply_to', 'mentions', 'color', 'answered', 'truncated'],
  PageMessage: ['is_moderator', 'resembles_staff', 'attributes', 'shadowed', 'reply_to', 'mentions', 'color', 'answered', 'user_liked'],
  HeldMessage: ['reply_to', 'mentions'],
  'Entry.properties.target': ['user_id', 'username', 'message_ids', 'held_id', 'note'],
  'Card.properties.sanctions.items': ['session_id'],
  StatusOfSession: ['standing', 'capabilities'],
  StatusClosed: ['standing', 'capabilities'],
  StatusDisabled: ['standing', 'capabilities'],
  StatusElsewhere: ['standing', 'capabilities'],
  'Sanctions.properties.sanctions.items': ['session_id'],
  Term: ['explanation'],
  Entry: ['via'],
};

test('every schema compiles, and every object that the chat makes is closed', () => {
  const theirs = ['SendMessage', 'MessageFrame', 'PingFrame', 'ResumeFrame', 'Action', 'ModesChange', 'PresetsChange', 'TermsToPut', 'TextToTest', 'ReportRequest', 'ReportMessage', 'NewSession', 'SessionChange', 'SessionEnd', 'ActingFor', 'Announce', 'SendEvent', 'StartPoll', 'CastVote', 'StartDraw', 'Redraw', 'React', 'ReactFrame', 'MarkAnswered'];
  for (const { file, names, node } of everything.filter(({ names }) => names[0] === 'components' && names[1] === 'schemas')) {
    if (names.length === 3) assert.ok(ajv.compile({ $ref: at(file, ...names).address }));
    // An object without properties of its own is open: attributes, or an entry of the log in a notice.
    if (node.type !== 'object' || !node.properties || theirs.includes(names[2])) continue;
    assert.equal(node.additionalProperties, false, `${file} ${names.join('/')}`);
    const place = names.slice(2).join('.');
    const optional = Object.keys(node.properties).filter((name) => !(node.required ?? []).includes(name));
    assert.deepEqual(optional, OPTIONAL[place] ?? [], place);
  }
});

test('every example fits its schema, and every body and every message has one', () => {
  let examples = 0;
  for (const { file, node, names } of everything) {
    const own = node.schema ? Object.values(node.examples ?? {}).map(({ value }) => value) : [];
    if (node.schema && node.example !== undefined) own.push(node.example);
    for (const value of own) fits(at(file, ...names, 'schema'), value, names.join('/'));
    const inSchema = names[1] === 'schemas' && Array.isArray(node.examples) ? node.examples : [];
    for (const value of inSchema) fits(at(file, ...names), value, names.join('/'));
    if (names.at(-2) === 'content') assert.ok(own.length > 0, names.join('/'));
    examples += own.length + inSchema.length;
  }
  for (const [name, message] of Object.entries(messages)) {
    assert.ok(message.examples.length > 0, name);
    for (const { payload } of message.examples) fits(at('asyncapi.yaml', 'components', 'messages', name, 'payload'), payload, name);
    examples += message.examples.length;
  }
  assert.ok(examples > 50, `${examples} examples`);
});

test('the operations are the functions and routes of the template', () => {
  // CloudFormation's own tags do not matter here.
  const { Resources: resources } = parse(read('template.yaml'), { logLevel: 'silent' });
  const functions = Object.values(resources).filter((resource) => resource.Type === 'AWS::Serverless::Function');
  const routes = functions.flatMap(({ Properties }) =>
    Object.values(Properties.Events ?? {})
      .filter((event) => event.Type === 'HttpApi')
      .map((event) => `${event.Properties.Method} ${event.Properties.Path}`),
  );
  assert.deepEqual(operations.map(({ method, path }) => `${method} ${path}`).sort(), routes.sort());
  const names = functions.map(({ Metadata }) => Metadata.BuildProperties.Binary);
  // A function with several routes is named as the first of them, or by what they have in common.
  const servesHttp = ({ Properties }) => Object.values(Properties.Events ?? {}).some((event) => event.Type === 'HttpApi');
  const ids = operations.map(({ operationId }) => operationId);
  assert.deepEqual(functions.filter(servesHttp).map(({ Metadata }) => Metadata.BuildProperties.Binary).filter((name) => !ids.includes(name)), ['engage', 'moderate']);
  assert.deepEqual(Object.keys(asyncapi.operations).filter((name) => !names.includes(name)), []);
});
