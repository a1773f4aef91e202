// The console and rooms: which one it works on, and the sessions of all of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LAPTOP, moderator, notice, openWith, row, signed } from './console.mjs';
import { PHONE, focused, isAccessible, isAccessibleInBoth, noFaults, stage } from './page.mjs';
import { MANUAL, endSession, host, openSession, writeIn } from './rooms.mjs';

const on = stage({ settings: MANUAL });

const entry = (page, name) => page.locator('#sessions li', { hasText: name });
const names = (page) => page.locator('#sessions .name').allTextContents();
const button = (page, name, text) => entry(page, name).getByRole('button', { name: text });

/** A host whose console shows the sessions. */
async function atSessions(name, options) {
  const page = await openWith(on, signed(name.toLowerCase(), { name, roles: ['host'] }), options);
  await page.click('#to-sessions');
  return page;
}

test('a host opens a session, changes it and ends it', async () => {
  const page = await atSessions('Hans');
  await page.locator('#sessions-empty').waitFor();
  await page.click('#new-session');
  assert.equal(await focused(page), 'session-name');
  await page.fill('#session-name', 'The interview');
  await page.fill('#session-room', 'stage');
  await page.fill('#session-tags', 'season 3, , guests');
  await page.fill('#session-rate', '0');
  await page.fill('#session-length', '300');
  await isAccessibleInBoth(page, 'console-new-session');
  await page.press('#session-name', 'Enter');
  await notice(page, '“The interview” is open.');
  await entry(page, 'The interview').getByText('Open', { exact: true }).waitFor();
  const { sessions: [made] } = await host(on, 'GET', 'sessions?room=stage');
  assert.deepEqual([made.name, made.state, made.tags, made.messages_per_minute, made.max_message_length], ['The interview', 'open', ['season 3', 'guests'], 0, 300]);

  await button(page, 'The interview', 'Edit').click();
  assert.equal(await page.locator('#session-room').isVisible(), false, 'it stays in its room');
  assert.deepEqual([await page.inputValue('#session-tags'), await page.inputValue('#session-length'), await page.inputValue('#session-end')], ['season 3, guests', '300', '']);
  await page.fill('#session-name', 'The long interview');
  const end = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 3_600_000);
  await page.fill('#session-end', await page.evaluate((at) => new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16), Number(end)));
  const [sent] = await Promise.all([page.waitForRequest((request) => request.method() === 'PATCH'), page.click('#session-yes')]);
  assert.deepEqual(Object.keys(sent.postDataJSON()).sort(), ['client_action_id', 'end_time', 'name'], 'only the changed fields');
  await notice(page, 'The session is changed.');
  await entry(page, 'The long interview').waitFor();
  const { session: changed } = await host(on, 'GET', `sessions/${made.id}`);
  assert.equal(Date.parse(changed.end_time), Number(end));

  await button(page, 'The long interview', 'End').click();
  await page.getByText('End “The long interview”?').waitFor();
  assert.equal(await focused(page), 'ask-no', 'Enter does not end it');
  await isAccessible(page, 'console-end-session');
  await page.keyboard.press('Enter');
  assert.equal((await host(on, 'GET', `sessions/${made.id}`)).session.state, 'open');
  await button(page, 'The long interview', 'End').click();
  await page.click('#ask-yes');
  await notice(page, '“The long interview” has ended.');
  await entry(page, 'The long interview').getByText('Ended', { exact: true }).waitFor();
  assert.equal(await entry(page, 'The long interview').getByRole('button', { name: /Change|End/ }).count(), 0);
  await page.click('#to-log');
  for (const act of ['Open session', 'Change session', 'End session']) await row(page, 'log', act).first().waitFor();
  noFaults(page);
  await page.context().close();
});

