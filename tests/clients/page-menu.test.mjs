// The menu of a message on the page at /, with a real gateway: replying, reporting, muting, and the acts of staff.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SECRET, isRefused, person, signed } from './console.mjs';
import { NO_RATE_LIMIT } from './gateway.mjs';
import { DESKTOP, call, focused, inLog, isAccessibleInBoth, isLive, noFaults, open, stage } from './page.mjs';

const on = stage({ settings: { ...NO_RATE_LIMIT, JWT_SECRET: SECRET } });

const host = (method, path, body) => call(on.gateway.url, signed('rest', { roles: ['host'] }), method, path, body);

/** A visitor who has entered. */
async function come(name, { roles, query = '', ...options } = {}) {
  const page = await open(on.browser, `${on.gateway.url}/${query}#token=${signed(name.toLowerCase(), { name, roles })}`, { viewport: DESKTOP, ...options });
  await isLive(page);
  return page;
}

const row = (page, text) => page.locator('#messages .message', { hasText: text });
const item = (page, text) => page.getByRole('menuitem', { name: text, exact: true });
const told = (page, text) => page.locator('#toast-text').getByText(text, { exact: true }).waitFor();
const isGone = (page, text) => row(page, text).waitFor({ state: 'hidden' });

async function openMenu(page, text) {
  await inLog(page, text).waitFor();
  await row(page, text).hover();
  await row(page, text).locator('.menu-button').click();
  await page.getByRole('menu').waitFor();
}

async function choose(page, text, act) {
  await openMenu(page, text);
  await item(page, act).click();
}

test('the keyboard opens a menu, moves in it, and is back at the button when it is closed', async () => {
  await person(on, 'Zoe').write('by the keyboard');
  const page = await come('Ann');
  await inLog(page, 'by the keyboard').waitFor();
  await page.focus('#log');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.getByRole('menu', { name: 'Menu for the message of Zoe' }).waitFor();
  const now = () => page.evaluate(() => focusedElement().textContent);
  const moves = [['', 'Reply'], ['ArrowUp', 'Mute Zoe'], ['ArrowDown', 'Reply'], ['ArrowDown', 'Report…'], ['End', 'Mute Zoe'], ['Home', 'Reply']];
  for (const [key, text] of moves) {
    if (key) await page.keyboard.press(key);
    assert.equal(await now(), text, key);
  }
  const button = row(page, 'by the keyboard').locator('.menu-button');
  assert.equal(await button.getAttribute('aria-expanded'), 'true');
  await isAccessibleInBoth(page, 'message-menu');
  for (const key of ['Escape', 'Tab']) {
    await page.keyboard.press(key);
    await page.getByRole('menu').waitFor({ state: 'hidden' });
    assert.equal(await focused(page), 'menu-button', key);
    assert.equal(await button.getAttribute('aria-expanded'), 'false');
    await page.keyboard.press('Enter');
    await page.getByRole('menu').waitFor();
  }
  await page.mouse.click(5, 5);
  await page.getByRole('menu').waitFor({ state: 'hidden' });
  noFaults(page);
  await page.context().close();
});

test('in the compact layout, the focus is back at the button, too, also after a dialog; where there is no row, it is in the log', async () => {
  await person(on, 'Ida').write('close together');
  const page = await come('Ann', { query: '?layout=compact' });
  await inLog(page, 'close together').waitFor();
  await page.focus('#log');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.getByRole('menu').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'hidden' });
  assert.equal(await focused(page), 'menu-button');
  await page.keyboard.press('Enter');
  await item(page, 'Report…').press('Enter');
  await page.locator('#report').getByRole('button', { name: 'Cancel' }).press('Enter');
  await page.locator('#report').waitFor({ state: 'hidden' });
  assert.equal(await focused(page), 'menu-button');
  await page.keyboard.press('Enter');
  await item(page, 'Mute Ida').press('Enter');
  await inLog(page, 'close together').waitFor({ state: 'hidden' });
  assert.equal(await focused(page), 'log');
  await page.locator('#muted').press('Enter');
  await page.getByRole('button', { name: 'Unmute Ida' }).press('Enter');
  await inLog(page, 'close together').waitFor();
  assert.equal(await focused(page), 'log');
  noFaults(page);
  await page.context().close();
});

