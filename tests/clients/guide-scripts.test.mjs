// Every JavaScript block of the guide, unmodified except for the token, in Chromium. The page supplies the names and the element
// ids that the guide leaves open, and Chromium maps localhost:8000 to the gateway's port.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Gateway } from './gateway.mjs';
import { scripts, withToken } from './guide.mjs';

const [SOCKET, VIEWERS, LIKES, CLASS] = scripts;

let gateway;
let browser;

before(async () => {
  gateway = await Gateway.start();
  browser = await launch([`--host-resolver-rules=MAP localhost:8000 127.0.0.1:${gateway.port}`]);
});
after(async () => {
  await browser?.close();
  await gateway.stop();
});

/** A page at the guide's address, without a policy, with the names that the guide's snippets call. */
async function page(jwt) {
  const page = await (await browser.newContext()).newPage();
  await page.clock.install();
  await page.goto('http://localhost:8000/health');
  await page.setContent('<b id="viewer-count"></b><b id="like-count"></b>');
  await page.addScriptTag({
    content: `
      window.seen = { messages: [], likes: [], viewers: [], messageLikes: [] };
      function displayMessage(message) { seen.messages.push(message); }
      function updateLikeCount(likes) { seen.likes.push(likes); }
      function updateViewerCount(viewers) { seen.viewers.push(viewers); }
      function updateMessageLikes(id, likes) { seen.messageLikes.push([id, likes]); }
      var jwtToken = ${JSON.stringify(jwt)};`,
  });
  return page;
}

const script = (page, jwt, text) => page.addScriptTag({ content: withToken(text, jwt) });
const until = (page, condition) => page.waitForFunction(condition, null, { timeout: 20_000 });

test('the guide has four JavaScript blocks', () => assert.equal(scripts.length, 4));

test('connect, send and receive; like the session and a message; poll the viewers', async () => {
  const jwt = await gateway.token('alice', 'Alice');
  const alice = await page(jwt);
  await script(alice, jwt, SOCKET);
  await until(alice, 'ws.readyState === WebSocket.OPEN');
  await alice.evaluate("sendMessage('Hello from the guide')");
  await until(alice, 'seen.messages.length === 1');
  const [message] = await alice.evaluate('seen.messages');
  assert.deepEqual([message.message, message.username], ['Hello from the guide', 'Alice']);

  await script(alice, jwt, LIKES);
  await alice.evaluate('likeSession()');
  await until(alice, 'seen.likes.length >= 2');
  assert.deepEqual(new Set(await alice.evaluate('seen.likes')), new Set([1]), 'by the answer and by the socket');
  await alice.evaluate(`likeMessage(${message.id})`);
  assert.deepEqual(await alice.evaluate('seen.messageLikes'), [[message.id, 1]]);

  await script(alice, jwt, VIEWERS);
  await alice.clock.fastForward(10_000);
  await until(alice, 'seen.viewers.length >= 1');
  assert.deepEqual(await alice.evaluate('seen.viewers'), [1]);
});

test('the complete class: status, connect, send, receive, like, like a message, poll', async () => {
  const jwt = await gateway.token('bob', 'Bob');
  const bob = await page(jwt);
  const console = [];
  bob.on('console', (line) => console.push(line));
  await script(bob, jwt, CLASS);
  await until(bob, 'chat.ws !== null && chat.ws.readyState === WebSocket.OPEN');
  assert.equal((await bob.evaluate('chat.getStatus()')).session.id, 1);
  const received = bob.waitForEvent('console', (line) => line.text().startsWith('New message:'));
  await bob.evaluate("chat.sendMessage('Hello from the class')");
  const message = await (await received).args()[1].jsonValue();
  assert.deepEqual([message.message, message.username, message.user_id], ['Hello from the class', 'Bob', 'bob']);

  await bob.evaluate(`document.body.insertAdjacentHTML('beforeend', '<p id="message-${message.id}"><i class="likes">0</i></p>')`);
  const liked = await bob.evaluate(`chat.likeMessage(${message.id})`);
  assert.deepEqual([liked.likes, liked.already_liked], [1, false]);
  await until(bob, "document.querySelector('.likes').textContent === '1'");
  assert.equal((await bob.evaluate('chat.likeSession()')).already_liked, false);
  const { total_likes: likes } = await bob.evaluate('chat.getStats()');
  await bob.waitForFunction((likes) => document.getElementById('like-count').textContent === String(likes), likes);

  await bob.evaluate("document.getElementById('like-count').textContent = 'not polled'");
  await bob.clock.fastForward(10_000);
  await until(bob, "document.getElementById('like-count').textContent !== 'not polled'");
  assert.match(await bob.textContent('#viewer-count'), /^[12]$/);
});
