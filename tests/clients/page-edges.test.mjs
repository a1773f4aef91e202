// The layout of the page at / at its edges: narrow and low windows, enlarged pages, large letters, right to left, forced colours.
// Positions and sizes are compared, not pictures.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isAccessible, noFaults, open } from './page.mjs';
import { stubStage } from './page-stub.mjs';
import { refusal, stubToken } from './stub-chat.mjs';

const on = stubStage();
/** The windows; `letters` enlarges the text alone. */
const WINDOWS = [
  { width: 390, height: 780 },
  { width: 360, height: 640 },
  { width: 320, height: 568 },
  { width: 280, height: 653 },
  { name: 'a phone on its side', width: 568, height: 320 },
  { name: '1280 x 1024 at 400 %', width: 320, height: 256 },
  { name: '1280 x 720 at 400 %', width: 320, height: 180 },
  { name: 'large letters', width: 390, height: 780, letters: 200 },
  { name: 'large letters on a small phone', width: 320, height: 568, letters: 200 },
  { name: 'large letters on a desktop', width: 1280, height: 800, letters: 200 },
];
const nameOf = ({ name, width, height, letters = 100 }) => `${name ?? ''} ${width} x ${height}, ${letters} %`;

async function resize(page, { width, height, letters = 100 }) {
  await page.setViewportSize({ width, height });
  await page.evaluate((letters) => {
    document.documentElement.style.fontSize = `${letters}%`;
    return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  }, letters);
}

/** What is out of the window sideways, or cut off with no way to scroll there. */
const lost = (page, where) =>
  page.evaluate((where) => {
    const found = [];
    for (const frame of findAll('#app, dialog[open]')) {
      frame.scrollTo(0, 0);
      const { top, bottom } = frame.getBoundingClientRect();
      if (top < 0 || bottom > innerHeight + 0.5) found.push(`${frame.id} from ${top} to ${bottom} of ${innerHeight}`);
    }
    for (const node of findAll(where)) {
      if (!node.checkVisibility({ visibilityProperty: true }) || node.closest('.visually-hidden, #log *')) continue;
      const { left, right, top, bottom } = node.getBoundingClientRect();
      const name = node.id || node.className || node.tagName;
      if (left < -0.5 || right > innerWidth + 0.5) found.push(`${name} from ${left} to ${right} of ${innerWidth}`);
      const frame = node.closest('#app, dialog') ?? byId('app');
      const end = frame.getBoundingClientRect().top + frame.clientTop + frame.scrollHeight;
      if (top < -0.5 || bottom > end + 0.5) found.push(`${name} from ${top} to ${bottom} of ${end}`);
      if (node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).overflowX === 'visible' && node.clientWidth > 0 && node.matches('button, label, h2, p'))
        found.push(`${name} holds ${node.scrollWidth} in ${node.clientWidth}`);
    }
    return found;
  }, where);

/** The places of the composer's parts. */
const composer = (page) =>
  page.evaluate(() => {
    const box = (id) => {
      const { left, right, top, bottom, width, height } = byId(id).getBoundingClientRect();
      return { left, right, top, bottom, width, height };
    };
    const text = byId('text');
    const style = getComputedStyle(text);
    const space = text.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const shown = (id) => (byId(id).checkVisibility() ? box(id) : undefined);
    const start = box('text').left + text.clientLeft + parseFloat(style.paddingLeft);
    return { form: box('composer'), text: box('text'), emoji: box('emoji'), send: box('send'), like: box('like'), counter: shown('counter'), log: box('log'),
      room: { left: start, right: start + space, top: box('text').top, bottom: box('text').bottom },
      letters: space / parseFloat(style.fontSize), line: parseFloat(style.minHeight), rem: parseFloat(getComputedStyle(document.documentElement).fontSize) };
  });
const overlap = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;

