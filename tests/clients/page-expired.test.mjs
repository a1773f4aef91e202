// A visitor whose token has expired or is refused, on this machine and in the cloud.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { focused, isAccessibleInBoth, isLive, noFaults, open, openFrom, say } from './page.mjs';
import { inCloud, stubStage, until } from './page-stub.mjs';
import { refusal, stubToken } from './stub-chat.mjs';

const on = stubStage();
const EXPIRED = { type: 'error', code: 'token_expired', message: 'The token has expired' };
const devToken = (jti) => () => ({ token: stubToken('dev-1', { jti }), user_id: 'dev-1' });
const isAtEntrance = (page, text) => page.locator('#enter:not([hidden]) #enter-error').getByText(text, { exact: true }).waitFor();

async function enterByName(page) {
  await page.fill('#name', 'Ann');
  await page.click('#enter [type=submit]');
  await isLive(page);
}

/** One text that gets no response, and one that is still being written. */
async function write(stub, page) {
  stub.frames = { message: () => undefined };
  await say(page, 'not answered');
  await page.locator('#pending').getByText('not answered').waitFor();
  await page.fill('#text', 'half a thought');
}

test('on this machine, a visitor whose token has expired enters with a name again, and goes on writing', async () => {
  for (const [locale, text] of [['en-US', 'Your access has expired.'], ['es-MX', 'Tu acceso ha caducado.']]) {
    const stub = await on.chat(1);
    stub.devToken = devToken();
    const page = await on.come(stub, { locale });
    await write(stub, page);
    stub.tell(EXPIRED);
    await isAtEntrance(page, text);
    assert.equal(await focused(page), 'name');
    assert.equal(await page.locator('#banner').textContent(), '');
    for (const part of ['#composer', '#room', '#token']) assert.equal(await page.locator(part).isVisible(), false, part);
    await isAccessibleInBoth(page, 'expired');
    await enterByName(page);
    assert.equal(await page.inputValue('#text'), 'not answered\nhalf a thought');
    assert.equal(await page.locator('#pending li').count(), 0);
    noFaults(page);
    await page.context().close();
  }
});

test('stored messages need not be written again', async () => {
  const stub = await on.chat(1);
  const page = await on.come(stub);
  await write(stub, page);
  stub.frames = { message: ({ client_message_id }) => ({ type: 'ack', client_message_id, message_id: 100_000_002, created_at: '', duplicate: false }) };
  for (const socket of stub.sockets) socket.terminate();
  await page.waitForSelector('#pending .stored');
  stub.frames = { message: () => undefined };
  await say(page, 'on its way');
  await page.locator('#pending').getByText('on its way').waitFor();
  stub.tell(EXPIRED);
  await isAtEntrance(page, 'Your access has expired.');
  assert.equal(await page.inputValue('#text'), 'on its way');
});

test('a visitor whose token is refused on reconnecting returns to the entrance, too', async () => {
  const stub = await on.chat(1);
  stub.answers = { 'POST ticket': () => ({ ticket: 'one', expires_in: 30 }) };
  const page = await on.come(stub);
  stub.answers = { 'POST ticket': () => refusal(401, 'unauthorized') };
  await page.fill('#text', 'half a thought');
  for (const socket of stub.sockets) socket.terminate();
  await isAtEntrance(page, 'Your access has expired.');
  assert.equal(await page.inputValue('#text'), 'half a thought');
});

test('a visitor who entered with a name gets the next token automatically; if names no longer work, the entrance says so', async () => {
  const stub = await on.chat(1);
  stub.devToken = devToken(1);
  const page = await open(on.browser, stub.url);
  await enterByName(page);
  stub.devToken = devToken(2);
  stub.tell(EXPIRED);
  await until(page, () => stub.bearers.at(-1) === devToken(2)().token);
  await isLive(page);

  stub.devToken = undefined;
  await write(stub, page);
  stub.tell(EXPIRED);
  for (const socket of stub.sockets) socket.terminate();
  await isAtEntrance(page, 'Names cannot be chosen here. Please paste an access token.');
  assert.equal(await focused(page), 'token');
  await page.fill('#token', stubToken('reader'));
  await page.click('#enter [type=submit]');
  await isLive(page);
  assert.equal(await page.inputValue('#text'), 'not answered\nhalf a thought');
  noFaults(page);
});

