// The page at / with values from outside that it cannot use: claims, messages from other windows, the server's answers. None of them
// keeps a visitor out, or a message from being sent, or a failure from being told.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inLog, isLive, noFaults, open, openFrom, say } from './page.mjs';
import { inCloud, stubStage } from './page-stub.mjs';
import { refusal, stubToken } from './stub-chat.mjs';

const on = stubStage();

/** A token with these claims as they are. */
const tokenOf = (claims) => ['{"alg":"none"}', typeof claims === 'string' ? claims : JSON.stringify(claims), ''].map((part) => Buffer.from(part).toString('base64url')).join('.');

/** Sends a text that the chat refuses; returns the name beside it. */
async function sendInVain(stub, page) {
  stub.frames = { message: ({ client_message_id }) => ({ type: 'error', code: 'of_the_future', message: 'No', client_message_id }) };
  await say(page, 'precious');
  await page.locator('#pending').getByText('Not sent. Something went wrong.').waitFor();
  stub.frames = {};
  const item = page.locator('#pending li').last();
  assert.equal(await item.locator('.text').textContent(), 'precious');
  const name = await item.locator('.name').textContent();
  await item.locator('.discard').click();
  return name;
}

test('a name comes from the first claim that is a text with something to see, and never from the address of a mailbox', async () => {
  const stub = await on.chat(1);
  const page = await on.come(stub);
  const fallback = 'User-3d0941';
  for (const [claims, name] of [
    [{ name: 7, username: 42 }, fallback],
    [{ name: null, preferred_username: {}, username: ['u'], email: 'reader@example.org' }, fallback],
    [{ name: { toString: 'no' }, preferred_username: 'pref', username: 'user' }, 'pref'],
    [{ name: ' \u200b\u3164\u2800', username: 'user' }, 'user'],
    [{ name: '\u202eecilA' }, 'ecilA'],
    [{ name: ' Ali\u200bce\r\nB. ' }, 'Alice B.'],
    [{ name: 'می\u200cخواهم 👩‍👩‍👧 1️⃣' }, 'می\u200cخواهم 👩‍👩‍👧 1️⃣'],
    [{ name: `${'x'.repeat(98)}👩‍👩‍👧` }, 'x'.repeat(98)],
    [{ name: 'Ann', picture: 7, roles: 'host', badge: {}, exp: 'soon', iat: [] }, 'Ann'],
    [{ name: 'Ann', picture: { href: 'x' }, roles: [null, 7, ['host']] }, 'Ann'],
    [{ name: 'Ann', picture: 'javascript:alert(1)', roles: null }, 'Ann'],
  ]) {
    // Each of them enters in place of the one before.
    stub.tell({ type: 'error', code: 'token_expired', message: 'The token has expired' });
    await page.waitForSelector('#enter:not([hidden])');
    await page.evaluate((token) => void (location.hash = `token=${token}`), tokenOf({ sub: 'reader', exp: 4e9, ...claims }));
    await isLive(page);
    assert.equal(await sendInVain(stub, page), name, JSON.stringify(claims));
    assert.equal(await page.locator('.delete-message:not([hidden])').count(), 0, 'no host');
  }
  noFaults(page);
});

test('a user id may be a number; what names no user is no token', async () => {
  const stub = await on.chat(1);
  stub.messages[0].user_id = '42';
  const page = await on.open(stub, { token: tokenOf({ sub: 42, exp: 4e9, username: 7 }) });
  await page.locator('.message.own').waitFor();
  assert.equal(await sendInVain(stub, page), 'User-73475c');

  const subjects = [null, '', 1.5, true, {}, ['a'], 'x'.repeat(256)].map((sub) => tokenOf({ sub, exp: 4e9 }));
  const bad = [...subjects, tokenOf('null'), tokenOf('"text"'), tokenOf('[1]'), tokenOf('{'), 'nonsense', 'a.b', 'a.b.c.d', '…', 'é.é.é', '%E0%A4%A'];
  const entrance = await open(on.browser, inCloud(stub));
  const calls = stub.calls.length;
  for (const token of bad) {
    await entrance.fill('#token', token);
    await entrance.click('#enter [type=submit]');
    await entrance.getByText('This does not look like a token.').waitFor();
    await entrance.evaluate(() => (byId('enter-error').textContent = ''));
    await entrance.evaluate((token) => void (location.hash = `token=${token}`), token);
    await entrance.getByText('This does not look like a token.').waitFor();
    assert.equal(entrance.url(), `${inCloud(stub)}/`);
    await entrance.evaluate(() => (byId('enter-error').textContent = ''));
  }
  assert.equal(stub.calls.length, calls, 'the chat need not be asked');
  noFaults(page, entrance);
});

test('of what another window sends, only a token counts, and a start only if it is a time', async () => {
  const stub = await on.chat();
  stub.status = { is_active: false, session: null, next_start_time: { at: 'noon' } };
  const host = await open(on.browser, `${stub.url}/icon.svg`);
  const page = await openFrom(host, stub.url);
  page.on('pageerror', (error) => host.faults.push(String(error)));
  await page.locator('#loading').getByText('Connecting…').waitFor();
  await host.evaluate(() => {
    const type = 'live-chat-token';
    const odd = [null, undefined, 7, 'text', [], {}, { type }, { type, token: 5 }, { type, token: null }, { type, token: 'nonsense' }, { type, token: ['a.b.c'] }, { type: {} }];
    for (const data of odd) globalThis.chat.postMessage(data, '*');
  });
  await host.evaluate((token) => globalThis.chat.postMessage({ type: 'live-chat-token', token, starts_at: { toString: 1, valueOf: 2 } }, '*'), stubToken('guest'));
  await page.locator('#banner').getByText('The chat is not open yet').waitFor();
  assert.deepEqual(host.faults, []);
});

test('the page bears what the server answers', async () => {
  const stub = await on.chat(1);
  const entrance = await open(on.browser, stub.url);
  for (const response of [{}, { token: null }, { token: 'nonsense' }, { token: 5, user_id: {} }, []]) {
    stub.devToken = () => response;
    await entrance.fill('#name', 'Ann');
    await entrance.click('#enter [type=submit]');
    await entrance.getByText('The chat cannot be reached. Please try again.').waitFor();
    await entrance.reload();
  }
  for (const code of ['constructor', '__proto__', 7, null, {}]) {
    stub.answers = { 'GET status': () => refusal(403, code) };
    await entrance.evaluate((token) => void (location.hash = `token=${token}`), stubToken('reader'));
    // An unknown code may also be one after which the client tries again.
    await entrance.getByText(/The chat cannot be reached\./).first().waitFor();
    await entrance.evaluate(() => sessionStorage.clear());
    await entrance.reload();
  }
  noFaults(entrance);
  stub.answers = {};
  stub.session = { id: 1, name: null, viewer_count: null, total_likes: null, start_time: 'noon', end_time: {} };
  const odd = { username: null, user_id: 7, profile_pic: 7, likes: null, created_at: 'noon', is_winner: null, badge: 7, message: 'odd but there' };
  Object.assign(stub.fill(1)[0], odd);
  const page = await on.come(stub);
  await inLog(page, 'odd but there').waitFor();
  assert.equal(await page.locator('#session-name').textContent(), 'Live chat');
  assert.equal(await page.locator('#state').innerText(), 'Live');
  await say(page, 'and still one can write');
  await page.locator('#pending').getByText('and still one can write').waitFor();
  noFaults(page);
});