test('a report needs a reason, reaches staff with its comment, and has a receipt; a second one is the same', async () => {
  const { message_id: id } = await person(on, 'Rude').write('a rude word');
  const page = await come('Ann');
  await choose(page, 'a rude word', 'Report…');
  const dialog = page.locator('#report');
  await dialog.getByText('Rude: a rude word').waitFor();
  await dialog.getByRole('button', { name: 'Report' }).click();
  await dialog.getByText('Please choose a reason.').waitFor();
  await isAccessibleInBoth(page, 'report');
  await dialog.getByLabel('What is wrong with it?').selectOption('harassment');
  await dialog.getByLabel('Comment (optional)').fill('It names my sister.');
  await dialog.getByRole('button', { name: 'Report' }).click();
  await dialog.getByText('Thank you. The moderators have your report.').waitFor();
  const { reports } = await host('GET', `moderation/messages/${id}`);
  assert.deepEqual(reports.map(({ user_id, reason, comment }) => [user_id, reason, comment]), [['ann', 'harassment', 'It names my sister.']]);
  const receipt = `Reference: ${reports[0].report_id}`;
  await dialog.getByText(receipt).waitFor();
  await isAccessibleInBoth(page, 'report-receipt');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'hidden' });
  assert.equal(await focused(page), 'menu-button');

  await choose(page, 'a rude word', 'Report…');
  await dialog.getByLabel('What is wrong with it?').selectOption('spam');
  await dialog.getByRole('button', { name: 'Report' }).click();
  await dialog.getByText('You have reported this message before.').waitFor();
  await dialog.getByText(receipt).waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();
  noFaults(page);
  await page.context().close();
});

test('a report of a message that is gone says so', async () => {
  const { message_id: id } = await person(on, 'Rude').write('gone in a moment');
  const page = await come('Ann');
  await choose(page, 'gone in a moment', 'Report…');
  await host('DELETE', `messages/${id}`);
  await page.locator('#report').getByLabel('What is wrong with it?').selectOption('other');
  await page.locator('#report').getByRole('button', { name: 'Report' }).click();
  await page.locator('#report').getByText('The message is gone already.').waitFor();
  noFaults(page);
  await page.context().close();
});

test('whoever is muted is gone at once, now and later and in other tabs, until they are unmuted in the list', async () => {
  const [loud, calm] = ['Loud', 'Calm'].map((name) => person(on, name));
  for (const [writer, text] of [[loud, 'LOUD ONE'], [calm, 'calm one'], [loud, 'LOUD TWO']]) await writer.write(text);
  const page = await come('Ann');
  const tab = await page.context().newPage();
  await tab.goto(`${on.gateway.url}/#token=${signed('ann', { name: 'Ann' })}`);
  await inLog(tab, 'LOUD TWO').waitFor();
  await choose(page, 'LOUD ONE', 'Mute Loud');
  await told(page, 'Loud is muted in this browser.');
  for (const each of [page, tab]) for (const text of ['LOUD ONE', 'LOUD TWO']) await isGone(each, text);
  assert.equal(await focused(page), 'log');
  await loud.write('LOUD THREE');
  await calm.write('calm two');
  for (const each of [page, tab]) await inLog(each, 'calm two').waitFor();
  assert.equal(await row(page, 'LOUD THREE').count(), 0);
  // The keyboard passes over what is hidden.
  const rows = page.locator('#messages .message:visible');
  await page.keyboard.press('Home');
  assert.equal(await focused(page), await rows.first().getAttribute('id'));

  // It is the browser that remembers.
  const again = await page.context().newPage();
  await again.goto(`${on.gateway.url}/#token=${signed('ann', { name: 'Ann' })}`);
  await inLog(again, 'calm two').waitFor();
  await isGone(again, 'LOUD THREE');
  await again.getByRole('button', { name: 'Muted: 1' }).click();
  await isAccessibleInBoth(again, 'muted-people');
  await again.getByRole('button', { name: 'Unmute Loud' }).click();
  for (const each of [again, page, tab]) {
    await inLog(each, 'LOUD THREE').waitFor();
    await each.locator('#muted').waitFor({ state: 'hidden' });
  }
  noFaults(page);
  await page.context().close();
});

