// Replies on the page at / when their messages go where the page cannot see it, or while the visitor's hand is at them. The test plays
// the server.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DESKTOP, noFaults } from './page.mjs';
import { stubStage } from './page-stub.mjs';

const on = stubStage();
const ID = 100_000_000;
const GONE = 'Deleted message';

/** Makes a message a reply to another one, both by number. */
function quotes(stub, number, parent) {
  const { id, user_id, username, message } = stub.messages[parent - 1];
  stub.messages[number - 1].reply_to = { id, user_id, username, excerpt: message.trim() };
}

/** The reply as the server tells it once its message has gone. */
const lose = (message) => Object.assign(message, { reply_to: { id: message.reply_to.id, user_id: null, username: null, excerpt: null } });
const row = (page, number) => page.locator(`#message-${ID + number}`);
const quote = (page, number) => row(page, number).locator('.quote');
const shown = (page) => page.evaluate(() => findAll('#messages .message').map((item) => item.dataset.id % 1e8));

async function goUpTo(page, number) {
  await page.hover('#log');
  for (let i = 0; i < 500 && (await shown(page))[0] > number; i++) await page.mouse.wheel(0, -1_500);
  assert.ok((await shown(page))[0] <= number);
}

async function replyTo(page, number) {
  await row(page, number).hover();
  await row(page, number).locator('.menu-button').click();
  await page.getByRole('menuitem', { name: 'Reply' }).click();
  await page.locator('#replying').waitFor();
}

test('after a lost connection, no reply far above quotes a message that went meanwhile', async () => {
  const stub = await on.chat(900);
  for (let number = 250; number <= 450; number += 1) quotes(stub, number, 7);
  const page = await on.come(stub, { viewport: DESKTOP, prepare: (page) => page.clock.install() });
  await goUpTo(page, 380);
  const reply = (await shown(page))[0] + 10;
  await quote(page, reply).getByText('message 7').waitFor();
  stub.messages.slice(249, 450).forEach(lose);
  for (const socket of stub.sockets) socket.terminate();
  await page.waitForSelector('#state[data-state=recovering]');
  for (let i = 0; i < 100 && (await quote(page, reply).textContent()) !== GONE; i++) await page.clock.runFor(1_000);
  assert.equal(await quote(page, reply).textContent(), GONE);
  noFaults(page);
  await page.context().close();
});

test('a text that was refused comes back for editing without the message that it replied to, if that has gone', async () => {
  const stub = await on.chat(20);
  stub.frames = { message: ({ client_message_id }) => ({ type: 'error', code: 'term_blocked', message: 'no', client_message_id }) };
  const page = await on.come(stub, { viewport: DESKTOP });
  for (const gone of [
    { type: 'message_deleted', message_id: ID + 19 },
    { type: 'user_purged', seq: 21, user_id: 'user-2', up_to_seq: 20 },
  ]) {
    const number = gone.user_id ? 18 : 19;
    await replyTo(page, number);
    await page.fill('#text', 'a refused word');
    await page.keyboard.press('Enter');
    const failed = page.locator('#pending .failed');
    await failed.waitFor();
    stub.tell(gone);
    await row(page, number).waitFor({ state: 'detached' });
    await failed.getByRole('button', { name: 'Edit' }).click();
    assert.deepEqual([await page.inputValue('#text'), await page.locator('#replying').isHidden()], ['a refused word', true], gone.type);
    await page.fill('#text', '');
  }
  noFaults(page);
  await page.context().close();
});

test('a quote under the visitor’s hand stays as it is, whatever else is deleted and restored', async () => {
  const stub = await on.chat(20);
  quotes(stub, 20, 19);
  const page = await on.come(stub, { viewport: DESKTOP });
  await page.focus('#log');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Tab');
  await page.evaluate(() => (globalThis.hand = focusedElement()));
  const isAtHand = () => page.evaluate(() => [focusedElement() === globalThis.hand, globalThis.hand.isConnected, globalThis.hand.tabIndex]);
  const restored = (number) => ({ type: 'message_restored', message: stub.messages[number - 1] });
  stub.tell({ type: 'message_deleted', message_id: ID + 5 }, { type: 'user_purged', seq: 21, user_id: 'user-2', up_to_seq: 20 });
  await row(page, 5).waitFor({ state: 'detached' });
  await row(page, 18).waitFor({ state: 'detached' });
  stub.tell(restored(5));
  await row(page, 5).waitFor();
  assert.deepEqual(await isAtHand(), [true, true, 0]);
  // Its own message goes: the row has the focus, and its tab stop is there once it is back.
  stub.tell({ type: 'message_deleted', message_id: ID + 19 });
  await quote(page, 20).getByText(GONE).waitFor();
  assert.equal(await page.evaluate(() => focusedElement().id), `message-${ID + 20}`);
  stub.tell(restored(19));
  await quote(page, 20).getByRole('button').waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => focusedElement().closest('.quote') !== null), true);
  noFaults(page);
  await page.context().close();
});

