// What the visitor's hand is at does not move, however busy the chat is. The test plays the server.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DESKTOP, focused, isAccessibleInBoth, isAtEnd, noFaults, say } from './page.mjs';
import { stubStage, until } from './page-stub.mjs';
import { refusal, stubToken } from './stub-chat.mjs';

const on = stubStage();
const PER_SECOND = 50;
const HOST = { roles: ['host'] };
const row = (page, message) => page.locator(`#message-${message.id}`);
const topOf = (locator) => locator.evaluate((node) => Math.round(node.getBoundingClientRect().top));
const nextFrames = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
const paused = (page, count) => page.locator('#to-end-text').getByText(`Paused, ${count} new`, { exact: true }).waitFor();
/** The middle of a button, where a hand would go. */
const middle = async (locator) => {
  const { x, y, width, height } = await locator.boundingBox();
  return [x + width / 2, y + height / 2];
};
/** Sends messages, and waits until they are drawn. */
async function write(stub, page, count) {
  stub.write(count);
  await page.waitForFunction((seq) => findOne('#messages li:last-child').dataset.id % 1e8 >= seq, stub.messages.length);
  await nextFrames(page);
}

/** A host's page: it has the buttons of all messages. */
const come = (stub, options) => on.come(stub, { viewport: DESKTOP, token: stubToken('reader', HOST), ...options });

test('at 50 messages a second, each click on a trash can names the message that the pointer was at', async () => {
  const stub = await on.chat(40);
  const page = await come(stub);
  const timer = setInterval(() => stub.write(PER_SECOND / 25), 40);
  try {
    for (let i = 0; i < 6; i++) {
      const [x, y] = [900, 250 + i * 60];
      const under = () => page.evaluate(([x, y]) => elementAt(x, y).closest('#messages .message')?.id, [x, y]);
      await page.mouse.move(x, y);
      const aimed = await under();
      const message = stub.messages.find(({ id }) => `message-${id}` === aimed);
      const count = stub.messages.length;
      await until(page, () => stub.messages.length > count + PER_SECOND / 2);
      assert.equal(await under(), aimed, 'the row is still there');
      const [trashX] = await middle(row(page, message).locator('.delete-message'));
      await page.mouse.move(trashX, y, { steps: 5 });
      const more = stub.messages.length;
      await until(page, () => stub.messages.length > more + PER_SECOND / 2);
      await page.mouse.click(...(await middle(row(page, message).locator('.delete-message'))));
      assert.equal((await page.locator('#confirm-text').textContent()).trim(), message.message.trim());
      assert.equal(await page.locator('#confirm-author').textContent(), message.username);
      await page.keyboard.press('Escape');
      await page.mouse.move(640, 790);
    }
  } finally {
    clearInterval(timer);
  }
  noFaults(page);
  await page.context().close();
});

test('the log pauses under the pointer, counts what arrives, and goes on by the button or once the pointer leaves', async () => {
  const stub = await on.chat(60);
  const page = await come(stub);
  const held = row(page, stub.messages[55]);
  await held.hover();
  const top = await topOf(held);
  await write(stub, page, 7);
  await paused(page, 7);
  assert.equal(await topOf(held), top);
  await isAccessibleInBoth(page, 'paused');
  await page.mouse.move(640, 790);
  await page.waitForSelector('#to-end', { state: 'hidden' });
  await isAtEnd(page);

  await row(page, stub.messages.at(-2)).hover();
  await write(stub, page, 3);
  await paused(page, 3);
  await page.click('#to-end');
  await page.waitForSelector('#to-end', { state: 'hidden' });
  assert.equal(await focused(page), 'log');
  // Rows now pass below the resting pointer, which holds none of them.
  await write(stub, page, 5);
  await isAtEnd(page);
  assert.equal(await page.locator('#to-end').isVisible(), false);

  // Whoever writes is not aiming.
  await row(page, stub.messages.at(-2)).hover();
  await write(stub, page, 2);
  await paused(page, 2);
  await page.locator('#text').pressSequentially('so');
  await page.waitForSelector('#to-end', { state: 'hidden' });
  await isAtEnd(page);
  noFaults(page);
  await page.context().close();
});

