// A visitor's own likes: after a reload, in another tab, and taken back. The test plays the server.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DESKTOP, isLive, noFaults } from './page.mjs';
import { stubStage, until } from './page-stub.mjs';
import { refusal, stubToken } from './stub-chat.mjs';

const on = stubStage();
const down = () => refusal(503, 'unavailable');

/** A chat that counts the likes of one user. */
async function likedChat(count) {
  const stub = await on.chat(count);
  const liked = new Set();
  const change = (isLiked, id) => {
    const message = stub.messages.find((message) => message.id === Number(id));
    if (isLiked !== liked.has(id)) {
      liked[isLiked ? 'add' : 'delete'](id);
      if (message) Object.assign(message, { likes: message.likes + (isLiked ? 1 : -1), user_liked: isLiked });
    }
    return { message: '', message_id: message?.id, likes: message?.likes, total_likes: liked.has('session') ? 1 : 0 };
  };
  /** Only whoever asks for it learns what it is that they like. */
  const page = (asked) => {
    const { messages, ...more } = stub.page(asked);
    return { messages: messages.map(({ user_liked = false, ...message }) => (asked.get('mine') === 'true' ? { ...message, user_liked } : message)), ...more };
  };
  stub.answers = {
    'GET messages': page,
    'GET likes': () => ({ total_likes: 0, session_id: 1, session_name: '', user_liked: liked.has('session') }),
    'POST like': () => change(true, 'session'),
    'DELETE like': () => change(false, 'session'),
    'POST like-message': (asked, id) => change(true, id),
    'DELETE like-message': (asked, id) => change(false, id),
  };
  return stub;
}

const heart = (page, message) => page.locator(`#message-${message.id} .like-message`);
const isPressed = (locator, pressed) => locator.and(locator.page().locator(`[aria-pressed=${pressed}]`)).waitFor();
const calls = (stub, path) => stub.calls.filter((call) => call.includes(path));

test('own likes of messages and of the session are there after a reload', async () => {
  const stub = await likedChat(3);
  const page = await on.come(stub, { viewport: DESKTOP });
  const [one, other] = [heart(page, stub.messages[1]), heart(page, stub.messages[2])];
  await one.click();
  await isPressed(one, true);
  await page.click('#like');
  await isPressed(page.locator('#like'), true);
  const again = await on.come(stub, { viewport: DESKTOP });
  await isPressed(heart(again, stub.messages[1]), true);
  await isPressed(again.locator('#like'), true);
  await isPressed(other, false);
  noFaults(page, again);
});

test('own likes of earlier messages show when these are loaded', async () => {
  const stub = await likedChat(150);
  Object.assign(stub.messages[20], { likes: 1, user_liked: true });
  const page = await on.come(stub, { viewport: DESKTOP });
  for (let i = 0; i < 100 && !(await heart(page, stub.messages[20]).count()); i++) {
    await page.evaluate(() => byId('log').scrollTo(0, 0));
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  await isPressed(heart(page, stub.messages[20]), true);
});

test('a second click takes a like back, of a message and of the session', async () => {
  const stub = await likedChat(3);
  const page = await on.come(stub, { viewport: DESKTOP });
  const message = stub.messages[1];
  for (const [place, path] of [[heart(page, message), `like-message/${message.id}`], [page.locator('#like'), 'like']]) {
    for (const method of ['POST', 'DELETE', 'POST']) {
      const count = stub.calls.length;
      await place.click();
      await until(page, () => stub.calls.length > count);
      assert.equal(stub.calls.at(-1), `${method} ${path}`);
      await isPressed(place, method === 'POST');
    }
  }
  // Two quick clicks come to nothing, whichever response comes first.
  const count = stub.calls.length;
  await heart(page, message).dblclick();
  await until(page, () => stub.calls.length === count + 2);
  assert.deepEqual(stub.calls.slice(count), [`DELETE like-message/${message.id}`, `POST like-message/${message.id}`]);
  await isPressed(heart(page, message), true);
  noFaults(page);
});

test('a like that could not be taken back is still there, and the page says so', async () => {
  const stub = await likedChat(3);
  const page = await on.come(stub, { viewport: DESKTOP });
  const message = stub.messages[1];
  for (const place of [heart(page, message), page.locator('#like')]) {
    await place.click();
    await isPressed(place, true);
  }
  Object.assign(stub.answers, { 'DELETE like': down, 'DELETE like-message': down });
  for (const place of [heart(page, message), page.locator('#like')]) {
    await place.click();
    await page.locator('#notice').getByText('Your like could not be taken back. Please try again.').waitFor();
    await isPressed(place, true);
  }
  noFaults(page);
});

test('another tab of the same visitor learns of likes at once; another visitor and another session do not', async () => {
  const stub = await likedChat(3);
  const page = await on.come(stub, { viewport: DESKTOP });
  const tab = async (user) => {
    const tab = await page.context().newPage();
    await tab.goto(`${stub.url}/#token=${stubToken(user)}`);
    await isLive(tab);
    await heart(tab, stub.messages[1]).waitFor();
    return tab;
  };
  const mine = await tab('reader');
  const theirs = await tab('somebody else');
  stub.session = { ...stub.session, id: 2 };
  const later = await tab('reader');
  const message = stub.messages[1];
  for (const [place, pressed] of [['#like', true], [`#message-${message.id} .like-message`, true], ['#like', false], [`#message-${message.id} .like-message`, false]]) {
    await page.bringToFront();
    await page.locator(place).click();
    await isPressed(mine.locator(place), pressed);
    for (const other of [theirs, later]) await isPressed(other.locator(place), false);
  }
  // The second tab knows what it can take back.
  await mine.bringToFront();
  await mine.click('#like');
  await isPressed(page.locator('#like'), true);
  noFaults(page);
});

test('without a way to tell other tabs, one likes all the same', async () => {
  const stub = await likedChat(3);
  for (const broken of [
    () => delete globalThis.BroadcastChannel,
    () => (globalThis.BroadcastChannel = class { constructor() { throw new Error('not here'); } }),
    () => (BroadcastChannel.prototype.postMessage = () => { throw new Error('not now'); }),
  ]) {
    const page = await on.come(stub, { viewport: DESKTOP, prepare: (page) => page.addInitScript(broken) });
    const was = await page.getAttribute('#like', 'aria-pressed');
    const count = calls(stub, ' like').length;
    await page.click('#like');
    await isPressed(page.locator('#like'), was !== 'true');
    await until(page, () => calls(stub, ' like').length > count);
    noFaults(page);
    await page.context().close();
  }
});
