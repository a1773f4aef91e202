// Writing: input methods, rate limits, the end of the session, and a browser in which other things fail. The test plays the server.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DESKTOP, PHONE, focused, isAccessibleInBoth, isLive, noFaults, say, shows } from './page.mjs';
import { stubStage, until } from './page-stub.mjs';
import { refusal, stubToken } from './stub-chat.mjs';

const on = stubStage();
const CLOSED = { is_active: false, session: null };
const refused = (code, more) => ({ client_message_id }) => ({ type: 'error', code, message: 'No', client_message_id, ...more });
/** The texts that the stub was asked to send, and the key of the last one. */
const hears = (stub) => {
  const sent = [];
  stub.frames = {
    message: ({ message, client_message_id }) => {
      sent.push(message);
      stub.lastKey = client_message_id;
      return { type: 'ack', client_message_id, message_id: 100_000_000 + stub.messages.length + sent.length, created_at: '', duplicate: false };
    },
  };
  return sent;
};

test('Enter sends nothing while an input method uses it, nor after the composition that it ended in Safari', async () => {
  const stub = await on.chat(2);
  const sent = hears(stub);
  const page = await on.come(stub, { viewport: DESKTOP });
  await page.fill('#text', '日本');
  const press = (place, key, options) =>
    page.evaluate(([place, key, options]) => {
      const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...options });
      return findOne(place).dispatchEvent(event);
    }, [place, key, options]);
  for (const options of [{ keyCode: 229 }, { isComposing: true }, { isComposing: true, keyCode: 229 }]) {
    assert.equal(await press('#text', 'Enter', options), true, 'the input method gets its key');
    // Neither do such keys move through the log.
    await page.focus('.message:last-child');
    for (const key of ['ArrowUp', 'Home', 'Escape']) {
      assert.equal(await press('.message:last-child', key, options), true);
      assert.equal(await focused(page), `message-${stub.messages.at(-1).id}`);
    }
  }
  assert.equal(await page.inputValue('#text'), '日本');

  // With a real composition: the first Enter takes the word, the second one sends it.
  await page.fill('#text', '');
  const keyboard = await page.context().newCDPSession(page);
  await page.focus('#text');
  await keyboard.send('Input.imeSetComposition', { text: 'にほ', selectionStart: 2, selectionEnd: 2 });
  await keyboard.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 229 });
  await keyboard.send('Input.insertText', { text: '日本' });
  assert.equal(await page.inputValue('#text'), '日本');
  await page.keyboard.press('Enter');
  await until(page, () => sent.length > 0);
  assert.deepEqual(sent, ['日本']);
  noFaults(page);
});

test('a rate limit has one countdown, in the language of the page, and it is announced once', async () => {
  const stub = await on.chat(1);
  const page = await on.come(stub, { prepare: (page) => page.clock.install() });
  stub.frames = { message: refused('rate_limited', { retry_after_ms: 42_000 }) };
  await say(page, 'too fast');
  await page.locator('#wait').getByText(/^The next message goes out in 4[12] s\.$/).waitFor();
  await page.evaluate(() => {
    globalThis.announced = 0;
    new MutationObserver(() => globalThis.announced++).observe(byId('notice'), { childList: true, characterData: true, subtree: true });
  });
  /** Every number of seconds that shows anywhere in the composer, drawn by a style or not. */
  const seconds = () =>
    page.evaluate(() => {
      const drawn = findAll('#composer *').flatMap((node) => ['::before', '::after'].map((part) => getComputedStyle(node, part).content));
      return [byId('composer').innerText, ...drawn].join(' ').match(/\d+/g);
    });
  for (const wait of [2_000, 7_000, 3_000]) {
    await page.clock.runFor(wait);
    assert.equal((await seconds()).length, 1);
  }
  assert.match((await seconds())[0], /^(29|30|31)$/);
  await page.fill('#text', 'again');
  await page.press('#text', 'Enter');
  assert.equal(await page.inputValue('#text'), 'again');
  assert.equal(await page.evaluate(() => globalThis.announced), 0, 'an alert each second would be unbearable');
  await isAccessibleInBoth(page, 'one-countdown');
  stub.frames = { message: () => undefined };
  await page.clock.runFor(32_000);
  assert.equal(await page.locator('.notices').isVisible(), false);
  noFaults(page);
  await page.context().close();
});

