// How messages read: links, mentions, one author's messages together, days, what is new, and a chat too fast to follow. The test plays
// the server.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DESKTOP, PHONE, isAccessibleInBoth, isStill, noFaults } from './page.mjs';
import { stubStage, until } from './page-stub.mjs';
import { stubToken } from './stub-chat.mjs';

const on = stubStage();
const MINUTE = 60_000;
const row = (page, number) => page.locator(`#message-${100_000_000 + number}`);
/** How many links each message has. */
const linksIn = (page) => page.locator('#messages .text').evaluateAll((all) => all.map((text) => text.querySelectorAll('a').length));
const classes = (page, number) => row(page, number).evaluate((node) => node.className.split(' '));

/** A chat of these messages: each a text, or what differs from an ordinary message. One comes each minute, up to now. */
async function chatOf(...all) {
  const stub = await on.chat(all.length);
  const now = Date.now();
  all.forEach((one, i) => {
    const created_at = new Date(now - (all.length - 1 - i) * MINUTE).toISOString();
    const ordinary = { is_host: false, is_winner: false, likes: 0, created_at };
    Object.assign(stub.messages[i], ordinary, typeof one === 'string' ? { message: one } : one);
  });
  return stub;
}

test('links of staff and to own domains can be clicked, others cannot, and a setting decides', async () => {
  const texts = ['see https://a.example/x', 'our https://shop.example/y', { message: 'rules: https://rules.example/', is_host: true }, { message: 'help: https://help.example/', is_moderator: true }];
  const stub = await chatOf(...texts);
  for (const [links, expected] of [
    ['', [0, 0, 1, 1]],
    ['shop.example', [0, 1, 1, 1]],
    ['all', [1, 1, 1, 1]],
    ['none', [0, 0, 0, 0]],
    ['none shop.example', [0, 0, 0, 0]],
  ]) {
    stub.links = links;
    const page = await on.come(stub);
    assert.deepEqual(await linksIn(page), expected, links);
    assert.deepEqual(await page.locator('#messages .badges').allTextContents(), ['', '', 'Host', 'Moderator']);
    assert.equal(await row(page, 1).locator('.text').textContent(), links === 'all' ? 'see a.example/x' : 'see https://a.example/x');
    noFaults(page);
    await page.context().close();
  }
});

test('an author whose name looks like that of a moderator is marked', async () => {
  const stub = await chatOf({ message: 'rules', username: 'Alice', is_moderator: true }, { message: 'send me your password', username: 'AIice', resembles_staff: true });
  const page = await on.come(stub);
  const badges = page.locator('#messages .badges');
  assert.deepEqual(await badges.allTextContents(), ['Moderator', 'Not a moderator']);
  assert.match(await badges.nth(1).locator('.badge').getAttribute('title'), /somebody else/);
  noFaults(page);
  await page.context().close();
});

test('the server says whose links can be clicked, where the page does not', async () => {
  const texts = ['see https://a.example/x', 'our https://shop.example/y', { message: 'rules: https://rules.example/', is_host: true }, { message: 'help: https://help.example/', is_moderator: true }];
  const stub = await chatOf(...texts);
  for (const [from, links, expected] of [
    ['staff', '', [1, 0, 1, 1]],
    ['staff', 'shop.example', [1, 1, 1, 1]],
    ['staff', 'none', [0, 0, 0, 0]],
    ['all', '', [1, 1, 1, 1]],
    ['all', 'staff', [1, 0, 1, 1]],
    ['none', '', [0, 0, 0, 0]],
    ['none', 'shop.example', [0, 0, 0, 0]],
    ['none', 'staff', [1, 0, 1, 1]],
    ['none', 'all', [1, 1, 1, 1]],
  ]) {
    stub.links = links;
    stub.session.clickable_links = { from, domains: ['a.example'] };
    const page = await on.come(stub);
    assert.deepEqual(await linksIn(page), expected, `${from}, ${links}`);
    noFaults(page);
    await page.context().close();
  }
});

test('links appear and go as staff change the domains, in messages that are there already', async () => {
  const stub = await chatOf('see https://a.example/x', 'and https://x.b.example/y');
  stub.session.clickable_links = { from: 'staff', domains: [] };
  const page = await on.come(stub);
  assert.deepEqual(await linksIn(page), [0, 0]);
  for (const [domains, first, second] of [[['a.example'], 1, 0], [['b.example', 'a.example'], 1, 1], [[], 0, 0]]) {
    stub.tell({ type: 'clickable_links_update', clickable_links: { from: 'staff', domains }, notice_id: domains.join('+') });
    for (const [number, count] of [[1, first], [2, second]]) {
      await row(page, number).locator('.text a').waitFor({ state: count ? 'visible' : 'detached' });
    }
  }
  noFaults(page);
});

