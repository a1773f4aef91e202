// Who one is in the page at /: a token is kept for its tab, and nobody else's takes over a running chat unasked.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { focused, isAccessibleInBoth, isLive, noFaults, open, openFrom, say } from './page.mjs';
import { inCloud, stubStage, until } from './page-stub.mjs';
import { refusal, stubToken } from './stub-chat.mjs';

const on = stubStage();
const EXPIRED = { type: 'error', code: 'token_expired', message: 'The token has expired' };
const HOUR = 3_600_000;

const isAtEntrance = (page, text = '') => page.locator('#enter:not([hidden]) #enter-error').filter({ hasText: text }).waitFor({ state: 'attached' });
const bearer = (stub) => stub.bearers.at(-1);
/** Follows a link to the chat in its own window. */
const follow = (page, token) => page.evaluate((token) => void (location.hash = `token=${token}`), token);
const question = (page) => page.locator('#join-as');
/** The name beside a message that is being sent. */
async function pendingName(stub, page, text) {
  stub.frames = { message: () => undefined };
  await say(page, text);
  return page.locator('#pending li', { hasText: text }).locator('.name').textContent();
}

test('after a reload, or on the way back, one is in the chat again, and the address has no token', async () => {
  const stub = await on.chat(1);
  const token = stubToken('ann');
  const page = await on.come(stub, { token, query: '?lang=en' });
  for (const again of [() => page.reload(), () => page.goto(`${stub.url}/icon.svg`).then(() => page.goBack())]) {
    const calls = stub.bearers.length;
    await again();
    await isLive(page);
    assert.ok(stub.bearers.length > calls);
    assert.equal(bearer(stub), token);
    assert.equal(page.url(), `${stub.url}/?lang=en`);
  }
  const another = await page.context().newPage();
  await another.goto(stub.url);
  await isAtEntrance(another);
  noFaults(page);
});

test('so is one who pasted a token', async () => {
  const stub = await on.chat(1);
  const token = stubToken('ann');
  const page = await open(on.browser, inCloud(stub));
  await page.fill('#token', `${token.slice(0, 20)}\n ${token.slice(20)} `);
  await page.click('#enter [type=submit]');
  await isLive(page);
  await page.reload();
  await isLive(page);
  assert.equal(bearer(stub), token);
});

test('a token is kept only while it is valid, and one that tells no end not at all', async () => {
  const stub = await on.chat(1);
  const exp = Math.floor((Date.now() + HOUR) / 1000);
  for (const [address, text] of [[stub.url, 'Your access has expired.'], [inCloud(stub), 'This token has expired. Please get another one.']]) {
    const page = await open(on.browser, `${address}/#token=${stubToken('ann', { exp })}`);
    await isLive(page);
    await page.clock.install({ time: Date.now() + 2 * HOUR });
    await page.reload();
    await isAtEntrance(page, text);
    await page.reload();
    await isAtEntrance(page);
    assert.equal(await page.locator('#enter-error').textContent(), '', 'it is forgotten');
  }
  for (const odd of [undefined, 'soon']) {
    const page = await on.come(stub, { token: stubToken('ann', { exp: odd }) });
    await page.reload();
    await isAtEntrance(page);
    await page.context().close();
  }
});

test('a token that the chat refuses is forgotten', async () => {
  const stub = await on.chat(1);
  const page = await on.come(stub);
  for (const [status, code, text] of [[401, 'unauthorized', 'The chat did not accept this token.'], [403, 'forbidden', 'This token does not let you in.']]) {
    stub.answers = { 'GET status': () => refusal(status, code) };
    await page.reload();
    await isAtEntrance(page, text);
    stub.answers = {};
    await page.reload();
    await isAtEntrance(page);
    await follow(page, stubToken('reader'));
    await isLive(page);
  }
  stub.tell(EXPIRED);
  await isAtEntrance(page, 'Your access has expired.');
  await page.reload();
  await isAtEntrance(page);
  assert.equal(await page.locator('#enter-error').textContent(), '');
});