test('nothing else moves the row under the pointer: a few messages, a banner, deletions, a window full of messages', async () => {
  const stub = await on.chat(3);
  const page = await come(stub);
  const [first, held] = [row(page, stub.messages[0]), row(page, stub.messages[1])];
  await held.hover();
  const top = await topOf(held);
  const isStill = async (what) => {
    await nextFrames(page);
    assert.ok(Math.abs((await topOf(held)) - top) <= 1, `${what}: ${await topOf(held)} instead of ${top}`);
  };
  await write(stub, page, 4);
  await isStill('new messages');
  stub.tell({ type: 'message_deleted', message_id: stub.messages[0].id });
  await first.waitFor({ state: 'detached' });
  await isStill('a deletion above');
  stub.answers = { 'GET status': () => refusal(503, 'unavailable'), 'POST ticket': () => refusal(503, 'unavailable') };
  for (const socket of stub.sockets) socket.terminate();
  await page.waitForSelector('#banner[data-kind=warning]');
  await isStill('a banner');
  stub.answers = {};
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await page.waitForSelector('#state[data-state=live]');
  await write(stub, page, 100);
  await isStill('many messages');
  for (let count = 104 + 60; count < 300; count += 60) {
    stub.write(60);
    await paused(page, count);
  }
  await isStill('more than the page holds');

  // A message that is deleted under the pointer leaves its place, and nothing to click at.
  stub.tell({ type: 'message_deleted', message_id: stub.messages[1].id });
  await held.waitFor({ state: 'detached' });
  const rest = page.locator('.message.emptied');
  assert.equal(await rest.textContent(), 'Message deleted.');
  assert.ok(Math.abs((await topOf(rest)) - top) <= 1);
  await page.mouse.move(640, 790);
  await rest.waitFor({ state: 'detached' });
  await isAtEnd(page);
  await page.waitForFunction((seq) => findOne('#messages li:last-child').dataset.id % 1e8 === seq, stub.messages.length);
  noFaults(page);
  await page.context().close();
});

test('a row with the focus stands still, until the focus leaves', async () => {
  const stub = await on.chat(60);
  const page = await come(stub);
  await page.focus('#log');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  const held = page.locator(`#${await focused(page)}`);
  const top = await topOf(held);
  await write(stub, page, 9);
  await paused(page, 9);
  assert.equal(await topOf(held), top);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'delete-message');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#confirm[open]');
  await write(stub, page, 2);
  assert.equal(await page.locator('#confirm-text').textContent(), await held.locator('.text').textContent());
  await page.keyboard.press('Escape');
  assert.equal(await focused(page), 'delete-message');
  assert.equal(await topOf(held), top);
  // The button that goes on comes after those of the row.
  for (const next of ['menu-button', 'to-end']) {
    await page.keyboard.press('Tab');
    assert.equal(await focused(page), next);
  }
  await paused(page, 11);
  await page.keyboard.press('Enter');
  await isAtEnd(page);
  assert.equal(await focused(page), 'log');

  await page.keyboard.press('ArrowUp');
  await write(stub, page, 1);
  await paused(page, 1);
  await page.keyboard.press('Escape');
  assert.equal(await focused(page), 'text');
  await isAtEnd(page);
  noFaults(page);
  await page.context().close();
});

test('a selection stays whole, and the log goes on once it is gone; a message that the visitor sends goes on, too', async () => {
  const stub = await on.chat(60);
  const page = await come(stub);
  const held = row(page, stub.messages[57]);
  await held.locator('.text').dblclick();
  await page.mouse.move(640, 790);
  const top = await topOf(held);
  await write(stub, page, 4);
  await paused(page, 4);
  assert.equal(await topOf(held), top);
  assert.notEqual(await page.evaluate(() => String(byId('log').getRootNode().getSelection())), '');
  await page.evaluate(() => byId('log').getRootNode().getSelection().removeAllRanges());
  await isAtEnd(page);

  await held.locator('.text').dblclick();
  await write(stub, page, 1);
  await paused(page, 1);
  await say(page, 'mine');
  await page.locator('#pending').getByText('mine').waitFor();
  await isAtEnd(page);
  assert.equal(await page.locator('#to-end').isVisible(), false);
  noFaults(page);
  await page.context().close();
});

test('a row under a finger stands still, and long enough afterwards to tap at one of its buttons', async () => {
  const stub = await on.chat(60);
  const page = await come(stub, { hasTouch: true, viewport: { width: 390, height: 780 }, prepare: (page) => page.clock.install() });
  const held = row(page, stub.messages[57]);
  const [x, y] = await middle(held);
  const touch = await page.context().newCDPSession(page);
  const point = { x, y };
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [point] });
  const top = await topOf(held);
  stub.write(4);
  await until(page, () => true);
  await page.clock.runFor(500);
  await paused(page, 4);
  assert.equal(await topOf(held), top);
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await page.clock.runFor(2_000);
  assert.equal(await topOf(held), top);
  await page.touchscreen.tap(...(await middle(held.locator('.delete-message'))));
  await page.waitForSelector('#confirm[open]');
  assert.equal((await page.locator('#confirm-text').textContent()).trim(), stub.messages[57].message.trim());
  await page.touchscreen.tap(...(await middle(page.locator('#confirm [value=no]'))));
  await page.clock.runFor(6_000);
  await page.waitForSelector('#to-end', { state: 'hidden' });
  noFaults(page);
  await page.context().close();
});
