// <live-chat> in a page of somebody else's, whose policy is strict: several of them, what it can be told, what it tells, and how it looks.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DESKTOP, isAccessibleInBoth, noFaults, open } from './page.mjs';
import { stubStage, until } from './page-stub.mjs';
import { refusal, stubToken } from './stub-chat.mjs';

const on = stubStage();
/** Scripts and styles of the chat's origin alone, and no text becomes elements except through the element's own policy. */
const policyOf = (stubs, sources) =>
  [
    `default-src 'none'; script-src ${sources}; style-src 'self' ${sources}; img-src ${sources}`,
    `connect-src ${stubs.flatMap(({ url }) => [url, url.replace('http', 'ws')]).join(' ')}`,
    "require-trusted-types-for 'script'; trusted-types live-chat",
  ].join('; ');

/** A page with this body, on the origin of the first chat, which allows files from `sources`; `page.heard` is what the elements told, each with its id. */
async function embed(body, stubs, { css = '', script = '<script type="module" src="/embed/v1.js"></script>', sources = "'self'", ...options } = {}) {
  const [{ url, pages }] = stubs;
  const policy = policyOf(stubs, sources);
  pages['/host.css'] = { body: css, policy };
  pages['/host.html'] = {
    policy,
    body: `<!doctype html><html lang="en"><title>Host</title><link rel="stylesheet" href="/host.css"><main><h1>Host</h1>${body}</main>
      ${script}</html>`,
  };
  const prepare = (page) =>
    page.addInitScript(() => {
      globalThis.heard = [];
      const types = ['ready', 'name', 'state', 'session', 'message', 'deleted', 'viewers', 'likes', 'error', 'ended'];
      const plain = (detail) => (detail instanceof Error ? { code: detail.code } : detail);
      for (const type of types) addEventListener(`live-chat-${type}`, ({ target, detail }) => globalThis.heard.push({ type, id: target.id, detail: plain(detail) }));
    });
  return open(on.browser, `${url}/host.html`, { viewport: DESKTOP, ...options, prepare });
}

const give = (page, id, token) => page.evaluate(([id, token]) => (document.getElementById(id).token = token), [id, token]);
const isLive = (page, id) => page.locator(`#${id} #state[data-state=live]`).waitFor();
const heard = (page, type) => page.evaluate((type) => globalThis.heard.filter((event) => event.type === type), type);
const isIn = (page, id, text) => page.locator(`#${id} #messages`).getByText(text).waitFor();

test('two elements on a page are two chats; each closes its socket when it is removed', async () => {
  const stubs = [await on.chat(3), await on.chat(2)];
  stubs[1].session = { ...stubs[1].session, name: 'Another evening' };
  const sent = [[], []];
  stubs.forEach((stub, i) => (stub.frames = { message: ({ message }) => void sent[i].push(message) }));
  const page = await embed(`<live-chat id="a"></live-chat><live-chat id="b" base-url="${stubs[1].url}"></live-chat>`, stubs);
  await give(page, 'a', stubToken('ann'));
  await give(page, 'b', stubToken('bob'));
  for (const id of ['a', 'b']) await isLive(page, id);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'BODY', 'the page keeps its focus');
  assert.equal(await page.locator('#a #session-name').textContent(), 'A long evening');
  assert.equal(await page.locator('#b #session-name').textContent(), 'Another evening');
  assert.equal(await page.title(), 'Host');

  stubs[1].write(1);
  await isIn(page, 'b', stubs[1].messages[2].message.trim());
  assert.equal(await page.locator('#a #messages li').count(), 3);
  await page.fill('#a #text', 'hello');
  await page.press('#a #text', 'Enter');
  assert.equal(await page.inputValue('#b #text'), '');
  await page.evaluate(() => void document.getElementById('b').sendMessage('from the page').catch(() => {}));
  await until(page, () => sent.flat().length === 2);
  assert.deepEqual(sent, [['hello'], ['from the page']]);
  // A hand in one of them pauses that one.
  await page.locator('#a #messages li').first().hover();
  for (const stub of stubs) stub.write(1);
  await page.locator('#a #to-end-text').getByText('Paused, 1 new').waitFor();
  await isIn(page, 'b', stubs[1].messages[3].message.trim());
  assert.equal(await page.locator('#b #to-end').isVisible(), false);
  await page.mouse.move(1270, 10);
  await page.locator('#a #to-end').waitFor({ state: 'hidden' });
  await isAccessibleInBoth(page, 'two-elements');

  // One that moves stays in its chat; one that is removed leaves it, and comes back where it is put again.
  const [socket] = stubs[1].sockets;
  await page.evaluate(() => document.querySelector('main').prepend(document.getElementById('b')));
  await page.evaluate(() => (globalThis.removed = document.getElementById('a')).remove());
  await until(page, () => stubs[0].sockets.size === 0);
  assert.deepEqual([...stubs[1].sockets], [socket]);
  await page.evaluate(() => document.querySelector('main').append(globalThis.removed));
  await isLive(page, 'a');
  assert.equal(stubs[0].sockets.size, 1);
  noFaults(page);
  await page.context().close();
});