test('whoever enters with a name afterwards is that one after a reload', async () => {
  const stub = await on.chat(1);
  stub.devToken = () => ({ token: stubToken('dev-1'), user_id: 'dev-1' });
  const page = await on.come(stub);
  stub.tell(EXPIRED);
  await isAtEntrance(page, 'Your access has expired.');
  await page.fill('#name', 'Ann');
  await page.click('#enter [type=submit]');
  await isLive(page);
  await page.reload();
  await isAtEntrance(page);
  assert.equal(await page.inputValue('#name'), 'Ann');
});

test('a link with a token of another user asks first', async () => {
  const stub = await on.chat(1);
  const [ann, bob] = [stubToken('u-1', { name: 'Ann' }), stubToken('u-2', { name: 'Bob' })];
  const page = await on.come(stub, { token: ann });
  await page.focus('#text');
  const [socket] = stub.sockets;
  const calls = stub.bearers.length;

  await follow(page, bob);
  await question(page).getByText('Join as Bob?').waitFor();
  assert.equal(page.url(), `${stub.url}/`);
  assert.equal(await page.locator('#join-as-text').textContent(), 'You are in this chat as Ann. A link or an app offers you to go on as Bob.');
  assert.equal(await focused(page), 'join-as-no');
  await isAccessibleInBoth(page, 'join-as');
  await page.keyboard.press('Enter');
  await question(page).waitFor({ state: 'hidden' });
  assert.equal(await focused(page), 'text');
  assert.equal(stub.bearers.length, calls, 'nothing has happened');
  assert.ok(stub.sockets.has(socket));
  assert.equal(await pendingName(stub, page, 'still Ann'), 'Ann');
  await page.fill('#text', 'half a thought');

  await follow(page, bob);
  await question(page).getByRole('button', { name: 'Join as Bob' }).click();
  await until(page, () => bearer(stub) === bob);
  await isLive(page);
  assert.equal(await page.inputValue('#text'), 'still Ann\nhalf a thought', 'what was not sent is not lost');
  assert.equal(await pendingName(stub, page, 'now Bob'), 'Bob');
  stub.frames = {};
  await page.reload();
  await isLive(page);
  assert.equal(bearer(stub), bob);
  noFaults(page);
});