for (const [why, end, text] of [
  ['it has ended', (stub) => stub.tell({ type: 'session_ended', session_id: 1 }), 'This chat has ended. Your text stays here.'],
  [
    'it was switched off',
    (stub) => {
      stub.answers = { 'POST ticket': () => refusal(403, 'chat_not_active') };
      for (const socket of stub.sockets) socket.terminate();
    },
    'The chat is not open. Your text stays here.',
  ],
]) {
  test(`a draft outlives its session, and the composer says why nothing can be sent: ${why}`, async () => {
    const stub = await on.chat(2);
    const sent = hears(stub);
    const ticket = { 'POST ticket': () => ({ ticket: 'one', expires_in: 30 }) };
    stub.answers = ticket;
    const page = await on.come(stub, { viewport: DESKTOP });
    await page.fill('#text', 'half a thought');
    await page.press('#text', 'Home');
    stub.status = CLOSED;
    end(stub);
    await page.locator('#notice').getByText(text, { exact: true }).waitFor();
    assert.equal(await page.inputValue('#text'), 'half a thought');
    assert.equal(await focused(page), 'text');
    await page.keyboard.type('lost? ');
    await page.keyboard.press('Enter');
    assert.equal(await page.inputValue('#text'), 'half a thought', 'it is read-only');
    await page.keyboard.press('Control+A');
    assert.equal(await page.evaluate(() => focusedElement().selectionEnd), 'half a thought'.length, 'it can be copied');
    // Hearts are off.
    const calls = stub.calls.filter((call) => call.includes('like')).length;
    for (const heart of ['#like', '.like-message >> nth=0']) {
      assert.equal(await page.getAttribute(heart, 'aria-disabled'), 'true');
      await page.locator(heart).click({ force: true });
      assert.equal(await page.getAttribute(heart, 'aria-pressed'), 'false');
    }
    assert.equal(stub.calls.filter((call) => call.includes('like')).length, calls);
    await isAccessibleInBoth(page, 'ended-with-draft');

    // The next session takes the text.
    stub.status = {};
    stub.answers = ticket;
    await isLive(page, { timeout: 90_000 });
    assert.equal(await page.locator('.notices').isVisible(), false);
    for (const heart of ['#like', '.like-message >> nth=0']) assert.equal(await page.getAttribute(heart, 'aria-disabled'), 'false');
    await page.press('#text', 'Enter');
    await until(page, () => sent.length > 0);
    assert.deepEqual(sent, ['half a thought']);
    noFaults(page);
    await page.context().close();
  });
}

test('the focus stays on whatever button it was on when the session ended', async () => {
  for (const button of ['#send', '#like', '.like-message']) {
    const stub = await on.chat(1);
    const page = await on.come(stub, { viewport: DESKTOP });
    await page.focus(button);
    const before = await focused(page);
    stub.status = CLOSED;
    stub.tell({ type: 'session_ended', session_id: 1 });
    await page.locator('#notice').getByText('This chat has ended.', { exact: true }).waitFor();
    assert.equal(await focused(page), before);
    await page.context().close();
  }
});

test('a text that came back from an expired token is not lost if the chat is closed by then', async () => {
  const stub = await on.chat(1);
  const page = await on.come(stub);
  await page.fill('#text', 'half a thought');
  stub.tell({ type: 'error', code: 'token_expired', message: 'The token has expired' });
  await page.waitForSelector('#enter:not([hidden])');
  stub.status = CLOSED;
  await page.evaluate((token) => (location.hash = `token=${token}`), stubToken('reader'));
  await page.locator('#notice').getByText('The chat is not open. Your text stays here.').waitFor();
  assert.equal(await page.inputValue('#text'), 'half a thought');
});

/** What a browser may lack or refuse, in groups that do not touch each other. */
const BROKEN = {
  'nothing can be formatted': () => {
    const fails = { get() { throw new RangeError('not in this language'); } };
    for (const format of [Intl.DateTimeFormat, Intl.NumberFormat]) Object.defineProperty(format.prototype, 'format', fails);
    Intl.Segmenter.prototype.segment = () => { throw new Error('no letters'); };
    globalThis.URL = class { constructor() { throw new TypeError('no addresses'); } };
  },
  'nothing moves or is measured': () => {
    delete globalThis.ResizeObserver;
    delete globalThis.matchMedia;
    delete Element.prototype.animate;
    delete Element.prototype.scrollIntoView;
  },
  'styles and the selection are unknown': () => {
    globalThis.getComputedStyle = () => { throw new Error('no styles'); };
    globalThis.getSelection = () => null;
    delete ShadowRoot.prototype.getSelection;
  },
  'nothing can be kept or passed on': () => {
    delete globalThis.BroadcastChannel;
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(globalThis, name, { get() { throw new DOMException('blocked', 'SecurityError'); } });
    }
  },
};

