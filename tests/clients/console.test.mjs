// The console at /moderate/ in Chromium, with a real gateway: the acts of moderators and their keys.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SECRET, choose, isBack, isGone, moderator, notice, person, row, sanctionAndTakeBack, signed } from './console.mjs';
import { NO_RATE_LIMIT } from './gateway.mjs';
import { call, noFaults, screenshot, stage } from './page.mjs';

const on = stage({ settings: { ...NO_RATE_LIMIT, JWT_SECRET: SECRET } });

const host = (method, path, body) => call(on.gateway.url, signed('rest', { roles: ['host'] }), method, path, body);
const act = (body) => host('POST', 'moderation/actions', body);

test('a key deletes a message, which stays, struck through; another takes the deletion back', async () => {
  const mona = await moderator(on, 'Mona');
  const ann = person(on, 'Ann');
  await ann.write('buy followers');
  await row(mona, 'feed', 'buy followers').waitFor();
  assert.equal(await mona.evaluate(() => document.activeElement.id), 'feed', 'keys act at once');
  await mona.keyboard.press('ArrowUp');
  await mona.keyboard.press('d');
  await notice(mona, '1 message deleted.');
  await row(mona, 'feed', 'Deleted by Mona').waitFor();
  assert.equal(await row(mona, 'feed', 'buy followers').locator('s').count(), 1);
  assert.deepEqual((await host('GET', 'messages')).messages.filter(({ message }) => message === 'buy followers'), []);
  await mona.keyboard.press('z');
  await notice(mona, 'Taken back: 1 message deleted.');
  await isBack(mona, 'buy followers');
  assert.equal((await host('GET', 'messages')).messages.filter(({ message }) => message === 'buy followers').length, 1);
  noFaults(mona);
});

test('a ban and a time-out delete the messages, and both can be taken back', () => sanctionAndTakeBack(on));

test('a selection of all with the same text is acted on after a question', async () => {
  const mona = await moderator(on, 'Mona');
  const writers = ['Sam', 'Sid', 'Sue'].map((name) => person(on, name));
  await person(on, 'Ann').write('a harmless line');
  for (const [index, writer] of writers.entries()) await writer.write(['WIN A PHONE', 'win a  phone', 'ｗｉｎ a phone'][index]);
  await row(mona, 'feed', 'ｗｉｎ a phone').waitFor();
  await mona.keyboard.press('ArrowUp');
  await mona.keyboard.press('f');
  await mona.getByText('3 selected').waitFor();
  await mona.keyboard.press('d');
  await mona.getByText('Delete 3 messages?').waitFor();
  await mona.keyboard.press('Escape');
  assert.equal(await mona.locator('#feed .gone', { hasText: /win a/i }).count(), 0, 'nobody has said yes');
  await mona.keyboard.press('d');
  await mona.keyboard.press('Enter');
  await notice(mona, '3 messages deleted.');
  await isBack(mona, 'a harmless line');
  await mona.keyboard.press('z');
  await notice(mona, 'Taken back: 3 messages deleted.');
  await isBack(mona, 'WIN A PHONE');
  noFaults(mona);
});

test('all with a term are selected, which the list of words proposes', async () => {
  await host('PUT', 'moderation/terms', { terms: [{ term: 'scam*', match: 'word', action: 'shadow' }], allow: [], link_domains: [] });
  const mona = await moderator(on, 'Mona');
  const ann = person(on, 'Ann');
  for (const text of ['this is a scam', 'no Scam at all', 'quite normal']) await ann.write(text);
  await row(mona, 'feed', 'quite normal').waitFor();
  await choose(mona, 'feed', 'this is a scam');
  await mona.keyboard.press('w');
  await mona.locator('#ask-term[open]').waitFor();
  assert.equal(await mona.inputValue('#ask-term-text'), 'scam');
  await mona.keyboard.press('Enter');
  await mona.getByText('2 selected').waitFor();
  await mona.keyboard.press('Escape');
  await host('PUT', 'moderation/terms', { terms: [], allow: [], link_domains: [] });
  noFaults(mona);
});

