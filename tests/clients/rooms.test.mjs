// Rooms on the page and in elements, with a real gateway in which nothing opens by itself.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { signed } from './console.mjs';
import { DESKTOP, isAccessibleInBoth, isLive, noFaults, open, say, stage } from './page.mjs';
import { MANUAL, endSession, freshRoom, host, openSession, runUntil, writeIn } from './rooms.mjs';
import { Site } from './site.mjs';

let site;
const on = stage({
  settings: MANUAL,
  fill: async () => {
    site = await Site.start();
    site.policy = "default-src 'none'; script-src *; style-src 'self'; connect-src *; img-src * data:";
    // A call to the site itself, which `runUntil` makes.
    site.files['/icon.svg'] = '';
  },
});
after(() => site?.stop());

/** A page of another site with this body. Each element gets a token of the user with its id. */
async function embed(body, options) {
  site.files['/'] = `<!doctype html><html lang="en"><title>Host</title><main><h1>Host</h1>${body.replaceAll('<live-chat', `<live-chat base-url="${on.gateway.url}"`)}</main>
    <script type="module" src="${on.gateway.url}/embed/v1.js"></script></html>`;
  const page = await open(on.browser, site.url, { viewport: DESKTOP, ...options });
  const ids = await page.evaluate(() => [...document.querySelectorAll('live-chat')].map(({ id }) => id));
  for (const id of ids) await page.evaluate(([id, token]) => (document.getElementById(id).token = token), [id, signed(id, { name: id })]);
  return page;
}

const stateOf = (page, id, state) => page.locator(`#${id} #state[data-state=${state}]`).waitFor();
const named = (page, id, name) => page.locator(`#${id} #session-name`).getByText(name, { exact: true }).waitFor();
const message = (page, id, text) => page.locator(`#${id} #messages`).getByText(text, { exact: true });

test('two rooms side by side in one page hear only their own', async () => {
  const [stage, lounge] = ['stage', 'lounge'].map(freshRoom);
  const sessions = [await openSession(on, stage, 'On stage'), await openSession(on, lounge, 'In the lounge')];
  const page = await embed(`<live-chat id="ann" room="${stage}"></live-chat><live-chat id="bob" room="${lounge}"></live-chat>`);
  for (const id of ['ann', 'bob']) await stateOf(page, id, 'live');
  await named(page, 'ann', 'On stage');
  await named(page, 'bob', 'In the lounge');
  await writeIn(on, stage, 'Sue', 'to the stage');
  await writeIn(on, lounge, 'Lou', 'to the lounge');
  await message(page, 'ann', 'to the stage').waitFor();
  await message(page, 'bob', 'to the lounge').waitFor();
  await page.fill('#ann #text', 'from the stage');
  await page.press('#ann #text', 'Enter');
  await message(page, 'ann', 'from the stage').waitFor();
  await page.click('#bob #like');
  await page.waitForFunction(() => document.getElementById('bob').client.likes === 1);
  const ofRoom = (id) => page.locator(`#${id} #messages .text`).allTextContents();
  assert.deepEqual([await ofRoom('ann'), await ofRoom('bob')], [['to the stage', 'from the stage'], ['to the lounge']]);
  const { total_likes: likes } = await host(on, 'GET', `likes?room=${stage}`);
  assert.equal(likes, 0);
  await isAccessibleInBoth(page, 'two-rooms');
  noFaults(page);
  await page.context().close();
  for (const session of sessions) await endSession(on, session);
});

test('a chat goes on with the next session of its room, and with no other', async () => {
  const [stage, lounge] = ['stage', 'lounge'].map(freshRoom);
  const first = await openSession(on, stage, 'The first');
  const page = await embed(`<live-chat id="ann" room="${stage}"></live-chat>`, { prepare: (page) => page.clock.install() });
  await runUntil(page, page.locator('#ann #state[data-state=live]'));
  const elsewhere = await openSession(on, lounge, 'Elsewhere');
  await endSession(on, first);
  await runUntil(page, page.locator('#ann #banner').getByText('This chat has ended.'));
  await page.clock.runFor(120_000);
  assert.equal(await page.locator('#ann #state').getAttribute('data-state'), 'ended', 'the session of another room is not its own');
  const second = await openSession(on, stage, 'The second');
  await runUntil(page, page.locator('#ann #state[data-state=live]'));
  await named(page, 'ann', 'The second');
  await writeIn(on, stage, 'Sue', 'here again');
  await message(page, 'ann', 'here again').waitFor();
  noFaults(page);
  await page.context().close();
  for (const session of [elsewhere, second]) await endSession(on, session);
});

