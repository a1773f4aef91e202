// Announcements and pinned messages on the page at /, with a real gateway.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SECRET, moderator, person, row as line, signed } from './console.mjs';
import { NO_RATE_LIMIT } from './gateway.mjs';
import { DESKTOP, PHONE, call, focused, inLog, isAccessibleInBoth, isLive, noFaults, open, stage } from './page.mjs';

const on = stage({ settings: { ...NO_RATE_LIMIT, JWT_SECRET: SECRET } });

const host = (method, path, body) => call(on.gateway.url, signed('hans', { name: 'Hans', roles: ['host'] }), method, path, body);
const act = (action, message_id) => host('POST', 'moderation/actions', { action, message_id });
const announce = async (message, color) => (await host('POST', 'announcements', { message, color })).message_id;

/** A visitor who has entered. */
async function come(name, { roles, query = '', ...options } = {}) {
  const page = await open(on.browser, `${on.gateway.url}/${query}#token=${signed(name.toLowerCase(), { name, roles })}`, { viewport: DESKTOP, ...options });
  await isLive(page);
  return page;
}

const row = (page, text) => page.locator('#messages .message', { hasText: text });
const pinned = (page) => page.locator('#pinned li');
const count = (page, text) => page.locator('#pins .pinned-count').getByText(text, { exact: true }).waitFor();
const item = (page, text) => page.getByRole('menuitem', { name: text, exact: true });

async function choose(page, text, act) {
  await inLog(page, text).waitFor();
  await row(page, text).hover();
  await row(page, text).locator('.menu-button').click();
  await item(page, act).click();
}

test('an announcement stands out, in its colour and with a label, and never goes without its head', async () => {
  const page = await come('Ann');
  for (const color of ['blue', 'green', 'orange', 'purple', undefined]) await announce(`We start, ${color}`, color);
  await inLog(page, 'We start, undefined').waitFor();
  const shown = await page.locator('.message.announcement').evaluateAll((rows) => rows.map(({ dataset, className }) => [dataset.color, className.includes('grouped')]));
  assert.deepEqual(shown, [['blue', false], ['green', false], ['orange', false], ['purple', false], ['primary', false]]);
  assert.equal(await row(page, 'We start, blue').locator('.badge.announcement').textContent(), 'Announcement');
  await isAccessibleInBoth(page, 'announcements');
  noFaults(page);
  await page.context().close();
  const spanish = await come('Ana', { query: '?lang=es&layout=compact', viewport: PHONE });
  await row(spanish, 'We start, blue').locator('.badge.announcement').getByText('Anuncio').waitFor();
  await isAccessibleInBoth(spanish, 'announcements-compact');
  noFaults(spanish);
  await spanish.context().close();
});

test('pins stand above the log, also for late joiners, lead to their messages, and go with them', async () => {
  const page = await come('Ann');
  assert.equal(await page.locator('#pins').count(), 0, 'nothing is pinned');
  const first = await announce('Pinned news', 'green');
  const second = (await person(on, 'Zoe').write('A good question')).message_id;
  for (let i = 0; i < 30; i++) await person(on, 'Max').write(`line ${i}`);
  await act('pin', first);
  await count(page, '1 pinned');
  await act('pin', second);
  await count(page, '2 pinned');
  assert.deepEqual(await page.locator('#pinned .pinned-text').allTextContents(), ['A good question', 'Pinned news']);
  const late = await come('Leo', { viewport: PHONE });
  await count(late, '2 pinned');
  for (const [where, name] of [[page, 'pins'], [late, 'pins-on-a-phone']]) await isAccessibleInBoth(where, name);

  await page.getByRole('button', { name: /^Hans/ }).click();
  await page.waitForFunction((id) => focusedElement()?.id === `message-${id}`, first);
  await page.locator('#pins .pinned-count').click();
  assert.deepEqual([await pinned(page).first().isVisible(), await page.locator('#pins .pinned-count').getAttribute('aria-expanded')], [false, 'false']);
  await page.locator('#pins .pinned-count').click();

  await host('DELETE', `messages/${second}`);
  for (const viewer of [page, late]) await count(viewer, '1 pinned');
  await late.locator('#pinned .pin').focus();
  await act('unpin', first);
  for (const viewer of [page, late]) await page.locator('#pins').waitFor({ state: 'hidden' });
  await late.locator('#pins').waitFor({ state: 'hidden' });
  assert.equal(await focused(late), 'log');
  noFaults(page, late);
  for (const viewer of [page, late]) await viewer.context().close();
});

