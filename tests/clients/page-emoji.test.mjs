// The emoji picker: opening, searching, moving, choosing, what it remembers, and what it leaves alone. The test plays the server.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DESKTOP, PHONE, focused, isAccessibleInBoth, noFaults, shows } from './page.mjs';
import { stubStage } from './page-stub.mjs';

const on = stubStage();
const NARROW = { width: 320, height: 640 };
const picker = (page) => page.locator('#emoji-picker');
const cell = (page, name) => picker(page).getByRole('gridcell').getByRole('button', { name, exact: true });
const tab = (page, name) => picker(page).getByRole('tab', { name, exact: true });
const search = (page) => picker(page).getByRole('searchbox');
const names = (page) => picker(page).locator('.row button').evaluateAll((all) => all.map((button) => button.ariaLabel));
const field = (page) => page.locator('#text');

/** A system whose font draws every emoji but these, whatever fonts this machine has. */
const drawing = (missing = []) => (page) =>
  page.addInitScript((missing) => {
    const drawn = new WeakMap();
    const isMissing = (text) => text === '\u{10fffd}' || missing.some((one) => text.includes(one));
    Object.assign(CanvasRenderingContext2D.prototype, {
      fillText(text) {
        drawn.set(this, [text, this.fillStyle]);
      },
      measureText: (text) => ({ width: isMissing(text) ? 48 : 24 }),
      getImageData() {
        const [text, style] = drawn.get(this);
        // A box has the colour of the text.
        return { data: new Uint8ClampedArray(4).fill(isMissing(text) ? style.length + Number(style === '#ffffff') : 200) };
      },
    });
  }, missing);

/** A visitor whose system draws every emoji. */
async function come({ stub, ...options } = {}) {
  const page = await on.come(stub ?? (await on.chat(3)), { viewport: DESKTOP, prepare: drawing(), ...options });
  await page.locator('#emoji').waitFor({ state: 'attached' });
  return page;
}

async function open(page) {
  await page.click('#emoji');
  await picker(page).waitFor();
}

test('an emoji that is searched comes where the cursor is, and Escape gives the focus back to the field', async () => {
  const page = await come();
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await field(page).fill('good day');
  await page.evaluate(() => byId('text').setSelectionRange(4, 4));
  await open(page);
  assert.deepEqual(asked.map((url) => /\/(emoji[\w.-]*)-\w+\.js$/.exec(url)?.[1]).sort(), ['emoji-picker', 'emoji.en'], 'loaded with the first click');
  assert.equal(await page.getAttribute('#emoji', 'aria-expanded'), 'true');
  await page.keyboard.type('grinning f');
  await page.waitForFunction(() => /^[1-9]\d* emoji found$/.test(byId('announcer').textContent));
  await page.keyboard.press('Enter');
  await shows(page, 'announcer', 'Added: grinning face');
  assert.equal(await field(page).inputValue(), 'good😀 day');
  assert.equal(await page.textContent('#counter'), '9/1000');
  await page.keyboard.press('Enter');
  assert.equal(await field(page).inputValue(), 'good😀😀 day', 'it stays open');
  await page.keyboard.press('Escape');
  await picker(page).waitFor({ state: 'hidden' });
  assert.equal(await focused(page), 'text');
  assert.equal(await page.getAttribute('#emoji', 'aria-expanded'), 'false');
  await page.keyboard.type('!');
  assert.equal(await field(page).inputValue(), 'good😀😀! day', 'where one was');
  noFaults(page);
});

test('the keyboard opens it, moves in the grid, turns to another group, and comes back to the button', async () => {
  const page = await come();
  await page.focus('#emoji');
  await page.keyboard.press('Enter');
  await picker(page).waitFor();
  await page.waitForFunction(() => focusedElement().type === 'search');
  const at = () => page.evaluate(() => focusedElement().ariaLabel);
  await page.keyboard.press('ArrowDown');
  const all = await names(page);
  for (const [key, index] of [['ArrowRight', 1], ['ArrowDown', 9], ['End', 15], ['ArrowLeft', 14], ['Home', 8], ['PageDown', 40], ['PageUp', 8], ['Control+End', all.length - 1], ['ArrowDown', all.length - 1], ['Control+Home', 0]]) {
    await page.keyboard.press(key);
    assert.equal(await at(), all[index], key);
  }
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press(' ');
  await page.keyboard.press('Enter');
  assert.equal((await field(page).inputValue()).length, 4, 'two of them');
  await page.keyboard.press('ArrowUp');
  assert.equal(await page.evaluate(() => focusedElement().type), 'search');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  assert.equal(await at(), 'smileys & emotion');
  for (const [key, name] of [['ArrowRight', 'people & body'], ['End', 'flags'], ['ArrowRight', 'Recently used'], ['ArrowLeft', 'flags'], ['Home', 'Recently used']]) {
    await page.keyboard.press(key);
    assert.equal(await at(), name);
    assert.equal(await tab(page, name).getAttribute('aria-selected'), 'true');
  }
  assert.deepEqual(await names(page), [all[1]]);
  await page.keyboard.press('Escape');
  assert.equal(await focused(page), 'emoji');
  noFaults(page);
});

