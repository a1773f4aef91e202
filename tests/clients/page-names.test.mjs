// Names that are offered after an `@` in the field of the page at /. The test plays the server.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DESKTOP, focused, isAccessibleInBoth, noFaults } from './page.mjs';
import { stubStage, until } from './page-stub.mjs';
import { stubToken } from './stub-chat.mjs';

const on = stubStage();
const NAMES = ['Zoë', 'Anna', 'José Luis', 'andrew', 'Anna', 'Ann Other'];

/** A visitor, Ann, in a chat in which these have written; and what she sends, with the ids that it mentions. Ids are names unless told. */
async function come({ names = NAMES, ids = names, ...options } = {}) {
  const stub = await on.chat(names.length);
  names.forEach((username, i) => Object.assign(stub.messages[i], { username, user_id: ids[i], message: `from ${username} ${i}` }));
  const [sent, mentioned] = [[], []];
  stub.frames = {
    message: ({ message, mentions = [], client_message_id }) => {
      sent.push(message);
      mentioned.push(mentions);
      return { type: 'ack', client_message_id, message_id: 100_000_000 + names.length + sent.length, created_at: '', duplicate: false };
    },
  };
  const page = await on.come(stub, { viewport: DESKTOP, token: stubToken('Ann Other', { name: 'Ann Other' }), ...options });
  return { stub, page, sent, mentioned };
}

const offered = (page) => page.locator('#names [role=option]').allTextContents();
const offers = (page, names) =>
  page.waitForFunction((names) => findAll('#names [role=option]').map((option) => option.textContent).join('|') === names, names.join('|'));
const isClosed = (page) => page.locator('#names').waitFor({ state: 'hidden' });
/** The name that screen readers hear. */
const chosen = (page) => page.evaluate(() => byId(byId('text').getAttribute('aria-activedescendant')).textContent);

test('an @ and a letter offer the names of others, the newest first, by any word and without accents', async () => {
  const { page } = await come();
  await page.focus('#text');
  await page.keyboard.type('hello @');
  assert.deepEqual(await offered(page), []);
  await page.keyboard.type('an');
  await offers(page, ['Anna', 'andrew']);
  assert.equal(await focused(page), 'text');
  assert.equal(await chosen(page), 'Anna');
  await isAccessibleInBoth(page, 'names');
  for (const [text, names] of [['@zoe', ['Zoë']], ['@jose l', ['José Luis']], ['@LUIS', ['José Luis']], ['(@zo', ['Zoë']]]) {
    await page.fill('#text', text);
    await offers(page, names);
  }
  for (const text of ['me@an', '@@an', '@nobody', '@ an', 'an']) {
    await page.fill('#text', text);
    await isClosed(page);
  }
  noFaults(page);
  await page.context().close();
});

test('keys take a name or close the list, and Enter sends once it is closed', async () => {
  const { page, sent } = await come();
  await page.focus('#text');
  for (const [keys, expected] of [[['Enter'], '@Anna '], [['Tab'], '@Anna '], [['ArrowDown', 'Enter'], '@andrew '], [['ArrowUp', 'Tab'], '@andrew '], [['ArrowDown', 'ArrowDown', 'Enter'], '@Anna ']]) {
    await page.keyboard.type('@an');
    await offers(page, ['Anna', 'andrew']);
    for (const key of keys) await page.keyboard.press(key);
    assert.equal(await page.inputValue('#text'), expected, String(keys));
    await isClosed(page);
    assert.equal(await focused(page), 'text');
    await page.fill('#text', '');
  }
  await page.keyboard.type('@an');
  await offers(page, ['Anna', 'andrew']);
  await page.keyboard.press('Escape');
  await isClosed(page);
  // It stays closed for this `@`.
  await page.keyboard.type('n');
  assert.deepEqual(await offered(page), []);
  await page.keyboard.type(' and @z');
  await offers(page, ['Zoë']);
  await page.keyboard.press('Tab');
  assert.equal(await page.inputValue('#text'), '@ann and @Zoë ');
  assert.equal(await page.locator('#counter').textContent(), '13/1000');
  assert.deepEqual(sent, []);
  await page.keyboard.press('Enter');
  await until(page, () => sent.length > 0);
  assert.deepEqual(sent, ['@ann and @Zoë']);
  noFaults(page);
  await page.context().close();
});