test('the composer keeps its shape, empty and with a text', async () => {
  const stub = await on.chat(5);
  for (const query of ['', '?lang=es', '?dir=rtl']) {
    const page = await on.come(stub, { query });
    for (const size of WINDOWS) {
      const name = `${nameOf(size)} ${query}`;
      await resize(page, size);
      for (const text of ['', 'Good luck', 'حظا موفقا', '😀'.repeat(990)]) {
        await page.fill('#text', text);
        const { form, text: field, emoji, send, like, counter, log, room, letters, line, rem } = await composer(page);
        const about = `${name}, “${text.slice(0, 12)}”`;
        if (text.length < 20) assert.ok(field.height <= line + 1, `${about}: one line, not ${field.height} px`);
        assert.ok(letters >= 4, `${about}: room for ${letters} em of text`);
        for (const part of [send, like]) {
          assert.ok(!overlap(part, field), `${about}: the buttons are beside the text`);
          assert.ok(part.width >= 44 && part.height >= 44 && Math.abs(part.width - part.height) < 1, `${about}: a round button`);
        }
        assert.ok(emoji.width >= 44 && emoji.height >= 44 && !overlap(emoji, room), `${about}: the button of the emoji covers no text`);
        assert.ok(!overlap(send, like), about);
        // On one line, or both on the next one.
        assert.ok(Math.abs(send.bottom - like.bottom) < 1, `${about}: one row of buttons`);
        if (rem === 16) assert.ok(Math.abs(send.bottom - field.bottom) < 1, `${about}: the buttons are level with the text`);
        if (counter) {
          assert.ok(!overlap(counter, room), `${about}: the counter covers no text`);
          assert.ok(!overlap(counter, send) && !overlap(counter, like), `${about}: the counter covers no button`);
          assert.ok(counter.left >= form.left && counter.right <= form.right, about);
        }
        assert.ok(form.left >= 0 && form.right <= size.width && log.height >= Math.min(48, 0.25 * size.height), `${about}: a log of ${log.height} px`);
        if (rem === 16 && text.length < 20) assert.ok(form.bottom <= size.height + 0.5, `${about}: all of it in sight`);
      }
      assert.deepEqual(await lost(page, '#app *'), [], name);
    }
    noFaults(page);
    await page.context().close();
  }
});

test('the emoji picker is in sight, with some of the emoji, in every window', async () => {
  for (const query of ['', '?dir=rtl']) {
    const page = await on.come(await on.chat(5), { query });
    await page.click('#emoji');
    await page.locator('#emoji-picker').waitFor();
    for (const size of WINDOWS) {
      await resize(page, size);
      const { picker, grid } = await page.evaluate(() => {
        const [picker, grid] = ['#emoji-picker', '#emoji-picker .grid'].map((selector) => findOne(selector).getBoundingClientRect());
        return { picker: picker.toJSON(), grid: grid.toJSON() };
      });
      const name = `${nameOf(size)} ${query}`;
      assert.ok(picker.left >= 0 && picker.right <= size.width && picker.top >= 0 && picker.bottom <= size.height, `${name}: ${JSON.stringify(picker)}`);
      assert.ok(grid.bottom <= picker.bottom && grid.height >= 40, `${name}: a grid of ${grid.height} px`);
      assert.deepEqual(await lost(page, '#emoji-picker :is(input, select, [role=tab])'), [], name);
    }
    noFaults(page);
    await page.context().close();
  }
});

test('nothing of the entrance, the questions and the notices is cut off', async () => {
  const stub = await on.chat();
  const entrance = await open(on.browser, stub.url);
  await entrance.click('#enter [type=submit]');
  stub.status = { is_active: false, session: null, next_start_time: new Date(Date.now() + 86_399_000).toISOString() };
  const waiting = await on.open(stub);
  await waiting.locator('#banner').getByText('The chat opens in').waitFor();
  stub.status = {};
  const asked = await on.come(stub, { token: stubToken('u-1', { name: 'Somebody with quite a long name' }) });
  await asked.evaluate((token) => void (location.hash = `token=${token}`), stubToken('u-2', { name: 'N'.repeat(60) }));
  await asked.locator('#join-as').waitFor();
  for (const size of WINDOWS) {
    for (const [page, where] of [[entrance, '#app *, #enter, #enter *'], [waiting, '#app *'], [asked, '#join-as *']]) {
      await resize(page, size);
      assert.deepEqual(await lost(page, where), [], `${nameOf(size)} ${where}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${nameOf(size)} is ${wide} px too wide`);
    }
  }
  await resize(entrance, { width: 320, height: 256 });
  await isAccessible(entrance, 'entrance-400-percent');
  noFaults(entrance, waiting, asked);
});

test('modes, a timeout and a receipt fit above the field, and a ban into the place of the chat', async () => {
  const until = new Date(Date.now() + 7_200_000).toISOString();
  const holds = { explanation: 'Please calm down. '.repeat(8), reference: '01m8k2nyzkp1y4vmv5azrz62ap', appeal_url: 'https://appeal.example/', automated: true };
  const stub = await on.chat(20);
  const modes = { audience: 'members', account_age_minutes: 90, slow_seconds: 30, unique_seconds: 60, emoji_only: true, links: 'hold', review_all: true };
  stub.session = { ...stub.session, modes };
  stub.status = { standing: { ...holds, state: 'timed_out', until } };
  const timedOut = await on.come(stub, { query: '?lang=es' });
  await timedOut.locator('#messages .message:not(.own)').last().hover();
  await timedOut.locator('#messages .message:not(.own)').last().locator('.menu-button').click();
  await timedOut.getByRole('menuitem').last().click();
  await timedOut.locator('#toast').waitFor();
  // A receipt goes by itself, unless somebody is at its button.
  await timedOut.locator('#toast-undo').focus();
  stub.answers = { 'POST ticket': () => ({ ...refusal(403, 'banned'), ...holds, state: 'banned', until: null }) };
  const banned = await on.open(stub);
  await banned.locator('#banned').waitFor();
  for (const size of WINDOWS) {
    for (const page of [timedOut, banned]) {
      await resize(page, size);
      assert.deepEqual(await lost(page, '#app *'), [], nameOf(size));
    }
    assert.equal(await timedOut.locator('#toast').isVisible(), true, nameOf(size));
  }
  noFaults(timedOut, banned);
  for (const page of [timedOut, banned]) await page.context().close();
});