test('arrow keys with Alt, Control or Meta are the browser’s', async () => {
  const page = await come();
  await open(page);
  const press = (modifiers) =>
    page.evaluate((modifiers) => {
      const event = new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true, composed: true, cancelable: true, ...modifiers });
      focusedElement().dispatchEvent(event);
      return [focusedElement().ariaLabel, event.defaultPrevented];
    }, modifiers);
  const all = await names(page);
  await page.keyboard.press('ArrowDown');
  for (const key of ['altKey', 'ctrlKey', 'metaKey']) assert.deepEqual(await press({ [key]: true }), [all[0], false], key);
  assert.deepEqual(await press({}), [all[1], true]);
  await tab(page, 'flags').focus();
  for (const key of ['altKey', 'ctrlKey', 'metaKey']) assert.deepEqual(await press({ [key]: true }), ['flags', false], key);
  assert.deepEqual(await press({}), ['Recently used', true]);
  noFaults(page);
});

test('nothing was used yet: it says so, and nothing about a search', async () => {
  const page = await come();
  await open(page);
  await tab(page, 'Recently used').click();
  await picker(page).getByText('You have not used any emoji yet').waitFor();
  await search(page).fill('xyzzy');
  await picker(page).getByText('No emoji found').waitFor();
  noFaults(page);
});

test('the notice of something else stays while emoji are chosen', async () => {
  const page = await come();
  await field(page).fill('x'.repeat(1000));
  await open(page);
  await cell(page, 'grinning face').click();
  await shows(page, 'notice', 'The message has no room for another emoji.');
  await field(page).fill('x');
  await page.locator('live-chat').evaluate((chat) => chat.notify('The prize is drawn.'));
  await open(page);
  await cell(page, 'grinning face').click();
  assert.equal(await page.textContent('#notice'), 'The prize is drawn.');
  noFaults(page);
});

test('a tone that another chat or tab has chosen holds, and names say it', async () => {
  const page = await come();
  await open(page);
  await page.keyboard.press('Escape');
  await page.evaluate(() => localStorage.setItem('live-chat-emoji', JSON.stringify({ recent: [], tone: 5 })));
  await open(page);
  assert.equal(await picker(page).getByRole('combobox').inputValue(), '5');
  await tab(page, 'people & body').click();
  await cell(page, 'waving hand, dark skin tone').click();
  await shows(page, 'announcer', 'Added: waving hand, dark skin tone');
  await picker(page).getByRole('combobox').selectOption('0');
  await cell(page, 'waving hand').click();
  assert.equal(await field(page).inputValue(), '👋🏿👋');
  noFaults(page);
});

test('arrow keys follow the direction of the page', async () => {
  const page = await come({ query: '?dir=rtl' });
  await open(page);
  const all = await names(page);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await page.evaluate(() => focusedElement().ariaLabel), all[1]);
});

test('a message does not become longer than it may', async () => {
  const page = await come();
  await field(page).fill(`  ${'x'.repeat(999)}`);
  await open(page);
  await tab(page, 'people & body').click();
  await cell(page, 'victory hand').click();
  await shows(page, 'notice', 'The message has no room for another emoji.');
  assert.equal(await field(page).inputValue(), `  ${'x'.repeat(999)}`, 'of two characters, none comes');
  await tab(page, 'smileys & emotion').click();
  await cell(page, 'grinning face').click();
  await shows(page, 'notice', '');
  assert.equal(await page.textContent('#counter'), '1000/1000');
  noFaults(page);
});

