// Names that are offered after an `@` in the field of the page at /. The test plays the server.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DESKTOP, focused, isAccessibleInBoth, noFaults } from './page.mjs';
import { stubStage, until } from './page-stub.mjs';
import { stubToken } from './stub-chat.mjs';

const on = stubStage();
const NAMES = ['Zoë', 'Anna', 'José Luis', 'andrew', 'Anna', 'Ann Other'];

/** A visitor, Ann, in a chat in which these have written; and what she sends. */
async function come(options) {
  const stub = await on.chat(NAMES.length);
  NAMES.forEach((username, i) => Object.assign(stub.messages[i], { username, user_id: username, message: `from ${username} ${i}` }));
  const sent = [];
  stub.frames = { message: ({ message }) => void sent.push(message) };
  const page = await on.come(stub, { viewport: DESKTOP, token: stubToken('Ann Other', { name: 'Ann Other' }), ...options });
  return { page, sent };
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