test('before its room opens, a chat counts down to its next session', async () => {
  const [stage, lounge] = ['stage', 'lounge'].map(freshRoom);
  const later = await openSession(on, stage, 'Later', { start_time: new Date(Date.now() + 42 * 60_000).toISOString() });
  const elsewhere = await openSession(on, lounge, 'Elsewhere');
  const page = await embed(`<live-chat id="ann" room="${stage}"></live-chat>`);
  await page.locator('#ann #banner').getByText('The chat opens in').waitFor();
  assert.match(await page.locator('#ann .banner-time').textContent(), /^4[12]:\d\d$/);
  noFaults(page);
  await page.context().close();
  for (const session of [later, elsewhere]) await endSession(on, session);
});

test('another room in place leaves the one and enters the other, by attribute and by property', async () => {
  const [stage, lounge] = ['stage', 'lounge'].map(freshRoom);
  const sessions = [await openSession(on, stage, 'On stage'), await openSession(on, lounge, 'In the lounge')];
  const page = await embed(`<live-chat id="ann" room="${stage}"></live-chat>`);
  await stateOf(page, 'ann', 'live');
  await page.fill('#ann #text', 'a draft');
  await page.evaluate((room) => (document.getElementById('ann').room = room), lounge);
  await named(page, 'ann', 'In the lounge');
  await stateOf(page, 'ann', 'live');
  assert.deepEqual([await page.getAttribute('#ann', 'room'), await page.inputValue('#ann #text')], [lounge, 'a draft']);
  await page.evaluate((room) => document.getElementById('ann').setAttribute('room', room), stage);
  await named(page, 'ann', 'On stage');
  // A session has precedence.
  await page.evaluate((id) => document.getElementById('ann').setAttribute('session', id), sessions[1].id);
  await named(page, 'ann', 'In the lounge');
  await page.evaluate(() => {
    const chat = document.getElementById('ann');
    chat.removeAttribute('session');
    chat.room = 'No room';
  });
  await page.locator('#ann #why').getByText('The chat cannot be reached').waitFor();
  assert.equal(await page.evaluate(() => document.getElementById('ann').client), undefined, 'a wrong name leads nowhere else');
  noFaults(page);
  await page.context().close();
  for (const session of sessions) await endSession(on, session);
});

test('the counter counts to the limit of the session, which the next one may change', async () => {
  const [stage, lounge] = ['stage', 'lounge'].map(freshRoom);
  const short = await openSession(on, stage, 'Short', { max_message_length: 20 });
  const page = await embed(`<live-chat id="ann" room="${stage}" max-message-length="500"></live-chat>`, { prepare: (page) => page.clock.install() });
  await runUntil(page, page.locator('#ann #state[data-state=live]'));
  await page.fill('#ann #text', 'more than twenty characters');
  await page.locator('#ann #counter').getByText('27/20').waitFor();
  assert.equal(await page.getAttribute('#ann #text', 'aria-invalid'), 'true');
  await endSession(on, short);
  await runUntil(page, page.locator('#ann #banner').getByText('This chat has ended.'));
  const long = await openSession(on, stage, 'Long', { max_message_length: 200 });
  await runUntil(page, page.locator('#ann #state[data-state=live]'));
  await page.locator('#ann #counter').getByText('27/200').waitFor();
  assert.equal(await page.getAttribute('#ann #text', 'aria-invalid'), null);
  noFaults(page);
  await page.context().close();
  await endSession(on, long);
});

test('the page and the frame enter the room of their address, and so does a session', async () => {
  const [stage, lounge] = ['stage', 'lounge'].map(freshRoom);
  const sessions = [await openSession(on, stage, 'On stage'), await openSession(on, lounge, 'In the lounge')];
  for (const [path, name] of [[`/?room=${stage}`, 'On stage'], [`/embed/?room=${lounge}`, 'In the lounge'], [`/?session=${sessions[1].id}`, 'In the lounge']]) {
    const page = await open(on.browser, `${on.gateway.url}${path}#token=${signed('vera', { name: 'Vera' })}`);
    await isLive(page);
    await page.waitForFunction((name) => document.title.startsWith(name), name);
    await say(page, `Hello ${path}`);
    await page.locator('#messages').getByText(`Hello ${path}`).waitFor();
    noFaults(page);
    await page.context().close();
  }
  for (const session of sessions) await endSession(on, session);
});