test('the tone of skin and the emoji used last are there the next time', async () => {
  const stub = await on.chat(1);
  const page = await come({ stub });
  await open(page);
  const tones = await picker(page).getByRole('combobox', { name: 'Skin tone' }).locator('option').allTextContents();
  assert.deepEqual(tones.map((text) => text.replace(/\s+/, ' ')), [
    ...['✋ no skin tone', '✋🏻 light skin tone', '✋🏼 medium-light skin tone', '✋🏽 medium skin tone', '✋🏾 medium-dark skin tone', '✋🏿 dark skin tone'],
  ]);
  await picker(page).getByRole('combobox').selectOption('4');
  await tab(page, 'people & body').click();
  await cell(page, 'waving hand, medium-dark skin tone').click();
  await tab(page, 'smileys & emotion').click();
  await cell(page, 'grinning face').click();
  assert.equal(await field(page).inputValue(), '👋🏾😀');
  await page.reload();
  await page.locator('#state[data-state=live]').waitFor();
  await open(page);
  assert.equal(await tab(page, 'Recently used').getAttribute('aria-selected'), 'true');
  const recent = await names(page);
  assert.deepEqual(recent, ['grinning face', 'waving hand, medium-dark skin tone']);
  await cell(page, 'waving hand, medium-dark skin tone').click();
  assert.equal(await field(page).inputValue(), '👋🏾');
  noFaults(page);
});

test('a visitor who reads Spanish searches in Spanish, without accents', async () => {
  const page = await come({ locale: 'es-ES' });
  await page.getByRole('button', { name: 'Emojis' }).click();
  await picker(page).waitFor();
  await search(page).fill('corazon roj');
  await cell(page, 'corazón rojo').click();
  assert.equal(await field(page).inputValue(), '❤️');
  await search(page).fill('xyzzy');
  await shows(page, 'announcer', 'No se encontró ningún emoji');
  await picker(page).getByText('No se encontró ningún emoji').waitFor();
  await tab(page, 'comida y bebida').click();
  assert.equal(await search(page).inputValue(), '');
  noFaults(page);
});

test('emoji that the system cannot draw are not offered', async () => {
  const [distorted, bags, bird, flag] = ['🫪', '🫩', '🐦‍🔥', '🇪🇸'];
  const offered = async (missing) => {
    const page = await come({ prepare: drawing(missing) });
    await open(page);
    const found = [];
    for (const [word, name] of [['distorted face', 'distorted face'], ['bags under', 'face with bags under eyes'], ['phoenix', 'phoenix'], ['melting', 'melting face'], ['spain', 'flag: Spain'], ['chequered', 'chequered flag']]) {
      await search(page).fill(word);
      found.push((await names(page)).includes(name));
    }
    noFaults(page);
    await page.context().close();
    return found;
  };
  assert.deepEqual(await offered([]), [true, true, true, true, true, true]);
  assert.deepEqual(await offered([distorted]), [false, true, true, true, true, true]);
  assert.deepEqual(await offered([distorted, bags, '\u200d', flag]), [false, false, false, true, false, true], 'also no sequences that are drawn as their parts');
  assert.deepEqual(await offered([distorted, bags, bird, '😀', '🏁']), [false, false, false, false, true, false], 'a font without colours');
});

test('a click elsewhere closes it, and so does the button', async () => {
  const page = await come();
  await open(page);
  await page.click('#session-name');
  await picker(page).waitFor({ state: 'hidden' });
  await open(page);
  await page.click('#emoji');
  await picker(page).waitFor({ state: 'hidden' });
  await open(page);
  await field(page).click();
  await picker(page).waitFor({ state: 'hidden' });
  assert.equal(await focused(page), 'text');
  noFaults(page);
});

test('on a touch screen the button is there only while the room takes nothing but emoji', async () => {
  const stub = await on.chat(1);
  const page = await come({ stub, viewport: PHONE, hasTouch: true, isMobile: true });
  const button = page.locator('#emoji');
  await button.waitFor({ state: 'hidden' });
  stub.tell({ type: 'modes_update', modes: { emoji_only: true }, notice_id: '1' });
  await button.waitFor();
  await button.tap();
  await picker(page).waitFor();
  await cell(page, 'grinning face').tap();
  assert.equal(await field(page).inputValue(), '😀');
  stub.tell({ type: 'modes_update', modes: { emoji_only: false }, notice_id: '2' });
  await button.waitFor({ state: 'hidden' });
  noFaults(page);
});

