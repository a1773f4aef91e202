// A page of another origin and the ports of a developer's machine: it reads nothing through any of them, and changes nothing.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Gateway } from './gateway.mjs';

let gateway, browser, evil, page, addresses;

before(async () => {
  gateway = await Gateway.start({ options: ['--internal-ports'] });
  const lines = (await readFile(join(gateway.data, 'aws.env'), 'utf8')).trim().split('\n');
  const variables = Object.fromEntries(lines.map((line) => line.split('=', 2)));
  addresses = { database: variables.AWS_ENDPOINT_URL_DYNAMODB, internal: variables.AWS_ENDPOINT_URL_LAMBDA };
  evil = createServer((request, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><title>evil</title>'));
  evil.listen(0, '127.0.0.1');
  await once(evil, 'listening');
  browser = await launch();
  page = await browser.newPage();
  await page.goto(`http://localhost:${evil.address().port}/`);
});

after(async () => {
  await browser?.close();
  evil?.close();
  await gateway?.stop();
});

/** What each door was asked for, as far as a page can write it. */
const attacks = () => [
  { url: `${addresses.database}/`, method: 'POST', headers: { 'x-amz-target': 'DynamoDB_20120810.Scan' }, body: '{"TableName":"live-chat-chat"}' },
  { url: `${addresses.database}/`, method: 'GET' },
  { url: `${addresses.internal}/2015-03-31/functions/send-message/invocations`, method: 'POST', body: '{}' },
  { url: `${addresses.internal}/live/@connections/AAAAAAAAAAAAAAA=`, method: 'POST', body: 'forged' },
  { url: `${addresses.internal}/live/@connections/AAAAAAAAAAAAAAA=`, method: 'DELETE' },
  { url: `${gateway.url}/dev/token`, method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Eve"}' },
];

/** The answers that the browser got while this ran, whether or not the page may see them. */
async function seen(act) {
  const responses = [];
  const note = (response) => responses.push(response);
  page.on('response', note);
  const result = await act();
  page.off('response', note);
  return { result, responses };
}

/** All of them are refusals, and none allows the page to read it. */
function areRefusals(responses, what) {
  for (const response of responses) {
    assert.ok([400, 403, 404, 405, 415].includes(response.status()), `${what}: ${response.status()}`);
    const open = Object.keys(response.headers()).filter((name) => name.startsWith('access-control-'));
    assert.deepEqual(open, [], what);
  }
}

test('a page of another origin can read no door, whatever it sends', async () => {
  assert.equal(await page.evaluate(() => fetch('/').then((answer) => answer.status)), 200, 'it can read its own');
  for (const { url, ...request } of attacks()) {
    const read = ([url, request]) => fetch(url, request).then((answer) => `read ${answer.status}`, (error) => error.name);
    const { result, responses } = await seen(() => page.evaluate(read, [url, request]));
    assert.equal(result, 'TypeError', `${request.method} ${url}`);
    areRefusals(responses, `${request.method} ${url}`);
  }
});

test('what a page may send without being asked is refused', async () => {
  for (const { url, body } of attacks().filter(({ method }) => method === 'POST')) {
    const post = ([url, body]) => fetch(url, { method: 'POST', mode: 'no-cors', body }).then((answer) => answer.type);
    const blind = await seen(() => page.evaluate(post, [url, body]));
    assert.equal(blind.result, 'opaque', url);
    assert.equal(blind.responses.length, 1, url);
    areRefusals(blind.responses, url);

    const form = await browser.newPage();
    await form.goto(page.url());
    const submit = ([url, body]) => {
      const form = Object.assign(document.createElement('form'), { method: 'POST', action: url, enctype: 'text/plain' });
      form.append(Object.assign(document.createElement('input'), { name: body, value: '' }));
      document.body.append(form);
      form.submit();
    };
    const answered = form.waitForResponse((response) => response.url() === url);
    await form.evaluate(submit, [url, body]);
    areRefusals([await answered], `a form to ${url}`);
    await form.close();
  }
});

test('a page gets no socket of an internal port', async () => {
  const connect = (url) => new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.onopen = () => resolve('open');
    socket.onclose = () => resolve('closed');
  });
  for (const address of Object.values(addresses)) {
    for (const path of ['/', '/live', '/live?token=x']) {
      assert.equal(await page.evaluate(connect, `${address.replace('http', 'ws')}${path}`), 'closed', path);
    }
  }
});

test('the key stands where its owner alone can read it', async () => {
  const modes = await Promise.all([gateway.data, join(gateway.data, 'aws.env')].map(async (path) => (await stat(path)).mode & 0o777));
  assert.deepEqual(modes, [0o700, 0o600]);
});