test('the question tells two users apart, whatever their names', async () => {
  const stub = await on.chat(1);
  const page = await on.come(stub, { query: '?lang=es', token: stubToken('u-1', { name: 'Ann' }) });
  for (const [claims, name] of [
    [{ name: 'Ann' }, 'Ann (u-2)'],
    [{ name: 'A\u200bnn\u2066' }, 'Ann (u-2)'],
    [{ name: '\u202enelE' }, 'nelE'],
    [{ name: 7, username: 'Zoë' }, 'Zoë'],
    [{ name: undefined }, 'User-1fe269'],
  ]) {
    await follow(page, stubToken('u-2', claims));
    await question(page).getByText(`¿Entrar como ${name}?`, { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await question(page).waitFor({ state: 'hidden' });
  }
  noFaults(page);
});

test('a question does not change while it is open; the next one comes after it', async () => {
  const stub = await on.chat(1);
  const [ann, bob, cid] = ['Ann', 'Bob', 'Cid'].map((name) => stubToken(`id of ${name}`, { name }));
  const page = await on.come(stub, { token: ann });
  for (const token of [bob, cid, cid]) {
    await follow(page, token);
    await page.waitForFunction(() => location.hash === '');
  }
  await question(page).getByText('Join as Bob?').waitFor();
  await page.click('#join-as-yes');
  await question(page).getByText('Join as Cid?').waitFor();
  assert.equal(await page.locator('#join-as-no').textContent(), 'Stay Bob');
  await page.click('#join-as-yes');
  await until(page, () => bearer(stub) === cid);
  await isLive(page);
  assert.equal(await question(page).isVisible(), false);
  assert.equal(await pendingName(stub, page, 'who am I?'), 'Cid');
  noFaults(page);
});

test('a newer link for the same user renews without a word', async () => {
  const stub = await on.chat(1);
  const [first, second] = [1, 2].map((jti) => stubToken('ann', { jti }));
  const page = await on.come(stub, { token: first });
  const [socket] = stub.sockets;
  await page.fill('#text', 'half a thought');
  // An expired one is no help.
  for (const token of [second, stubToken('ann', { exp: 1 })]) {
    await follow(page, token);
    await page.waitForFunction(() => location.hash === '');
  }
  assert.equal(await question(page).isVisible(), false);
  assert.ok(stub.sockets.has(socket), 'the chat goes on');
  await page.evaluate(() => new MutationObserver(() => (globalThis.sawForm ||= !byId('enter').hidden)).observe(byId('enter'), { attributes: true }));
  stub.tell(EXPIRED);
  await until(page, () => bearer(stub) === second);
  await isLive(page);
  assert.ok(!(await page.evaluate(() => globalThis.sawForm)));
  assert.equal(await page.inputValue('#text'), 'half a thought');
  await page.reload();
  await isLive(page);
  assert.equal(bearer(stub), second);
  // The same link again is no newer token.
  await follow(page, second);
  await page.waitForFunction(() => location.hash === '');
  stub.tell(EXPIRED);
  await isAtEntrance(page, 'Your access has expired.');
  noFaults(page);
});

test('an application that sends a token of another user is asked about once, and does not renew with it', async () => {
  const stub = await on.chat(1);
  const host = await open(on.browser, `${stub.url}/icon.svg`);
  const [ann, bob] = [stubToken('u-1', { name: 'Ann' }), stubToken('u-2', { name: 'Bob' })];
  await host.evaluate((token) => {
    globalThis.token = token;
    addEventListener('message', ({ data, source }) => {
      if (data.type === 'live-chat-token-needed') source.postMessage({ type: 'live-chat-token', token: globalThis.token }, '*');
    });
  }, ann);
  const page = await openFrom(host, stub.url);
  await isLive(page);
  const send = (token) => host.evaluate((token) => globalThis.chat.postMessage({ type: 'live-chat-token', token: (globalThis.token = token) }, '*'), token);
  const heard = () => page.evaluate(() => globalThis.heard);
  await page.evaluate(() => addEventListener('message', () => (globalThis.heard = (globalThis.heard ?? 0) + 1)));

  await send(stubToken('u-1', { name: 'Ann', jti: 2 }));
  await page.waitForFunction(() => globalThis.heard === 1);
  assert.equal(await question(page).isVisible(), false);

  await send(bob);
  await question(page).getByText('Join as Bob?').waitFor();
  await page.click('#join-as-no');
  const before = await heard();
  await send(bob);
  await page.waitForFunction((before) => globalThis.heard > before, before);
  assert.equal(await question(page).isVisible(), false, 'asked once');
  const [calls, sofar] = [stub.bearers.length, await heard()];
  stub.tell(EXPIRED);
  await page.waitForFunction((sofar) => globalThis.heard > sofar, sofar);
  assert.ok(!stub.bearers.slice(calls).includes(bob), 'the application has only another user’s token to offer');

  const renewed = stubToken('u-1', { name: 'Ann', jti: 3 });
  await send(renewed);
  await until(page, () => bearer(stub) === renewed);
  assert.ok(!stub.bearers.includes(bob));
});

test('a link that is broken says so, and leaves a running chat alone', async () => {
  const stub = await on.chat(1);
  const page = await on.come(stub);
  await follow(page, 'nonsense');
  await page.locator('#notice').getByText('This does not look like a token.').waitFor();
  assert.equal(page.url(), `${stub.url}/`);
  await page.reload();
  await isLive(page);
  noFaults(page);
});