for (const [what, broken] of Object.entries(BROKEN)) {
  test(`one sends, and learns what failed, where ${what}`, async () => {
    const stub = await on.chat(3);
    const sent = hears(stub);
    const page = await on.come(stub, { viewport: DESKTOP, prepare: (page) => page.addInitScript(broken) });
    await say(page, 'hello');
    await until(page, () => sent.includes('hello'));
    const [own] = stub.fill(1);
    Object.assign(own, { user_id: 'reader', message: 'hello', likes: 2_000, is_winner: true, client_message_id: stub.lastKey });
    stub.tell({ type: 'new_message', message: own }, { type: 'session_like_update', total_likes: 12_345 });
    await page.locator(`#message-${own.id}`).getByText('hello').waitFor();
    await shows(page, 'like-count', what.includes('formatted') ? '12345' : '12.3K');
    stub.frames = { message: refused('invalid_message') };
    await say(page, 'not like this');
    await page.locator('#pending').getByText('Not sent. The chat does not take this text.').waitFor();
    await page.locator('#pending .retry').click();
    stub.answers = { 'POST like': () => refusal(503, 'unavailable') };
    await page.click('#like');
    await page.locator('#notice').getByText('Your like did not arrive.').waitFor();
    await page.locator('.message').first().click();
    noFaults(page);
    await page.context().close();
  });
}

test('a part of a message that nobody expects takes neither the message nor the next one away', async () => {
  const stub = await on.chat(1);
  const page = await on.come(stub);
  const odd = [{ username: 42 }, { username: null }, { user_id: 7 }, { profile_pic: {} }, { created_at: 'yesterday' }, { likes: null }, { badge: 9, is_winner: true }];
  for (const parts of odd) Object.assign(stub.fill(1)[0], parts, { message: `with ${JSON.stringify(parts)}` });
  stub.write(1);
  stub.tell(...stub.messages.slice(1).map((message) => ({ type: 'new_message', message })));
  for (const socket of stub.sockets) socket.terminate();
  const again = await on.come(stub);
  for (const { message } of stub.messages) await again.locator('#messages').getByText(message.trim(), { exact: true }).waitFor();
  noFaults(page, again);
});

test('what says that there are no messages yet stands in the middle, and makes room for the first one', async () => {
  const stub = await on.chat();
  for (const viewport of [PHONE, DESKTOP]) {
    stub.frames = { message: () => undefined };
    const page = await on.come(stub, { viewport });
    await shows(page, 'nothing', 'No messages yet. Say hello!');
    const off = await page.evaluate(() => {
      const [log, nothing] = ['log', 'nothing'].map((id) => byId(id).getBoundingClientRect());
      return Math.abs((log.top + log.bottom) / 2 - (nothing.top + nothing.bottom) / 2);
    });
    assert.ok(off < 20, `${off} px off the middle`);
    await isAccessibleInBoth(page, 'nothing-yet');
    await say(page, 'hello');
    await page.locator('#pending').getByText('hello').waitFor();
    assert.equal(await page.locator('#nothing').isVisible(), false);
    const gap = await page.evaluate(() => byId('log').getBoundingClientRect().bottom - findOne('#pending li').getBoundingClientRect().bottom);
    assert.ok(gap < 20, `the first message is ${gap} px above the composer`);
    noFaults(page);
    await page.context().close();
  }
});

test('no frame is around the log for whoever comes by a link; there is one for the keyboard', async () => {
  const stub = await on.chat(3);
  const page = await on.come(stub, { hasTouch: true, isMobile: true });
  const frame = () => page.evaluate(() => getComputedStyle(byId('log')).outlineStyle);
  assert.equal(await focused(page), 'log');
  assert.equal(await frame(), 'none');
  await page.keyboard.press('Shift');
  assert.equal(await frame(), 'none');
  await page.keyboard.press('PageUp');
  assert.notEqual(await frame(), 'none');
  await page.touchscreen.tap(200, 300);
  await page.focus('#log');
  assert.equal(await frame(), 'none');
  await page.focus('#text');
  await page.keyboard.press('Shift+Tab');
  assert.equal(await focused(page), 'log');
  assert.notEqual(await frame(), 'none');
  noFaults(page);
});