test('a pointer takes a name, in the middle of a text, too; the focus stays in the field', async () => {
  const { page } = await come({ viewport: { width: 280, height: 600 } });
  await page.fill('#text', 'for today');
  for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight']) await page.press('#text', key);
  await page.keyboard.type('@an');
  await offers(page, ['Anna', 'andrew']);
  const heights = await page.locator('#names li').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
  assert.ok(heights.every((height) => height >= 44), String(heights));
  await page.locator('#names li').nth(1).click();
  assert.equal(await page.inputValue('#text'), 'for @andrew today');
  assert.equal(await focused(page), 'text');
  await isClosed(page);
  await page.fill('#text', '@zo');
  await offers(page, ['Zoë']);
  await page.focus('#log');
  await isClosed(page);
  noFaults(page);
  await page.context().close();
});

test('an input method keeps its keys: nothing is offered or taken until its word is there', async () => {
  const { page, sent } = await come();
  const keyboard = await page.context().newCDPSession(page);
  await page.fill('#text', '@zo');
  await offers(page, ['Zoë']);
  const isLeft = await page.evaluate(() => {
    const event = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, isComposing: true, keyCode: 229 });
    return byId('text').dispatchEvent(event);
  });
  assert.equal(isLeft, true);
  assert.equal(await page.inputValue('#text'), '@zo');
  await page.fill('#text', '@');
  await page.focus('#text');
  await keyboard.send('Input.imeSetComposition', { text: 'an', selectionStart: 2, selectionEnd: 2 });
  await page.waitForFunction(() => byId('text').value === '@an');
  assert.deepEqual(await offered(page), []);
  await keyboard.send('Input.insertText', { text: 'an' });
  await offers(page, ['Anna', 'andrew']);
  assert.deepEqual(sent, []);
  noFaults(page);
  await page.context().close();
});

/** Types what begins a name, and takes the first that is offered. */
async function take(page, begun, name) {
  await page.focus('#text');
  await page.keyboard.type(begun);
  await page.waitForFunction((name) => findAll('#names [role=option]')[0]?.textContent === name, name);
  await page.keyboard.press('Enter');
}

async function sends(page, mentioned, ...ids) {
  const count = mentioned.length;
  await page.press('#text', 'Enter');
  await until(page, () => mentioned.length > count);
  assert.deepEqual(mentioned.at(-1), ids);
}

test('somebody whose messages go while the names are offered can still be mentioned', async () => {
  const { stub, page, mentioned } = await come();
  await page.focus('#text');
  await page.keyboard.type('@zo');
  await offers(page, ['Zoë']);
  stub.tell({ type: 'user_purged', seq: NAMES.length + 1, user_id: 'Zoë', up_to_seq: NAMES.length });
  await page.locator('#messages').getByText('from Zoë 0').waitFor({ state: 'detached' });
  await page.keyboard.press('Enter');
  await sends(page, mentioned, 'Zoë');
  noFaults(page);
  await page.context().close();
});

test('a name that was erased is no mention, nor is the beginning of a longer one', async () => {
  const { page, mentioned } = await come({ names: ['Eva Smith', 'Eva', 'Last'], ids: ['smith', 'eva', 'last'] });
  await take(page, '@e', 'Eva');
  await page.fill('#text', '');
  await take(page, '@eva s', 'Eva Smith');
  await sends(page, mentioned, 'smith');
  await take(page, '@e', 'Eva');
  await page.fill('#text', '');
  await page.keyboard.type('@Eva');
  await page.keyboard.press('Escape');
  // It was typed: it may be anybody's.
  await sends(page, mentioned);
  await take(page, '@e', 'Eva');
  await take(page, 'and @eva s', 'Eva Smith');
  await sends(page, mentioned, 'eva', 'smith');
  await take(page, '@eva s', 'Eva Smith');
  await take(page, 'and @e', 'Eva');
  await page.fill('#text', 'hello @EVA  smith');
  await sends(page, mentioned, 'smith');
  noFaults(page);
  await page.context().close();
});

test('a name that two people share mentions neither', async () => {
  const { page, mentioned } = await come({ names: ['Zoe', 'Yan', 'Zoe', 'Yan', 'Last'], ids: ['zoe', 'yan', 'not-zoe', 'yan', 'last'] });
  await take(page, '@z', 'Zoe');
  await take(page, 'and @y', 'Yan');
  assert.equal(await page.inputValue('#text'), '@Zoe and @Yan ');
  await sends(page, mentioned, 'yan');
  noFaults(page);
  await page.context().close();
});