test('a message leaves room for its text', async () => {
  const stub = await on.chat(5);
  const page = await on.come(stub);
  for (const size of WINDOWS) {
    await resize(page, size);
    const { width, rem, inside } = await page.evaluate(() => {
      const item = findOne('#messages li:last-child');
      const frame = item.getBoundingClientRect();
      const parts = [...item.querySelectorAll('.avatar, .body, .actions')].map((part) => part.getBoundingClientRect());
      const inside = parts.every(({ left, right }) => left >= frame.left && right <= frame.right + 0.5);
      return { width: parts[1].width, rem: parseFloat(getComputedStyle(document.documentElement).fontSize), inside };
    });
    assert.ok(inside, `${nameOf(size)}: everything is in its frame`);
    assert.ok(width >= Math.min(8 * rem, 0.4 * size.width), `${nameOf(size)}: ${width} px for the text`);
  }
  noFaults(page);
});

test('from right to left, the title is on the side of the state, whatever its language', async () => {
  for (const [locale, lang] of [['ar', 'en'], ['he', 'en'], ['en-US', 'en']]) {
    for (const name of ['A long evening', 'مساء طويل']) {
      const stub = await on.chat(1);
      stub.session = { ...stub.session, name };
      const page = await on.come(stub, { locale });
      const isRightToLeft = locale !== 'en-US';
      assert.equal(await page.evaluate(() => document.documentElement.lang), lang);
      const [title, state] = await page.evaluate(() =>
        ['session-name', 'state-text'].map((id) => {
          const range = document.createRange();
          range.selectNodeContents(byId(id));
          const { left, right } = id === 'state-text' ? byId(id).getBoundingClientRect() : range.getBoundingClientRect();
          return { left, right };
        }),
      );
      const side = isRightToLeft ? 'right' : 'left';
      assert.ok(Math.abs(title[side] - state[side]) < 2, `${locale}, ${name}: ${JSON.stringify([title, state])}`);
      await page.context().close();
    }
  }
});

test('in forced colours, every button and every state has a shape', async () => {
  const stub = await on.chat(60);
  for (const colorScheme of ['light', 'dark']) {
    const options = { forcedColors: 'active', colorScheme };
    const entrance = await open(on.browser, stub.url, options);
    const page = await on.come(stub, { ...options, token: stubToken('user-3', { name: 'Ann' }) });
    await page.evaluate(() => byId('log').scrollTo(0, 0));
    await page.waitForSelector('#to-end:not([hidden])');
    await page.evaluate((token) => void (location.hash = `token=${token}`), stubToken('bob'));
    await page.locator('#join-as').waitFor();
    for (const each of [entrance, page]) {
      const flat = await each.evaluate(() =>
        findAll('button, input, textarea, .number, .badge, .message.own')
          .filter((node) => node.checkVisibility())
          .filter((node) => {
            const style = getComputedStyle(node);
            const back = getComputedStyle(document.body).backgroundColor;
            const sides = ['Top', 'Right', 'Bottom', 'Left'].filter((side) => {
              const isDrawn = style[`border${side}Style`] !== 'none' && parseFloat(style[`border${side}Width`]) >= 1;
              return isDrawn && style[`border${side}Color`] !== back && !/^rgba.* 0\)$/.test(style[`border${side}Color`]);
            });
            return sides.length < (node.matches('.message') ? 1 : 4);
          })
          .map((node) => node.id || node.className),
      );
      assert.deepEqual(flat, []);
    }
    const unreadable = await page.evaluate(() =>
      findAll('button')
        .filter((node) => node.checkVisibility())
        .map((node) => [node.id || node.className, getComputedStyle(node)])
        .filter(([, style]) => style.color === getComputedStyle(document.body).backgroundColor && style.forcedColorAdjust !== 'none')
        .map(([name]) => name),
    );
    assert.deepEqual(unreadable, [], 'the browser draws this colour behind texts');
    const dot = await page.evaluate(() => {
      const { backgroundColor } = getComputedStyle(byId('state-text'), '::before');
      return backgroundColor !== getComputedStyle(document.body).backgroundColor && !/^rgba.* 0\)$/.test(backgroundColor);
    });
    assert.ok(dot, 'the dot of the state is drawn');
    await page.click('#join-as-no');
    await page.click('#like');
    await isAccessible(page, `forced-colours-${colorScheme}`);
    noFaults(entrance, page);
    for (const each of [entrance, page]) await each.context().close();
  }
});