test('one that is scheduled is called off; a refusal says why, and loses nothing', async () => {
  const page = await atSessions('Hans');
  await page.click('#new-session');
  await page.fill('#session-name', 'Tomorrow');
  await page.fill('#session-room', 'stage');
  const local = (page, days, hours = 0) => page.evaluate((ms) => {
    const at = Date.now() + ms;
    return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  }, (days * 24 + hours) * 3_600_000);
  await page.fill('#session-start', await local(page, 1));
  await page.fill('#session-end', await local(page, 1, 2));
  await page.click('#session-yes');
  await notice(page, '“Tomorrow” is scheduled.');

  await page.click('#new-session');
  await page.fill('#session-name', 'At the same time');
  await page.fill('#session-room', 'stage');
  await page.fill('#session-start', await local(page, 1, 1));
  await page.click('#session-yes');
  await page.locator('#session-problem').getByText(/^The room has another session in that time\. \(.+\)$/).waitFor();
  assert.equal(await page.inputValue('#session-name'), 'At the same time');
  await isAccessible(page, 'console-session-refused');
  await page.fill('#session-room', 'Not a room');
  await page.click('#session-yes');
  assert.equal(await page.locator('#session-room').evaluate((field) => field.validity.patternMismatch), true);
  await page.keyboard.press('Escape');

  await button(page, 'Tomorrow', 'Call off').click();
  await page.click('#ask-yes');
  await notice(page, '“Tomorrow” is called off.');
  await entry(page, 'Tomorrow').getByText('Called off', { exact: true }).waitFor();
  noFaults(page);
  await page.context().close();
});

test('the list is filtered by state, goes on with older ones, and follows the acts of others', async () => {
  for (let nth = 1; nth <= 21; nth += 1) await endSession(on, await openSession(on, 'many', `Past ${nth}`));
  const now = await openSession(on, 'many', 'At present');
  const page = await atSessions('Hans');
  await entry(page, 'At present').waitFor();
  assert.equal((await names(page)).length, 20);
  await page.click('#sessions-more');
  await entry(page, /Past 1\b/).waitFor();
  const all = await names(page);
  assert.equal(new Set(all).size, all.length);
  assert.deepEqual(all.slice(0, 3), ['At present', 'Past 21', 'Past 20']);
  await page.selectOption('#session-state', 'open');
  await page.waitForFunction(() => document.querySelectorAll('#sessions li').length === 1);
  assert.deepEqual(await names(page), ['At present']);
  await page.selectOption('#session-state', 'scheduled');
  await page.locator('#sessions-empty').waitFor();
  assert.equal(await page.locator('#sessions-more').isVisible(), false);
  await endSession(on, now);
  // Another host opens one in the room of this console: it appears by itself.
  await page.selectOption('#session-state', '');
  const main = await openSession(on, 'main', 'In main');
  await page.waitForSelector('#state[data-state=live]');
  await entry(page, 'In main').waitFor();
  await endSession(on, main);
  await entry(page, 'In main').getByText('Ended', { exact: true }).waitFor();
  noFaults(page);
  await page.context().close();
});

test('moderators see sessions, and change none', async () => {
  const session = await openSession(on, 'stage', 'To be seen');
  const page = await openWith(on, signed('mona', { name: 'Mona', roles: ['moderator'] }), { query: '?room=stage' });
  await page.waitForSelector('#state[data-state=live]');
  await page.focus('#feed');
  await page.keyboard.press('8');
  await entry(page, 'To be seen').waitFor();
  assert.equal(await page.locator('#new-session').isVisible(), false);
  assert.equal(await entry(page, 'To be seen').getByRole('button').count(), 0);
  await entry(page, 'To be seen').getByRole('link', { name: 'Moderate' }).waitFor();
  noFaults(page);
  await page.context().close();
  await endSession(on, session);
});