test('it takes a function for its token, and what was set before its script came', async () => {
  const stub = await on.chat(1);
  const page = await embed('<live-chat id="a"></live-chat>', [stub], { script: '' });
  await page.evaluate(async (token) => {
    const element = document.getElementById('a');
    globalThis.asked = 0;
    element.token = async () => {
      globalThis.asked += 1;
      return token;
    };
    element.strings = { saySomething: 'Speak' };
    await import('/embed/v1.js');
  }, stubToken('ann'));
  await isLive(page, 'a');
  assert.equal(await page.evaluate(() => globalThis.asked), 1);
  assert.equal(await page.locator('#text').getAttribute('placeholder'), 'Speak');
  noFaults(page);
  await page.context().close();
});

test('it tells what happens, and what the page can show in its place until then', async () => {
  const stub = await on.chat(1);
  const page = await embed('<live-chat id="a"><p slot="entrance">Sign in to talk</p></live-chat><live-chat id="b"></live-chat>', [stub]);
  await page.getByText('Sign in to talk').waitFor();
  assert.deepEqual(await page.evaluate(() => globalThis.heard), []);
  await give(page, 'a', stubToken('ann'));
  await isLive(page, 'a');
  await page.getByText('Sign in to talk').waitFor({ state: 'hidden' });
  assert.deepEqual((await heard(page, 'state')).map(({ detail }) => detail.state), ['connecting', 'live']);
  assert.deepEqual((await heard(page, 'name')).at(-1).detail, { name: 'A long evening' });
  assert.equal((await heard(page, 'session'))[0].id, 'a');
  assert.ok((await heard(page, 'ready')).length > 0);
  stub.write(1);
  await isIn(page, 'a', stub.messages[1].message.trim());
  assert.equal((await heard(page, 'message')).at(-1).detail.seq, 2);
  assert.deepEqual(await page.evaluate(() => [document.getElementById('a').client.state, document.getElementById('a').user.sub]), ['live', 'ann']);

  stub.answers = { 'GET status': () => refusal(401, 'unauthorized') };
  await give(page, 'b', stubToken('bob'));
  await page.locator('#b').getByText('The chat did not accept this token. It may have expired.').waitFor();
  assert.deepEqual((await heard(page, 'ended')).map(({ id, detail }) => [id, detail.code]), [['b', 'unauthorized']]);
  assert.equal(await page.evaluate(() => document.getElementById('b').client), undefined);
  await assert.rejects(page.evaluate(() => document.getElementById('b').sendMessage('nowhere')), /not connected/);

  await page.evaluate(() => (document.getElementById('a').token = null));
  await page.getByText('Sign in to talk').waitFor();
  await until(page, () => stub.sockets.size === 0);
  noFaults(page);
  await page.context().close();
});