test('muting is taken back by the button beside its receipt', async () => {
  await person(on, 'Mild').write('mild words');
  const page = await come('Ann');
  await choose(page, 'mild words', 'Mute Mild');
  await isGone(page, 'mild words');
  await page.locator('#toast').getByRole('button', { name: 'Undo' }).click();
  await inLog(page, 'mild words').waitFor();
  noFaults(page);
  await page.context().close();
});

test('whoever is muted by somebody else at the same browser sees their own messages', async () => {
  await person(on, 'Otto').write('by Otto');
  const page = await come('Ann');
  const other = await page.context().newPage();
  await other.goto(`${on.gateway.url}/#token=${signed('otto', { name: 'Otto' })}`);
  await isLive(other);
  await inLog(other, 'by Otto').waitFor();
  await choose(page, 'by Otto', 'Mute Otto');
  await isGone(page, 'by Otto');
  await other.locator('#muted').waitFor();
  await other.fill('#text', 'still here');
  await other.press('#text', 'Enter');
  for (const text of ['by Otto', 'still here']) await inLog(other, text).waitFor();
  noFaults(page);
  await page.context().close();
});

test('a muted person who fills the history leaves no request without an end', async () => {
  const flood = person(on, 'Flood');
  for (let count = 1; count <= 230; count += 1) await flood.write(`flood ${count}`);
  const page = await come('Ann', { roles: ['moderator'] });
  let pages = 0;
  page.on('request', (request) => (pages += Number(request.url().includes('/messages?'))));
  await choose(page, 'flood 230', 'Mute Flood');
  await isGone(page, 'flood 230');
  await person(on, 'Calm').write('after the flood');
  await inLog(page, 'after the flood').waitFor();
  // Time enough for a loop to show.
  for (let frame = 0; frame < 60; frame += 1) await page.evaluate(() => new Promise(requestAnimationFrame));
  assert.ok(pages <= 8, `${pages} pages of history`);
  noFaults(page);
  await page.context().close();
  await host('POST', 'moderation/actions', { action: 'purge', user_id: 'flood' });
});

test('nobody but staff has their acts, and nobody who may not pin has a menu for their own messages', async () => {
  await person(on, 'Vic').write('about rights');
  await person(on, 'Ann').write('my own');
  for (const [roles, claims, count, mayPin] of [
    [undefined, {}, 3, false],
    [['moderator'], {}, 9, true],
    [['moderator'], { capabilities: ['read', 'send'] }, 3, false],
    [undefined, { capabilities: ['read', 'send', 'moderate'] }, 8, false],
    [undefined, { capabilities: ['read', 'send', 'announce'] }, 4, true],
  ]) {
    const token = signed('ann', { name: 'Ann', roles, ...claims });
    const page = await open(on.browser, `${on.gateway.url}/#token=${token}`, { viewport: DESKTOP });
    await isLive(page);
    await openMenu(page, 'about rights');
    assert.equal(await page.getByRole('menuitem').count(), count, JSON.stringify([roles, claims]));
    assert.equal(await row(page, 'my own').locator('.menu-button').getAttribute('hidden'), mayPin ? null : '');
    assert.equal(await row(page, 'my own').locator('.delete-message').getAttribute('hidden'), null);
    noFaults(page);
    await page.context().close();
  }
});