test('a console works on its room, and another room is a link away', async () => {
  const sessions = [await openSession(on, 'stage', 'On stage'), await openSession(on, 'lounge', 'In the lounge')];
  const page = await moderator(on, 'Mona', { query: '?room=stage&lang=en' });
  await page.locator('#to-rooms').getByText('Room: stage').waitFor();
  await page.locator('#session').getByText('On stage').waitFor();
  await writeIn(on, 'stage', 'Sue', 'on the stage');
  await writeIn(on, 'lounge', 'Lou', 'in the lounge');
  await row(page, 'feed', 'on the stage').waitFor();
  assert.equal(await row(page, 'feed', 'in the lounge').count(), 0);
  await page.click('#to-rooms');
  await page.locator('#rooms [aria-current=page]').getByText('On stage').waitFor();
  await isAccessibleInBoth(page, 'console-rooms');
  await page.locator('#rooms a', { hasText: 'In the lounge' }).click();
  await page.locator('#to-rooms').getByText('Room: lounge').waitFor();
  await page.waitForSelector('#state[data-state=live]');
  await row(page, 'feed', 'in the lounge').waitFor();
  assert.deepEqual(Object.fromEntries(new URL(page.url()).searchParams), { room: 'lounge', lang: 'en' });
  // An act without a target is about the room that is seen.
  await page.focus('#feed');
  await page.keyboard.press('k');
  await page.click('#ask-yes');
  await notice(page, 'The chat is cleared.');
  assert.deepEqual((await host(on, 'GET', 'messages?room=lounge')).messages, []);
  assert.equal((await host(on, 'GET', 'messages?room=stage')).messages.length, 1);
  noFaults(page);
  await page.context().close();
  for (const session of sessions) await endSession(on, session);
});

test('in a room without a session, nothing of another one is touched; an address with no name of a room says so', async () => {
  const session = await openSession(on, 'main', 'Main');
  const page = await openWith(on, signed('mona', { name: 'Mona', roles: ['moderator'] }), { query: '?room=empty' });
  await page.getByText('No session is open.').first().waitFor();
  await page.focus('#feed');
  await page.keyboard.press('k');
  await page.click('#ask-yes');
  await notice(page, 'No session is open.');
  await page.click('#to-rooms');
  await page.locator('#rooms a').getByText('Main', { exact: true }).waitFor();
  noFaults(page);
  await page.context().close();
  const lost = await openWith(on, signed('mona', { name: 'Mona', roles: ['moderator'] }), { query: '?room=No%20room' });
  await lost.getByText('The address asks for a room whose name no room can have.').waitFor();
  noFaults(lost);
  await lost.context().close();
  await endSession(on, session);
});

test('where the tab keeps nothing, the token goes along to the other room', async () => {
  const sessions = [await openSession(on, 'stage', 'On stage'), await openSession(on, 'lounge', 'In the lounge')];
  const prepare = (page) => page.addInitScript(() => Object.defineProperty(globalThis, 'sessionStorage', { get: () => { throw new Error('blocked'); } }));
  const page = await openWith(on, signed('mona', { name: 'Mona', roles: ['moderator'] }), { query: '?room=stage', prepare });
  await page.waitForSelector('#state[data-state=live]');
  await page.click('#to-rooms');
  await page.locator('#rooms a', { hasText: 'In the lounge' }).click();
  await page.locator('#to-rooms').getByText('Room: lounge').waitFor();
  await page.waitForSelector('#state[data-state=live]');
  assert.equal(new URL(page.url()).hash, '');
  noFaults(page);
  await page.context().close();
  for (const session of sessions) await endSession(on, session);
});

test('the view and its form have no axe violation on a laptop and a phone, in English and Spanish', async () => {
  const sessions = [
    await openSession(on, 'stage', 'A session with a name as long as names may be, so that it has to be broken somewhere on every screen', { tags: ['a tag', 'another'] }),
    await openSession(on, 'lounge', 'Soon', { start_time: new Date(Date.now() + 3_600_000).toISOString() }),
  ];
  for (const [screen, options] of [['laptop', { viewport: LAPTOP }], ['phone', { viewport: PHONE, hasTouch: true, isMobile: true, locale: 'es-ES' }]]) {
    const page = await atSessions('Hans', options);
    await entry(page, 'Soon').waitFor();
    await isAccessibleInBoth(page, `console-sessions-${screen}`);
    const small = await page.locator('#sessions .acts > *').evaluateAll((all) => all.map((act) => act.getBoundingClientRect().height));
    assert.ok(small.every((height) => height >= (screen === 'phone' ? 44 : 24)), `${small}`);
    await entry(page, 'Soon').getByRole('button').first().click();
    await isAccessibleInBoth(page, `console-session-${screen}`);
    noFaults(page);
    await page.context().close();
  }
  for (const session of sessions) await endSession(on, session);
});