test('the host pins by the menu of a message, own ones too, takes it back, and unpins in the strip', async () => {
  await person(on, 'Zoe').write('by the menu');
  const own = await announce('an own one');
  const page = await come('Hans', { roles: ['host'] });
  await choose(page, 'by the menu', 'Pin');
  await count(page, '1 pinned');
  await page.locator('#toast-undo').click();
  await page.locator('#pins').waitFor({ state: 'hidden' });
  await choose(page, 'an own one', 'Pin');
  await count(page, '1 pinned');
  await choose(page, 'by the menu', 'Pin');
  await count(page, '2 pinned');
  await choose(page, 'by the menu', 'Unpin');
  await count(page, '1 pinned');
  await page.getByRole('button', { name: 'Unpin the message of Hans' }).click();
  await page.locator('#pins').waitFor({ state: 'hidden' });
  for (const text of ['one', 'two', 'three']) await act('pin', await announce(text));
  await count(page, '3 pinned');
  await choose(page, 'an own one', 'Pin');
  await page.locator('#toast-text').getByText('Three messages are pinned already. Unpin one first.').waitFor();
  assert.ok(own > 0);
  assert.ok(page.faults.every((fault) => fault.includes('409')), page.faults.join());
  await page.context().close();

  const viewer = await come('Ann');
  await count(viewer, '3 pinned');
  assert.equal(await viewer.getByRole('button', { name: /^Unpin/ }).count(), 0);
  noFaults(viewer);
  await viewer.context().close();
});

test('a moderator pins and unpins by a key of the console, and takes it back', async () => {
  for (const { id } of (await host('GET', 'status')).session.pins) await act('unpin', id);
  await person(on, 'Zoe').write('by the console');
  const [page, viewer] = [await moderator(on, 'Mona'), await come('Ann')];
  await line(page, 'feed', 'by the console').click();
  for (const [key, said] of [['n', 'Message pinned.'], ['n', 'Message unpinned.'], ['z', 'Taken back: Message unpinned.']]) {
    await page.keyboard.press(key);
    await page.getByText(said, { exact: true }).waitFor();
    if (said.includes('unpinned') && key === 'n') await viewer.locator('#pins').waitFor({ state: 'hidden' });
    else await count(viewer, '1 pinned');
  }
  noFaults(page, viewer);
  for (const one of [page, viewer]) await one.context().close();
});

test('a pin of a message that is not in the log unfolds', async () => {
  for (const { id } of (await host('GET', 'status')).session.pins) await act('unpin', id);
  await act('pin', await announce(`We start at nine. ${'Bring your questions. '.repeat(8)}`));
  for (let i = 0; i < 60; i++) await person(on, 'Max').write(`since then ${i}`);
  const page = await come('Late');
  await count(page, '1 pinned');
  const text = page.locator('#pinned .pinned-text');
  const isCut = () => text.evaluate((node) => node.scrollWidth > node.clientWidth);
  assert.ok(await isCut());
  await page.locator('#pinned .pin').click();
  await page.locator('#pinned .pin[aria-expanded="true"]').waitFor();
  assert.equal(await isCut(), false);
  await page.locator('#pinned .pin').click();
  await page.locator('#pinned .pin[aria-expanded="false"]').waitFor();
  noFaults(page);
  await page.context().close();
});

test('the strip goes with its visitor: the next one at the same element unpins nothing for the host', async () => {
  for (const { id } of (await host('GET', 'status')).session.pins) await act('unpin', id);
  await act('pin', await announce('Stays'));
  const page = await come('Hans', { roles: ['host'] });
  await page.locator('#pins .unpin').waitFor();
  await page.evaluate((token) => (document.querySelector('live-chat').token = token), signed('ann', { name: 'Ann' }));
  await page.locator('#pins .unpin').waitFor({ state: 'detached' });
  await count(page, '1 pinned');
  assert.deepEqual([await page.locator('#pins').count(), await page.locator('#pins .unpin').count()], [1, 0]);
  noFaults(page);
  await page.context().close();
});