test('it is accessible in light and dark, on a desktop and at 320 px', async () => {
  for (const [viewport, name] of [[DESKTOP, 'emoji'], [NARROW, 'emoji-narrow']]) {
    const page = await come({ viewport });
    await open(page);
    await isAccessibleInBoth(page, name);
    await search(page).fill('heart');
    await isAccessibleInBoth(page, `${name}-found`);
    const box = await picker(page).boundingBox();
    assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= viewport.width, JSON.stringify(box));
    noFaults(page);
    await page.context().close();
  }
});

test('a chat that closes takes no emoji, and keeps the draft', async () => {
  const stub = await on.chat(1);
  const page = await come({ stub });
  await field(page).fill('a draft');
  await open(page);
  stub.tell({ type: 'session_ended', session_id: 1 });
  await page.locator('#emoji[aria-disabled=true]').waitFor();
  await cell(page, 'grinning face').click();
  await picker(page).waitFor({ state: 'hidden' });
  assert.equal(await field(page).inputValue(), 'a draft');
  await page.click('#emoji', { force: true });
  assert.equal(await picker(page).isVisible(), false);
  noFaults(page);
});

test('a picker that cannot be loaded says so, and comes with a later click; the chat goes on', async () => {
  const page = await come();
  await page.route('**/assets/emoji.en-*.js', (route) => route.abort());
  await page.click('#emoji');
  await shows(page, 'notice', 'The chat cannot be reached. Please try again.');
  assert.equal(await page.getAttribute('#emoji', 'aria-expanded'), 'false');
  await page.unroute('**/assets/emoji.en-*.js');
  await open(page);
  await shows(page, 'notice', '');
  await cell(page, 'grinning face').click();
  assert.equal(await field(page).inputValue(), '😀');
});

/** A page whose emoji are loading after a click; `release()` lets them come, and resolves when the picker is made. */
async function loading({ stub, query } = {}) {
  const page = await come({ stub, query });
  let goOn;
  const held = new Promise((resolve) => (goOn = resolve));
  await page.route('**/assets/emoji.en-*.js', async (route) => {
    await held;
    await route.continue();
  });
  await field(page).focus();
  await page.click('#emoji');
  await page.locator('#emoji[aria-busy=true]').waitFor();
  const release = async () => {
    goOn();
    await picker(page).waitFor({ state: 'attached' });
  };
  return { page, release };
}

test('while the picker loads, the button is busy; a second click takes the wish back, a third one renews it', async () => {
  for (const [further, opens] of [[0, true], [1, false], [2, true]]) {
    const { page, release } = await loading();
    for (let i = 0; i < further; i++) await page.click('#emoji');
    assert.equal(await page.getAttribute('#emoji', 'aria-busy'), String(opens));
    await release();
    await page.locator('#emoji[aria-busy=false]').waitFor();
    assert.equal(await picker(page).isVisible(), opens, `${further} further clicks`);
    noFaults(page);
    await page.context().close();
  }
});

test('a picker that comes late takes no focus from a visitor who went on: writing, elsewhere or away from the field', async () => {
  const ways = {
    writes: (page) => page.keyboard.type('h'),
    clicks: (page) => page.click('#session-name'),
    moves: (page) => page.keyboard.press('Shift+Tab'),
  };
  for (const [way, goOn] of Object.entries(ways)) {
    const { page, release } = await loading();
    await goOn(page);
    await release();
    assert.equal(await picker(page).isVisible(), false, way);
    if (way === 'writes') assert.equal(await focused(page), 'text');
    await page.click('#emoji');
    await picker(page).waitFor();
    noFaults(page);
    await page.context().close();
  }
});

test('a picker that comes after the chat has closed, or after a ban, stays away', async () => {
  const ends = {
    closed: { type: 'session_ended', session_id: 1 },
    banned: { type: 'standing_update', standing: { state: 'banned' }, notice_id: '1' },
  };
  for (const [why, frame] of Object.entries(ends)) {
    const stub = await on.chat(1);
    const { page, release } = await loading({ stub });
    stub.tell(frame);
    await page.locator('#emoji[aria-busy=false]').waitFor({ state: 'attached' });
    await release();
    assert.equal(await picker(page).isVisible(), false, why);
    noFaults(page);
    await page.context().close();
  }
});