test('two moderators: what one of them decides, the other sees as theirs at once', async () => {
  const [mona, hans] = await Promise.all([moderator(on, 'Mona'), moderator(on, 'Hans', { role: 'host' })]);
  await act({ action: 'set_modes', modes: { review_all: true } });
  const ann = person(on, 'Ann');
  await ann.write('may I speak?');
  await ann.write('and this?');
  for (const page of [mona, hans]) {
    await row(page, 'held', 'may I speak?').waitFor();
    assert.match(await page.title(), /^\(\d+\) Moderation$/);
    assert.match(await row(page, 'held', 'may I speak?').locator('.left').textContent(), /^[45]:\d\d left$/);
  }
  await mona.keyboard.press('2');
  await mona.keyboard.press('Home');
  await mona.keyboard.press('a');
  await notice(mona, '1 message approved.');
  await row(hans, 'held', 'may I speak?').waitFor({ state: 'detached' });
  await isBack(hans, 'may I speak?');
  await hans.click('#to-held');
  await choose(hans, 'held', 'and this?');
  await hans.keyboard.press('d');
  await notice(hans, '1 message denied.');
  await row(mona, 'held', 'and this?').waitFor({ state: 'detached' });
  await choose(hans, 'feed', 'may I speak?');
  await hans.keyboard.press('d');
  await row(mona, 'feed', 'Deleted by Hans').waitFor();
  await act({ action: 'set_modes', modes: { review_all: false } });
  await mona.waitForFunction(() => document.title === 'Moderation');
  noFaults(mona, hans);
});

test('a decision that somebody else took first is shown as theirs', async () => {
  // Hans does not hear of decisions in time.
  const deaf = (page) =>
    page.routeWebSocket(/\/live-chat\/ws\//, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((frame) => !String(frame).includes('held_resolved') && socket.send(frame));
    });
  const hans = await moderator(on, 'Hans', { role: 'host', prepare: deaf });
  const mona = await moderator(on, 'Mona');
  await act({ action: 'set_modes', modes: { review_all: true } });
  await person(on, 'Ann').write('who is first?');
  await choose(mona, 'held', 'who is first?');
  await choose(hans, 'held', 'who is first?');
  await mona.keyboard.press('d');
  await notice(mona, '1 message denied.');
  await hans.keyboard.press('a');
  await notice(hans, 'Mona had denied it already.');
  await row(hans, 'held', 'who is first?').waitFor({ state: 'detached' });
  await act({ action: 'set_modes', modes: { review_all: false } });
  noFaults(mona, hans);
});

test('reports arrive, and are dismissed for all moderators', async () => {
  const [mona, hans] = await Promise.all([moderator(on, 'Mona'), moderator(on, 'Hans', { role: 'host' })]);
  const { message_id: id } = await person(on, 'Rude').write('something rude');
  const { message_id: other } = await person(on, 'Rude').write('something else');
  for (const name of ['Bob', 'Cleo']) await person(on, name).call('POST', `report-message/${id}`, { reason: 'harassment', comment: 'really' });
  await person(on, 'Bob').call('POST', `report-message/${other}`, { reason: 'spam' });
  await hans.click('#to-reports');
  await row(hans, 'reports', '2 reports').waitFor();
  assert.match(await row(hans, 'reports', 'something rude').textContent(), /harassment 2/);
  await mona.keyboard.press('3');
  await choose(mona, 'reports', 'something rude');
  await mona.keyboard.press('i');
  await notice(mona, 'Reports of 1 message dismissed.');
  await row(hans, 'reports', 'something rude').waitFor({ state: 'detached' });
  await choose(hans, 'reports', 'something else');
  await hans.keyboard.press('d');
  await row(mona, 'reports', 'something else').waitFor({ state: 'detached' });
  await isGone(mona, 'something else');
  noFaults(mona, hans);
});

test('the shield and the modes hold at once, show as chips, and are taken back', async () => {
  const [mona, hans] = await Promise.all([moderator(on, 'Mona'), moderator(on, 'Hans', { role: 'host' })]);
  const chip = (page, text) => page.locator('#chips').getByText(text).first();
  await mona.keyboard.press('s');
  await notice(mona, 'The shield is up for 15 minutes.');
  await chip(hans, /^Shield, 1[45]:\d\d left$/).waitFor();
  await chip(hans, 'Links blocked').waitFor();
  await hans.focus('#feed');
  await hans.keyboard.press('s');
  await notice(hans, 'The shield is down.');
  await mona.waitForFunction(() => document.querySelectorAll('#chips li').length === 0);
  await mona.click('#to-modes');
  await mona.fill('#slow_seconds', '7');
  await mona.press('#slow_seconds', 'Tab');
  await chip(hans, 'Slow 7 s').waitFor();
  await mona.selectOption('#links', 'hold');
  await chip(hans, 'Links held').waitFor();
  await mona.click('#undo');
  await notice(mona, 'Taken back: Modes changed.');
  await mona.click('#undo');
  await hans.waitForFunction(() => document.querySelectorAll('#chips li').length === 0);
  noFaults(mona, hans);
});

