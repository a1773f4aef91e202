// `node --test edge/` runs the code that CloudFront gets.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const source = readFileSync(new URL('./folders.js', import.meta.url), 'utf8');
const handler = new Function(`${source}; return handler;`)();

const asked = (uri, querystring = {}) => handler({ request: { method: 'GET', uri, querystring, headers: { host: { value: 'chat.example' } } } });

test('a folder is its page, as on the gateway', () => {
  for (const uri of ['/embed', '/embed/', '/embed/index.html']) assert.equal(asked(uri).uri, '/embed/index.html');
  for (const uri of ['/moderate', '/moderate/', '/moderate/index.html']) assert.equal(asked(uri).uri, '/moderate/index.html');
});

test('a file is itself', () => {
  for (const uri of ['/embed/v1.js', '/embed/v1.js.map', '/moderate/icon.svg']) assert.equal(asked(uri).uri, uri);
});

test('the query and the headers stay', () => {
  const { querystring, headers } = asked('/embed/', { theme: { value: 'dark' } });
  assert.deepEqual([querystring, headers], [{ theme: { value: 'dark' } }, { host: { value: 'chat.example' } }]);
});

test('the text has no placeholder, for CloudFormation fills in none', () => {
  assert.doesNotMatch(source, /\$\{/);
});