test('who is muted in one of the chats of a page is muted in the others', async () => {
  const stub = await on.chat(3);
  const page = await embed('<live-chat id="a"></live-chat><live-chat id="b"></live-chat>', [stub]);
  for (const id of ['a', 'b']) await give(page, id, stubToken(id));
  for (const id of ['a', 'b']) await isLive(page, id);
  const muteFirst = async (id) => {
    const message = page.locator(`#${id} #messages .message:visible`).first();
    await message.hover();
    await message.locator('.menu-button').click();
    await page.getByRole('menuitem', { name: /^Mute/ }).click();
  };
  for (const [count, id] of [[1, 'a'], [2, 'b']]) {
    await muteFirst(id);
    for (const each of ['a', 'b']) await page.locator(`#${each} #muted`).getByText(`Muted: ${count}`).waitFor();
  }
  noFaults(page);
  await page.context().close();
});

test('a listener that enters anew when the chat ends has one chat', async () => {
  const stub = await on.chat(1);
  const page = await embed('<live-chat id="a"></live-chat>', [stub]);
  await give(page, 'a', stubToken('ann'));
  await isLive(page, 'a');
  await page.evaluate((token) => {
    const chat = document.getElementById('a');
    chat.addEventListener('live-chat-state', ({ detail }) => detail.state === 'ended' && chat.connect({ token }));
    chat.disconnect();
  }, stubToken('ann'));
  await isLive(page, 'a');
  stub.write(1);
  await isIn(page, 'a', stub.messages.at(-1).message.trim());
  await until(page, () => stub.sockets.size === 1);
  noFaults(page);
  await page.context().close();
});

test('it speaks the language of its page, another one that it is told, or one that the page brings', async () => {
  const stub = await on.chat(1);
  const page = await embed('<div lang="es-MX"><live-chat id="a"></live-chat></div><live-chat id="b" lang="ar" dir="rtl"></live-chat>', [stub]);
  await page.evaluate(() => {
    document.getElementById('b').strings = { send: 'إرسال', says: 'no function', failures: { denied: 'لا' }, unknown: 1 };
  });
  for (const id of ['a', 'b']) await give(page, id, stubToken(id));
  for (const id of ['a', 'b']) await isLive(page, id);
  await page.locator('#a').getByText('En vivo').waitFor();
  const labels = (id) => page.evaluate((id) => ['#send', '#like'].map((button) => document.getElementById(id).shadowRoot.querySelector(button).ariaLabel), id);
  assert.deepEqual(await labels('b'), ['إرسال', 'Like this session'], 'what is missing is English');
  assert.deepEqual(await page.locator('#b #chat').evaluate(({ lang, dir }) => [lang, dir]), ['ar', 'rtl']);
  // A change while it is in the chat: it is back at once, in the new language.
  await page.evaluate(() => (document.getElementById('a').lang = 'en'));
  await page.locator('#a').getByText('Live', { exact: true }).waitFor();
  assert.equal((await labels('a'))[0], 'Send');
  await until(page, () => stub.sockets.size === 2);
  // The same with a token that only `connect` was given. Whoever leaves is told nothing.
  await page.evaluate((token) => Object.assign(document.getElementById('a'), { token: null }).connect({ token }), stubToken('ann'));
  await page.evaluate(() => (document.getElementById('a').lang = 'es'));
  await page.locator('#a').getByText('En vivo').waitFor();
  await page.evaluate(() => document.getElementById('a').disconnect());
  assert.equal(await page.locator('#a #why').textContent(), '');
  await until(page, () => stub.sockets.size === 1);
  noFaults(page);
  await page.context().close();
});

