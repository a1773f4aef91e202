// Texts that are too tall for a row, and the messages' times as the day changes. The test plays the server.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DESKTOP, PHONE, focused, isAccessibleInBoth, isAtEnd, noFaults, say } from './page.mjs';
import { stubStage } from './page-stub.mjs';

const on = stubStage();
const LINES = Array.from({ length: 30 }, (_, i) => `line ${i + 1}`).join('\n');
const heightOf = (locator) => locator.evaluate((node) => node.getBoundingClientRect().height);
const texts = (page) => page.locator('#messages .text').allTextContents();

/** A chat with these texts. */
async function chatOf(...all) {
  const stub = await on.chat(all.length);
  all.forEach((text, i) => Object.assign(stub.messages[i], { message: text }));
  return stub;
}

test('no text towers, whatever is in it', async () => {
  const towers = {
    newlines: `first${'\n'.repeat(400)}last`,
    'lines of spaces': `first${'\n \t\u00a0\u3000'.repeat(200)}\nlast`,
    'invisible lines': `first${'\n\u200b\u2800\u00ad'.repeat(200)}\nlast`,
    'foreign line ends': `first${'\r\n\u2028\u0085\v'.repeat(100)}last`,
    'many lines': LINES,
    'a long word': 'W'.repeat(1_000),
    'no spaces': '漢'.repeat(1_000),
    emoji: '👨‍👩‍👧‍👦'.repeat(140),
  };
  const stub = await chatOf(...Object.values(towers));
  for (const viewport of [PHONE, DESKTOP]) {
    const page = await on.come(stub, { viewport });
    const heights = await page.locator('#messages li').evaluateAll((all) => all.map((row) => row.getBoundingClientRect().height));
    Object.keys(towers).forEach((what, i) => assert.ok(heights[i] < 260, `${what}: ${heights[i]} px`));
    const shown = await texts(page);
    for (const i of [0, 1, 2, 3]) assert.equal(shown[i], 'first\n\n\nlast');
    assert.equal(shown[4], LINES, 'screen readers and the clipboard have the whole text');
    assert.equal(await page.locator('.message').nth(0).locator('.more').isVisible(), false, 'nothing is folded without need');
    assert.equal(await page.evaluate(() => byId('log').scrollWidth <= byId('log').clientWidth), true);
    noFaults(page);
    await page.context().close();
  }
});

test('a thousand marks on a letter stay in their row, in a text as in a name', async () => {
  const zalgo = `a${'\u0310\u0334'.repeat(500)}b`;
  const stub = await chatOf('before', zalgo, 'after', 'x');
  stub.messages[3].username = zalgo;
  const page = await on.come(stub);
  const [text, name] = [page.locator('.text').nth(1), page.locator('.name').nth(3)];
  for (const place of [text, name]) {
    assert.equal((await place.textContent()).match(/\p{M}/gu).length, 8);
    assert.equal(await place.evaluate((node) => getComputedStyle(node).overflow), 'hidden');
  }
  assert.ok((await heightOf(page.locator('.message').nth(1))) < 80);
  noFaults(page);
});