test('a reply stands out for whom it is to only as long as its message is there', async () => {
  const stub = await on.chat(20);
  stub.messages[18].user_id = 'reader';
  quotes(stub, 20, 19);
  const page = await on.come(stub, { viewport: DESKTOP });
  const standsOut = page.locator(`#message-${ID + 20}.mentions-me`);
  await standsOut.waitFor();
  stub.tell({ type: 'message_deleted', message_id: ID + 19 });
  await standsOut.waitFor({ state: 'detached' });
  stub.tell({ type: 'message_restored', message: stub.messages[18] });
  await standsOut.waitFor();
  noFaults(page);
  await page.context().close();
});

test('a message that came back unseen is quoted again once the page shows it', async () => {
  const stub = await on.chat(120);
  quotes(stub, 40, 30);
  const page = await on.come(stub, { viewport: DESKTOP });
  stub.tell({ type: 'message_deleted', message_id: ID + 30 }, { type: 'viewer_count_update', viewer_count: 77 });
  await page.locator('#viewer-count').getByText('77').waitFor();
  await goUpTo(page, 21);
  await row(page, 30).waitFor();
  await quote(page, 40).getByText('message 30 of some').waitFor();
  noFaults(page);
  await page.context().close();
});

test('a message that goes while its page is on the way does not show', async () => {
  const stub = await on.chat(120);
  quotes(stub, 40, 30);
  const page = await on.come(stub, { viewport: DESKTOP });
  let isAsked;
  let answer;
  const asked = new Promise((resolve) => (isAsked = resolve));
  await page.route('**/live-chat/messages?**', async (route) => {
    const response = await route.fetch();
    const go = new Promise((resolve) => (answer = resolve));
    isAsked();
    await go;
    await route.fulfill({ response });
  });
  await page.hover('#log');
  await page.mouse.wheel(0, -20_000);
  await asked;
  stub.tell({ type: 'message_deleted', message_id: ID + 30 }, { type: 'viewer_count_update', viewer_count: 77 });
  await page.locator('#viewer-count').getByText('77').waitFor();
  answer();
  await quote(page, 40).getByText(GONE).waitFor();
  assert.equal(await row(page, 30).count(), 0);
  noFaults(page);
  await page.context().close();
});

test('a quote leads to its message without moving the page around the chat', async () => {
  const stub = await on.chat(120);
  quotes(stub, 120, 95);
  const page = await on.come(stub, { viewport: DESKTOP });
  await page.evaluate(() => {
    for (const { style } of [document.documentElement, document.body]) Object.assign(style, { height: 'auto', overflow: 'visible' });
    const above = document.createElement('div');
    above.style.height = '300px';
    const below = document.createElement('div');
    below.style.height = '3000px';
    document.body.prepend(above);
    document.body.append(below);
    findOne('live-chat').style.height = '900px';
  });
  assert.equal(await page.evaluate(() => document.scrollingElement.scrollHeight > 3000), true);
  await quote(page, 120).getByRole('button').evaluate((button) => button.click());
  const { offTheMiddle, moved } = await page.evaluate(() => {
    const [log, row] = [byId('log'), focusedElement()].map((node) => node.getBoundingClientRect());
    return { offTheMiddle: Math.abs(row.top + row.height / 2 - (log.top + log.height / 2)), moved: document.scrollingElement.scrollTop };
  });
  assert.equal(moved, 0);
  assert.ok(offTheMiddle < 8, `${offTheMiddle} px`);
  assert.equal(await page.evaluate(() => focusedElement().id), `message-${ID + 95}`);
  noFaults(page);
  await page.context().close();
});

test('above the field, a long text is cut, and neither it nor the name changes the other’s direction', async () => {
  const stub = await on.chat(3);
  const family = '\u{1f469}\u200d\u{1f469}\u200d\u{1f467}';
  Object.assign(stub.messages[2], { username: 'דנה', message: `1 ${family.repeat(120)}` });
  const page = await on.come(stub, { viewport: DESKTOP });
  await replyTo(page, 3);
  assert.deepEqual(await page.locator('#replying-to bdi').allTextContents(), ['דנה', `1 ${family.repeat(97)}…`]);
  const described = await page.getAttribute('#text', 'aria-describedby');
  assert.deepEqual(described.split(' ').slice(0, 2), ['replying-to', 'notice']);
  assert.equal(await page.locator('#replying-to button').count(), 0, 'the field is not described by a button');
  noFaults(page);
  await page.context().close();
});

test('a message that is no reply is edited without the loss of a reply in progress, and fails with words of its own', async () => {
  const stub = await on.chat(20);
  stub.frames = { message: ({ client_message_id }) => ({ type: 'error', code: 'not_found', message: 'no', client_message_id }) };
  const page = await on.come(stub, { viewport: DESKTOP });
  await page.fill('#text', 'no reply');
  await page.keyboard.press('Enter');
  const failed = page.locator('#pending .failed');
  await failed.waitFor();
  assert.doesNotMatch(await failed.locator('.reason').textContent(), /repl/);
  await replyTo(page, 19);
  await failed.getByRole('button', { name: 'Edit' }).click();
  assert.equal(await page.inputValue('#text'), 'no reply');
  assert.equal(await page.locator('#replying').isVisible(), true);
  // The same code of a reply says what is missing.
  await page.keyboard.press('Enter');
  await failed.getByText('The message you were replying to is gone.').waitFor();
  noFaults(page);
  await page.context().close();
});