test('staff delete, time out and ban from the menu; each can be taken back', async () => {
  const mona = await come('Mona', { roles: ['moderator'] });
  const takeBack = async (said) => {
    await mona.locator('#toast').getByRole('button', { name: 'Undo' }).click();
    await told(mona, `Taken back: ${said}`);
  };

  const dora = person(on, 'Dora');
  await dora.write('delete this');
  await choose(mona, 'delete this', 'Delete');
  await told(mona, 'Message deleted.');
  await isGone(mona, 'delete this');
  await takeBack('Message deleted.');
  await inLog(mona, 'delete this').waitFor();

  for (const [name, act, said, code] of [
    ['Tim', 'Time out for 10 min', 'Tim is timed out for 10 min. Their messages are gone.', 'timed_out'],
    ['Bo', 'Ban Bo', 'Bo is banned. Their messages are gone.', 'banned'],
  ]) {
    const writer = person(on, name);
    await writer.write(`${name} was here`);
    await choose(mona, `${name} was here`, act);
    await told(mona, said);
    await isGone(mona, `${name} was here`);
    await isRefused(writer.write('and again'), code);
    // A receipt goes by itself, unless somebody is at its button.
    await mona.locator('#toast').getByRole('button', { name: 'Undo' }).focus();
    if (code === 'banned') await isAccessibleInBoth(mona, 'menu-ban-undo');
    await takeBack(said);
    await inLog(mona, `${name} was here`).waitFor();
    await writer.write(`thank you from ${name}`);
  }
  const { actions } = await host('GET', 'moderation/actions?limit=100');
  const timeout = actions.find(({ action }) => action === 'timeout');
  assert.equal(Math.round((Date.parse(timeout.until) - Date.parse(timeout.at)) / 60_000), 10);
  noFaults(mona);
  await mona.context().close();
});

test('an act against a higher rank, and one that comes too late, say why', async () => {
  const boss = await come('Boss', { roles: ['host'] });
  await boss.fill('#text', 'from the host');
  await boss.press('#text', 'Enter');
  const mona = await come('Mona', { roles: ['moderator'] });
  await choose(mona, 'from the host', 'Ban Boss');
  await told(mona, 'You may not do that to this person.');
  const { message_id: id } = await person(on, 'Late').write('too late for this');
  await openMenu(mona, 'too late for this');
  await host('DELETE', `messages/${id}`);
  await item(mona, 'Delete').click();
  await told(mona, 'It is gone already.');
  noFaults(boss, mona);
  for (const page of [boss, mona]) await page.context().close();
});

test('the menu fits into small windows, and a finger finds it', async () => {
  await person(on, 'Small').write('in a small window');
  for (const viewport of [{ width: 280, height: 600 }, { width: 320, height: 256 }, { width: 390, height: 780 }]) {
    for (const query of ['', '?layout=compact', '?dir=rtl&lang=es']) {
      const page = await come('Mona', { roles: ['moderator'], query, viewport, hasTouch: true, isMobile: true });
      await inLog(page, 'in a small window').waitFor();
      await row(page, 'in a small window').locator('.name').tap();
      await row(page, 'in a small window').locator('.menu-button').tap();
      const menu = page.locator('#menu');
      await menu.waitFor();
      const box = await menu.boundingBox();
      const about = `${viewport.width} x ${viewport.height} ${query}: ${JSON.stringify(box)}`;
      assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= viewport.width && box.y + box.height <= viewport.height, about);
      const heights = await page.getByRole('menuitem').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
      assert.ok(heights.every((height) => height >= 44), `${about} ${heights}`);
      await page.getByRole('menuitem').last().scrollIntoViewIfNeeded();
      await page.keyboard.press('Escape');
      noFaults(page);
      await page.context().close();
    }
  }
});