test('in the cloud, a visitor who pasted a token is asked for another one', async () => {
  const stub = await on.chat(1);
  const page = await open(on.browser, `${inCloud(stub)}/#token=${stubToken('reader')}`);
  await isLive(page);
  stub.tell(EXPIRED);
  await isAtEntrance(page, 'This token has expired. Please get another one.');
  assert.equal(await focused(page), 'token');
});

/** A page of another origin that opens the chat with a first token in the URL, and may or may not answer requests for more. */
async function application(stub, { token, url = stub.url }) {
  stub.hosts = stub.url.replace('localhost', '127.0.0.1');
  const host = await on.open({ url: stub.hosts }, { query: 'icon.svg', token: '' });
  await host.evaluate(() => {
    globalThis.asked = 0;
    addEventListener('message', ({ data, origin, source }) => {
      if (data.type !== 'live-chat-token-needed') return;
      globalThis.asked += 1;
      if (globalThis.token) source.postMessage({ type: 'live-chat-token', token: globalThis.token }, origin);
    });
  });
  return { host, page: await openFrom(host, `${url}/${token ? `#token=${token}` : ''}`) };
}

test('an application of an origin that the page names gives a token, and another one when that has expired', async () => {
  const stub = await on.chat(1);
  const [first, second] = [stubToken('guest', { jti: 1 }), stubToken('guest', { jti: 2 })];
  const { host, page } = await application(stub, {});
  await page.locator('#loading').getByText('Connecting…').waitFor();
  await host.evaluate((token) => {
    globalThis.token = token;
    globalThis.chat.postMessage({ type: 'live-chat-token', token }, '*');
  }, first);
  await isLive(page);
  assert.equal(stub.bearers.at(-1), first);
  await host.evaluate((token) => (globalThis.token = token), second);
  const asked = await host.evaluate(() => globalThis.asked);
  stub.tell({ type: 'error', code: 'token_expired', message: 'The token has expired' });
  await until(page, () => stub.bearers.at(-1) === second);
  assert.ok((await host.evaluate(() => globalThis.asked)) > asked);
  await isLive(page);
});

test('in the cloud, where the application gives no other token, the page says so, and goes on as soon as there is one', async () => {
  const stub = await on.chat(1);
  const { host, page } = await application(stub, { token: stubToken('guest', { jti: 1 }), url: inCloud(stub) });
  await isLive(page);
  await say(page, 'before');
  stub.tell({ type: 'error', code: 'token_expired', message: 'The token has expired' });
  for (const socket of stub.sockets) socket.terminate();
  await page.locator('#banner').getByText('Your access has expired. Please open the chat from your app again.').waitFor();
  const next = stubToken('guest', { jti: 2 });
  await host.evaluate((token) => (globalThis.token = token), next);
  await isLive(page, { timeout: 60_000 });
  assert.equal(stub.bearers.at(-1), next);
  assert.equal(await page.locator('#pending').getByText('before').count(), 1, 'what was written meanwhile is not lost');
});

test('on this machine, where the application gives no other token, one enters by a name, or as soon as there is one', async () => {
  const stub = await on.chat(1);
  stub.devToken = devToken();
  const { host, page } = await application(stub, { token: stubToken('guest', { jti: 1 }) });
  await isLive(page);
  await write(stub, page);
  stub.tell(EXPIRED);
  for (const socket of stub.sockets) socket.terminate();
  await isAtEntrance(page, 'Your access has expired.');
  assert.equal(await focused(page), 'name');
  assert.equal(await page.locator('#banner').textContent(), '');
  const next = stubToken('guest', { jti: 2 });
  await host.evaluate((token) => globalThis.chat.postMessage({ type: 'live-chat-token', token }, '*'), next);
  await isLive(page);
  assert.equal(stub.bearers.at(-1), next);
  assert.equal(await page.inputValue('#text'), 'not answered\nhalf a thought');
});

test('so one does whose first token the chat refuses', async () => {
  const stub = await on.chat(1);
  stub.answers = { 'GET status': () => refusal(401, 'unauthorized') };
  const { page } = await application(stub, { token: stubToken('guest', { jti: 1 }) });
  await isAtEntrance(page, 'Your access has expired.');
  stub.answers = {};
  stub.devToken = devToken();
  await enterByName(page);
});