test('what other writing needs stays: Thai, Vietnamese, a family, a flag', async () => {
  const needed = ['ที่นี่ก็ดี', 'Việt Nam ở đâu', 'e\u0301\u0323', '👩‍👩‍👧', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', 'a\n\n\nb'];
  const page = await on.come(await chatOf(...needed));
  assert.deepEqual(await texts(page), needed);
  noFaults(page);
});

test('a long text unfolds with “more” and folds with “less”, by mouse and keyboard, and stays so when its row changes', async () => {
  const stub = await chatOf('short', LINES, 'short, too');
  stub.fill(20);
  const page = await on.come(stub, { viewport: DESKTOP });
  const id = stub.messages[1].id;
  const long = page.locator(`#message-${id}`);
  const more = long.getByRole('button', { name: 'more', exact: true });
  const less = long.getByRole('button', { name: 'less', exact: true });
  const [folded] = [await heightOf(long)];
  await more.click();
  assert.equal(await less.getAttribute('aria-expanded'), 'true');
  const unfolded = await heightOf(long);
  assert.ok(unfolded > folded + 300, `${folded} px and ${unfolded} px`);
  await page.locator('#to-end').waitFor({ state: 'visible' });
  await isAccessibleInBoth(page, 'unfolded');
  // Likes and messages arrive, and the window becomes narrower: it stays unfolded.
  stub.tell({ type: 'message_like_update', message_id: id, likes: 12 });
  await long.locator('.likes').getByText('12').waitFor();
  stub.write(3);
  await page.setViewportSize(PHONE);
  assert.ok((await heightOf(long)) >= unfolded);
  await page.setViewportSize(DESKTOP);

  await less.focus();
  await page.keyboard.press('Enter');
  assert.equal(await heightOf(long), folded);
  assert.equal(await more.getAttribute('aria-expanded'), 'false');
  assert.match(await focused(page), /more/);
  await page.evaluate(() => byId('log').focus());
  for (let i = 0; i < 30 && (await focused(page)) !== `message-${id}`; i++) await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Tab');
  assert.match(await focused(page), /more/);
  await page.keyboard.press('Space');
  assert.equal(await heightOf(long), unfolded);
  noFaults(page);
  await page.context().close();
});

test('an unfolded text is still unfolded when the page comes back to it', async () => {
  const stub = await chatOf(LINES);
  stub.fill(900);
  const page = await on.come(stub, { viewport: DESKTOP });
  const first = page.locator(`#message-${stub.messages[0].id}`);
  const goUp = async () => {
    for (let i = 0; i < 200 && (await first.count()) === 0; i++) {
      await page.evaluate(() => byId('log').scrollTo(0, 0));
      await page.evaluate(() => new Promise(requestAnimationFrame));
    }
  };
  await goUp();
  await first.locator('.more').click();
  await page.click('#to-end');
  await isAtEnd(page);
  await first.waitFor({ state: 'detached' });
  await goUp();
  assert.ok((await heightOf(first)) > 500);
});

test('an own text is folded while it is being sent, too', async () => {
  const stub = await on.chat(1);
  stub.frames = { message: () => undefined };
  const page = await on.come(stub);
  await say(page, LINES);
  const own = page.locator('#pending li');
  assert.ok((await heightOf(own)) < 260, `${await heightOf(own)} px`);
  await own.getByRole('button', { name: 'more', exact: true }).click();
  assert.ok((await heightOf(own)) > 500);
  noFaults(page);
});

const plain = (times) => times.map((text) => text.replaceAll('\u202f', ' '));
const times = async (page) => plain(await page.locator('#messages time').allTextContents());

for (const [how, wake] of [
  ['at midnight', (page) => page.clock.runFor(6 * 60_000)],
  ...['visibilitychange', 'resume'].map((type) => [`after sleep, by ${type}`, (page) => page.evaluate((type) => document.dispatchEvent(new Event(type)), type)]),
  ...['pageshow', 'focus'].map((type) => [`after sleep, by ${type}`, (page) => page.evaluate((type) => dispatchEvent(new Event(type)), type)]),
]) {
  test(`yesterday's messages get a date: ${how}`, async () => {
    const stub = await on.chat(1);
    stub.messages[0].created_at = '2024-01-01T14:54:09Z';
    const prepare = (page) => page.clock.install({ time: Date.parse('2024-01-01T23:55:00Z') });
    const page = await on.come(stub, { timezoneId: 'UTC', prepare });
    assert.deepEqual(await times(page), ['2:54 PM']);
    // In sleep, no timer runs.
    if (how !== 'at midnight') await page.clock.setSystemTime(Date.parse('2024-01-02T09:00:00Z'));
    await wake(page);
    assert.deepEqual(await times(page), ['Jan 1, 2:54 PM']);
    noFaults(page);
    await page.context().close();
  });
}

test('the countdown to the end of the session is right at once after sleep, and a chat that opened meanwhile is entered', async () => {
  const opened = Date.parse('2024-01-01T19:00:00Z');
  const stub = await on.chat();
  stub.session = { ...stub.session, end_time: '2024-01-01T21:00:00Z' };
  const page = await on.come(stub, { prepare: (page) => page.clock.install({ time: opened }) });
  await page.locator('#time-left').getByText(/^Ends in (2 h 0|1 h 59) min$/).waitFor();
  await page.clock.setSystemTime(opened + 5_400_000);
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  assert.match(await page.locator('#time-left').textContent(), /^Ends in (30:00|29:5\d)$/);

  stub.status = { is_active: false, session: null, next_start_time: '2024-01-01T22:00:00Z' };
  const early = await on.open(stub, { prepare: (page) => page.clock.install({ time: opened }) });
  await early.locator('.banner-time').getByText(/^(3 h 0|2 h 59) min$/).waitFor();
  stub.status = {};
  await early.clock.setSystemTime(Date.parse('2024-01-01T22:01:00Z'));
  await early.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await early.waitForSelector('#state[data-state=live]');
  noFaults(page, early);
});