test('it fits the space that it is given, and looks as the page wants', async () => {
  const stub = await on.chat(5);
  const css = `
    p { color: rgb(9, 9, 9) !important; }
    live-chat { --lc-accent: rgb(1, 2, 3); --lc-avatar-size: 20px; width: 300px; height: 400px; }
    #b { width: 700px; height: 200px; }
    live-chat::part(send) { border-radius: 3px; }`;
  const page = await embed('<live-chat id="a" theme="dark"></live-chat><live-chat id="b" theme="light" layout="comfortable"></live-chat>', [stub], { css });
  for (const id of ['a', 'b']) await give(page, id, stubToken(id));
  for (const id of ['a', 'b']) await isLive(page, id);
  const style = (id, inner, name) => page.locator(`#${id} ${inner}`).first().evaluate((node, name) => getComputedStyle(node)[name], name);
  for (const id of ['a', 'b']) {
    assert.equal(await style(id, '#send', 'backgroundColor'), 'rgb(1, 2, 3)');
    assert.equal(await style(id, '#send', 'borderRadius'), '3px');
    assert.notEqual(await style(id, '.text', 'color'), 'rgb(9, 9, 9)');
    const { width, height } = await page.locator(`#${id} #app`).boundingBox();
    assert.deepEqual([width, height], id === 'a' ? [300, 400] : [700, 200]);
  }
  assert.equal(await page.locator('#b .avatar').first().evaluate((node) => node.offsetWidth), 20);
  assert.notEqual(await style('a', '#log', 'color'), await style('b', '#log', 'color'), 'dark and light');
  assert.deepEqual([await page.locator('#a .brand').isVisible(), await page.locator('#b .brand').isVisible()], [false, false], 'narrow, and low');
  await page.evaluate(() => document.getElementById('b').removeAttribute('layout'));
  await page.locator('#b #log.compact .message').first().waitFor();
  // Compact: name and text begin on one line, and no picture is beside them.
  for (const id of ['a', 'b']) {
    assert.equal(await page.locator(`#${id} #messages .avatar`).first().isVisible(), false);
    const [name, text] = await page.evaluate((id) => {
      const { shadowRoot } = document.getElementById(id);
      const range = document.createRange();
      range.selectNodeContents(shadowRoot.querySelector('#messages .text'));
      return [shadowRoot.querySelector('#messages .name').getBoundingClientRect(), range.getClientRects()[0]].map(({ top, bottom, left }) => ({ top, bottom, left }));
    }, id);
    assert.ok(text.top < name.bottom && name.top < text.bottom && text.left > name.left, JSON.stringify([name, text]));
  }
  await isAccessibleInBoth(page, 'element');
  noFaults(page);
  await page.context().close();
});

test('a long text is folded in the compact layout, too', async () => {
  const stub = await on.chat(1);
  Object.assign(stub.fill(1)[0], { message: 'a line\n'.repeat(30) });
  const page = await embed('<live-chat id="a"></live-chat>', [stub]);
  await give(page, 'a', stubToken('ann'));
  await isLive(page, 'a');
  const text = page.locator('#a #messages .text').last();
  const more = page.locator('#a').getByRole('button', { name: 'more', exact: true });
  await more.waitFor();
  const heightOf = () => text.evaluate((node) => node.getBoundingClientRect().height);
  const folded = await heightOf();
  await more.click();
  assert.ok((await heightOf()) > 2 * folded);
  noFaults(page);
  await page.context().close();
});

test('a page of another origin loads it from the chat, which its policy names', async () => {
  const [stub, host] = [await on.chat(1), await on.chat()];
  const script = `<script type="module" src="${stub.url}/embed/v1.js"></script>`;
  const page = await embed('<live-chat id="a"></live-chat>', [host, stub], { script, sources: stub.url });
  await give(page, 'a', stubToken('ann'));
  await isLive(page, 'a');
  await isIn(page, 'a', stub.messages[0].message.trim());
  assert.equal(await page.locator('#a #app').evaluate((node) => getComputedStyle(node).display), 'flex', 'its stylesheet is there');
  noFaults(page);
  await page.context().close();
});