test('as domains change, a focus and a selection stay in the texts that do not', async () => {
  const stub = await chatOf('see https://a.example/x', 'and https://b.example/y');
  const tell = (...domains) => stub.tell({ type: 'clickable_links_update', clickable_links: { from: 'staff', domains }, notice_id: domains.join('+') });
  stub.session.clickable_links = { from: 'staff', domains: ['a.example'] };
  const page = await on.come(stub, { viewport: DESKTOP });
  const link = (number) => row(page, number).locator('.text a');
  await page.focus('#log');
  for (const key of ['ArrowUp', 'ArrowUp', 'Tab']) await page.keyboard.press(key);
  await page.evaluate(() => (globalThis.hand = focusedElement()));
  assert.equal(await page.evaluate(() => globalThis.hand.tagName), 'A');
  const selected = () => page.evaluate(() => String(byId('log').getRootNode().getSelection()));
  await page.evaluate(() => byId('log').getRootNode().getSelection().selectAllChildren(globalThis.hand));
  assert.equal(await selected(), 'a.example/x');
  tell('a.example', 'b.example');
  await link(2).waitFor();
  assert.equal(await selected(), 'a.example/x');
  assert.deepEqual(await page.evaluate(() => [focusedElement() === globalThis.hand, globalThis.hand.tabIndex]), [true, 0]);
  // The link itself goes: the focus is at its row, and the tab stop is there once it is back.
  tell('b.example');
  await link(1).waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => focusedElement().id), 'message-100000001');
  tell('a.example');
  await link(1).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => focusedElement().tagName), 'A');
  noFaults(page);
  await page.context().close();
});

test('a link opens a new tab that learns nothing of the chat; the keyboard reaches it', async () => {
  const stub = await chatOf({ message: 'rules: https://rules.example/a?b=c', is_host: true });
  const page = await on.come(stub, { viewport: DESKTOP });
  const link = row(page, 1).locator('a');
  assert.deepEqual(await link.evaluate(({ href, target, rel, title, tabIndex }) => ({ href, target, rel, title, tabIndex })), {
    href: 'https://rules.example/a?b=c',
    target: '_blank',
    rel: 'noopener noreferrer nofollow ugc',
    title: 'https://rules.example/a?b=c',
    tabIndex: -1,
  });
  await page.locator('#log').focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => focusedElement().tagName), 'A');
  await page.context().route('https://rules.example/**', (route) => route.fulfill({ body: 'rules', contentType: 'text/html' }));
  const opened = page.waitForEvent('popup');
  await page.keyboard.press('Enter');
  const other = await opened;
  await other.waitForLoadState();
  assert.deepEqual(await other.evaluate(() => [globalThis.opener, document.referrer]), [null, '']);
  noFaults(page);
  await page.context().close();
});

test('a message that names the visitor stands out, one of their own does not', async () => {
  const stub = await chatOf('hello @ann, how are you?', 'hello @Annette', { message: 'I am @Ann', user_id: 'ann' });
  const page = await on.come(stub, { token: stubToken('ann', { name: 'Ann' }) });
  assert.deepEqual(await page.locator('.mention').allTextContents(), ['@ann']);
  for (const [number, stands] of [[1, true], [2, false], [3, false]]) {
    assert.equal((await classes(page, number)).includes('mentions-me'), stands, String(number));
  }
  noFaults(page);
  await page.context().close();
});

test('messages of one author stand together, until another one, or some minutes, come between', async () => {
  // Yesterday, so that no midnight lies among them, whenever this runs.
  const noon = new Date(Date.now() - 24 * 60 * MINUTE).setHours(12, 0, 0, 0);
  const at = (minutesBefore) => new Date(noon - minutesBefore * MINUTE).toISOString();
  const ann = (message, minutesBefore, more) => ({ message, user_id: 'ann', username: 'Ann', created_at: at(minutesBefore), ...more });
  const between = { message: 'between', created_at: at(11) };
  const stub = await chatOf(ann('one', 20), ann('two', 19), ann('three', 12), between, ann('four', 10), ann('five', 9, { is_host: true }), ann('six', 8, { is_host: true }));
  const page = await on.come(stub, { viewport: DESKTOP });
  const grouped = async () => (await page.locator('#messages .message').evaluateAll((all) => all.map((item) => item.classList.contains('grouped')))).map(Number);
  assert.deepEqual(await grouped(), [0, 1, 0, 0, 0, 0, 1]);
  assert.equal(await row(page, 2).locator('.name').textContent(), 'Ann', 'screen readers hear the name');
  await row(page, 2).hover();
  await isAccessibleInBoth(page, 'grouped');
  // The one between is deleted: its neighbours stand 2 minutes apart.
  stub.tell({ type: 'message_deleted', message_id: 100_000_004, client_message_id: null });
  await row(page, 4).waitFor({ state: 'detached' });
  assert.deepEqual(await grouped(), [0, 1, 0, 1, 0, 1]);
  noFaults(page);
  await page.context().close();
});