test('a person’s card tells what is known, and acts', async () => {
  const hans = await moderator(on, 'Hans', { role: 'host' });
  await person(on, 'Paula').write('hello from Paula');
  await choose(hans, 'feed', 'hello from Paula');
  await hans.keyboard.press('c');
  await hans.locator('#card-name').getByText('Paula').waitFor();
  await hans.locator('#card-messages').getByText('hello from Paula').waitFor();
  await hans.fill('#note-text', 'talked to her');
  await hans.click('#note [type=submit]');
  await hans.locator('#card-notes').getByText('talked to her').waitFor();
  await hans.locator('#card-acts').getByText('Ban', { exact: true }).click();
  await hans.locator('#card-sanctions').getByText('Banned').waitFor();
  await row(hans, 'feed', 'hello from Paula').getByText('Banned').waitFor();
  await screenshot(hans, 'console-person');
  await hans.locator('#card-acts').getByText('Lift', { exact: true }).click();
  await hans.locator('#card-sanctions li').waitFor({ state: 'detached' });
  await hans.fill('#find-name', 'pau');
  await hans.press('#find-name', 'Enter');
  await hans.locator('#found').getByText('Paula').click();
  await hans.locator('#card-name').getByText('Paula').waitFor();
  noFaults(hans);
});

test('the log has each act, and takes an entry back', async () => {
  const [mona, hans] = await Promise.all([moderator(on, 'Mona'), moderator(on, 'Hans', { role: 'host' })]);
  await person(on, 'Lou').write('wrongly deleted');
  await choose(mona, 'feed', 'wrongly deleted');
  await hans.focus('#feed');
  await hans.keyboard.press('7');
  await mona.keyboard.press('d');
  await isGone(hans, 'wrongly deleted');
  await row(hans, 'log', /Delete.*by Mona/).first().waitFor();
  await hans.keyboard.press('Home');
  await hans.keyboard.press('r');
  await notice(hans, 'Taken back.');
  await isBack(mona, 'wrongly deleted');
  await hans.selectOption('#log-filter', 'restore');
  await row(hans, 'log', 'Restore').first().waitFor();
  await hans.waitForFunction(() => [...document.querySelectorAll('#log strong')].every(({ textContent }) => textContent === 'Restore'));
  noFaults(mona, hans);
});

test('hosts change words; of two at once, the second is told; a text is tried', async () => {
  const [hans, hera] = await Promise.all(['Hans', 'Hera'].map((name) => moderator(on, name, { role: 'host' })));
  for (const page of [hans, hera]) await page.click('#to-terms');
  await hera.locator('#terms-empty').waitFor();
  await hans.fill('#term', 'idiot*');
  await hans.selectOption('#term-action', 'block');
  await hans.click('#add-term [type=submit]');
  await notice(hans, 'The list is in force.');
  await hera.locator('#terms').getByText('idiot*').waitFor();
  let isFirst = true;
  await hera.route('**/live-chat/moderation/terms', async (route) => {
    const isPut = route.request().method() === 'PUT';
    if (isPut && isFirst) {
      isFirst = false;
      await host('PUT', 'moderation/terms', { terms: [{ term: 'other', match: 'word', action: 'hold' }], allow: [], link_domains: [] });
    }
    await route.continue();
  });
  await hera.fill('#term', 'mine');
  await hera.click('#add-term [type=submit]');
  await notice(hera, 'Somebody else has changed the list meanwhile.');
  await hera.locator('#terms').getByText('other').waitFor();
  await hera.fill('#try-text', 'the oth3r one at example.com');
  await hera.click('#try [type=submit]');
  await hera.locator('#tried').getByText('“other” would hold it.').waitFor();
  await hera.locator('#tried').getByText(/A link to example.com/).waitFor();
  await hera.locator('#terms').getByText('Remove').click();
  await hera.locator('#terms-empty').waitFor();
  noFaults(hans, hera);
});