test('another day and the first message after the visitor left have a line above', async () => {
  const yesterday = new Date(Date.now() - 24 * 60 * MINUTE).toISOString();
  const day = new Intl.DateTimeFormat('en-US', { weekday: 'long', month: 'long', day: 'numeric' });
  const old = Array.from({ length: 30 }, (_, i) => ({ message: `old ${i}`, created_at: yesterday }));
  const stub = await chatOf(...old, { message: 'today', created_at: new Date().toISOString() });
  const page = await on.come(stub, { viewport: PHONE });
  const lines = () => page.locator('#messages :is(.day, .new)').evaluateAll((all) => all.filter((line) => line.checkVisibility()).map((line) => line.textContent));
  assert.deepEqual(await lines(), [day.format(new Date(yesterday)), day.format(new Date())]);
  await page.locator('#log').evaluate((log) => log.scrollTo(0, 0));
  await isStill(page);
  stub.write(3);
  await page.locator('#to-end-text').filter({ hasText: '3 new' }).waitFor();
  await page.locator('#to-end').click();
  await row(page, 32).and(page.locator('.first-new')).waitFor();
  assert.ok((await lines()).includes('New'));
  assert.equal(await page.locator('.first-new').count(), 1);
  noFaults(page);
  await page.context().close();
});

test('above ten messages a second, the log moves four times a second; below, with each message', async () => {
  const stub = await on.chat(1);
  const page = await on.come(stub, { viewport: DESKTOP });
  await page.evaluate(() => {
    globalThis.draws = [];
    new MutationObserver(() => globalThis.draws.push(performance.now())).observe(byId('messages'), { childList: true });
  });
  /** The pauses between draws while messages come at a pace, in milliseconds, once it has lasted. */
  const pauses = async (perSecond, seconds) => {
    const last = stub.messages.length + perSecond * seconds;
    const timer = setInterval(() => stub.write(1), 1000 / perSecond);
    try {
      await until(page, () => stub.messages.length >= last);
    } finally {
      clearInterval(timer);
    }
    return page.evaluate((from) => {
      const late = globalThis.draws.filter((at) => at > performance.now() - from);
      return late.slice(1).map((at, i) => at - late[i]);
    }, 2000);
  };
  const fast = await pauses(25, 7);
  // In two seconds; at the usual pace, it would be twenty.
  assert.ok(fast.length > 0 && fast.length <= 8, fast.join(' '));
  const slow = await pauses(4, 6);
  assert.ok(slow.length >= 4, slow.join(' '));
  noFaults(page);
  await page.context().close();
});

test('the compact layout has a line for a message, and no pictures; times and buttons come on demand', async () => {
  const long = `a long one ${'of some length '.repeat(20)}`;
  const stub = await chatOf('one', 'two', { message: 'liked', likes: 3 }, { message: long, user_id: 'zoe', username: 'Zoe' }, 'x'.repeat(3000), 'last');
  for (const viewport of [PHONE, { width: 320, height: 600 }]) {
    const page = await on.come(stub, { viewport, query: '?layout=compact' });
    const heightOf = (number) => row(page, number).evaluate((node) => node.getBoundingClientRect().height);
    const line = await heightOf(1);
    assert.ok(line < 32 && Math.abs((await heightOf(2)) - line) < 4, `${line} px`);
    assert.equal(await page.locator('#messages .avatar:visible').count(), 0);
    assert.ok((await heightOf(5)) < 260, 'a long text is folded');
    const lefts = await row(page, 4).evaluate((node) => ['.name', '.text'].map((part) => node.querySelector(part).getBoundingClientRect().left));
    assert.ok(Math.abs(lefts[0] - lefts[1]) < 2, 'the text goes on below the name');
    const opacity = (number, part) => row(page, number).locator(part).evaluate((node) => getComputedStyle(node).opacity);
    assert.deepEqual([await opacity(1, '.actions'), await opacity(1, 'time'), await opacity(3, '.actions')], ['0', '0', '1']);
    const before = await heightOf(1);
    await row(page, 1).hover();
    assert.deepEqual([await opacity(1, '.actions'), await opacity(1, 'time'), await heightOf(1)], ['1', '1', before]);
    await isAccessibleInBoth(page, `compact-${viewport.width}`);
    noFaults(page);
    await page.context().close();
  }
});

test('in the compact layout, likes cover no text, however much of a line it fills', async () => {
  const stub = await chatOf(...Array.from({ length: 40 }, (_, i) => ({ message: 'word '.repeat(i + 1), likes: 1000 * i + 3 })));
  for (const width of [320, 390]) {
    const page = await on.come(stub, { viewport: { width, height: 700 }, query: '?layout=compact' });
    const covered = await page.locator('#messages .message').evaluateAll((rows) =>
      rows.flatMap((row) => {
        const [text, likes] = [row.querySelector('.text'), row.querySelector('.actions').getBoundingClientRect()];
        const range = document.createRange();
        range.selectNodeContents(text);
        const lines = [...range.getClientRects()].filter(({ width }) => width > 0);
        const meets = (line) => line.right > likes.left + 1 && line.left < likes.right - 1 && line.bottom > likes.top + 4 && line.top < likes.bottom - 4;
        return lines.some(meets) ? [text.textContent.length] : [];
      }),
    );
    assert.deepEqual(covered, [], `${width} px`);
    noFaults(page);
    await page.context().close();
  }
});
