// Replies and mentions on the page at /, with a real gateway: writing them, reading them, and what becomes of a quote.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SECRET, follow, moderator, person, row as line, signed } from './console.mjs';
import { NO_RATE_LIMIT } from './gateway.mjs';
import { DESKTOP, call, focused, isAccessibleInBoth, isLive, noFaults, open, say, stage } from './page.mjs';

const on = stage({ settings: { ...NO_RATE_LIMIT, JWT_SECRET: SECRET } });
const NARROW = { width: 320, height: 640 };

const staff = (action) => call(on.gateway.url, signed('rest', { roles: ['host'] }), 'POST', 'moderation/actions', action);

async function come(name, { query = '', ...options } = {}) {
  const page = await open(on.browser, `${on.gateway.url}/${query}#token=${signed(name.toLowerCase(), { name })}`, { viewport: DESKTOP, ...options });
  await isLive(page);
  return page;
}

/** The row whose own text this is. */
const row = (page, text) => page.locator('#messages .message', { has: page.locator('.text').getByText(text, { exact: true }) });
const quote = (page, text) => row(page, text).locator('.quote');
const quotes = (page, text, excerpt) => quote(page, text).getByText(excerpt, { exact: true }).waitFor();

/** Somebody's reply over REST. */
const reply = (who, message, { message_id: reply_to }) => who.call('POST', 'send-message', { message, reply_to });

async function replyTo(page, text) {
  await row(page, text).hover();
  await row(page, text).locator('.menu-button').click();
  await page.getByRole('menuitem', { name: /^(Reply|Responder)$/ }).click();
  await page.locator('#replying').waitFor();
}

test('a reply names whom it is to above the field, quotes them in the log, and stands out for them', async () => {
  const [page, rex] = [await come('Ann'), await come('Rex')];
  await say(rex, 'answer\nme');
  await page.fill('#text', 'my draft');
  await replyTo(page, 'answer me');
  assert.deepEqual([await page.locator('#replying-to').textContent(), await focused(page)], ['In reply to Rex: answer me', 'text']);
  assert.match(await page.getAttribute('#text', 'aria-describedby'), /^replying-to /);
  await isAccessibleInBoth(page, 'replying');
  await page.keyboard.press('Escape');
  await page.locator('#replying').waitFor({ state: 'hidden' });
  assert.equal(await page.inputValue('#text'), 'my draft', 'the draft stays');
  await replyTo(page, 'answer me');
  await page.locator('#replying').getByRole('button', { name: 'Cancel' }).click();
  assert.deepEqual([await page.locator('#replying').isHidden(), await focused(page)], [true, 'text']);
  await replyTo(page, 'answer me');
  await page.keyboard.press('Enter');
  await quotes(page, 'my draft', 'answer me');
  assert.ok(await page.locator('#replying').isHidden(), 'the next message is no reply');
  await say(page, 'no reply');
  await row(page, 'no reply').waitFor();
  assert.equal(await quote(page, 'no reply').count(), 0);
  await quotes(rex, 'my draft', 'answer me');
  await rex.locator('.message.mentions-me .text').getByText('my draft').waitFor();
  assert.equal(await page.locator('.mentions-me').count(), 0);
  await isAccessibleInBoth(rex, 'a-reply');
  noFaults(page, rex);
  await page.context().close();
  await rex.context().close();
});

test('a quote leads to its message, by pointer and by keyboard, or says that it is not there', async () => {
  const rex = person(on, 'Rex');
  const parent = await rex.write('far above');
  for (let i = 0; i < 30; i++) await rex.write(`in between ${i}`);
  await reply(rex, 'far below', parent);
  const page = await come('Ann');
  await quote(page, 'far below').getByRole('button', { name: 'In reply to Rex: far above' }).click();
  assert.equal(await page.evaluate(() => focusedElement().querySelector('.text').textContent), 'far above');
  await page.focus('#log');
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => focusedElement().closest('.quote') !== null), true, 'the first stop in the row');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => focusedElement().querySelector('.text').textContent), 'far above');
  for (let i = 0; i < 60; i++) await rex.write(`later ${i}`);
  await reply(rex, 'much later', parent);
  const late = await come('Late');
  await quote(late, 'much later').getByRole('button').click();
  await late.locator('#notice').getByText('That message is not loaded here.').waitFor();
  noFaults(page, late);
  await page.context().close();
  await late.context().close();
});

test('a quote goes with its message, whatever takes that, and comes back with it', async () => {
  const [rex, bob] = [person(on, 'Rex2'), person(on, 'Bob')];
  const parent = await rex.write('soon gone');
  await reply(bob, 'an older reply', parent);
  const page = await come('Ann');
  await quotes(page, 'an older reply', 'soon gone');
  for (const action of [{ action: 'delete', message_ids: [parent.message_id] }, { action: 'purge', user_id: 'rex2' }]) {
    const { id } = await staff(action);
    await quotes(page, 'an older reply', 'Deleted message');
    assert.equal(await page.locator('#messages').getByText('soon gone').count(), 0, action.action);
    if (action.action === 'delete') await isAccessibleInBoth(page, 'a-quote-that-is-gone');
    await staff({ action: 'restore', action_id: id });
    await quotes(page, 'an older reply', 'soon gone');
  }
  await staff({ action: 'clear' });
  await row(page, 'an older reply').waitFor({ state: 'detached' });
  noFaults(page);
  await page.context().close();
});

test('whoever replies learns that the message has gone, and keeps the draft', async () => {
  const rex = person(on, 'Rex');
  const { message_id: id } = await rex.write('gone meanwhile');
  const page = await come('Ann');
  await replyTo(page, 'gone meanwhile');
  await page.fill('#text', 'my answer');
  await staff({ action: 'delete', message_ids: [id] });
  await page.locator('#notice').getByText('The message you were replying to is gone.').waitFor();
  assert.deepEqual([await page.locator('#replying').isHidden(), await page.inputValue('#text')], [true, 'my answer']);
  // It goes while the reply is on its way.
  await page.evaluate((id) => findOne('live-chat').sendMessage('too late', { replyTo: id }).catch(() => {}), id);
  const failed = page.locator('#pending .failed');
  await failed.getByText('Not sent. The message you were replying to is gone.').waitFor();
  await failed.getByRole('button', { name: 'Retry' }).click();
  await row(page, 'too late').waitFor();
  assert.equal(await quote(page, 'too late').count(), 0, 'it is sent as a message of its own');
  noFaults(page);
  await page.context().close();
});

test('nothing is quoted of somebody who is muted', async () => {
  const [rude, bob] = [person(on, 'Rude'), person(on, 'Bob')];
  await reply(bob, 'do not shout', await rude.write('a rude word'));
  const page = await come('Ann');
  await quotes(page, 'do not shout', 'a rude word');
  await row(page, 'a rude word').hover();
  await row(page, 'a rude word').locator('.menu-button').click();
  await page.getByRole('menuitem', { name: 'Mute Rude' }).click();
  await quote(page, 'do not shout').waitFor({ state: 'hidden' });
  assert.ok(await row(page, 'do not shout').isVisible());
  noFaults(page);
  await page.context().close();
});

test('names that were taken from the list are mentions as long as they stand in the text', async () => {
  await person(on, 'Zoe Zed').write('here I am');
  await person(on, 'Yan').write('and I');
  const page = await come('Ann');
  // Another name than the text has: only her id tells.
  const zoe = await open(on.browser, `${on.gateway.url}/#token=${signed('zoe zed', { name: 'Zora' })}`, { viewport: DESKTOP });
  await isLive(zoe);
  await row(page, 'and I').waitFor();
  for (const begun of ['@zo', '@ya']) {
    await page.locator('#text').pressSequentially(begun);
    await page.locator('#names').waitFor();
    await page.keyboard.press('Enter');
  }
  assert.equal(await page.inputValue('#text'), '@Zoe Zed @Yan ');
  await page.fill('#text', '@Zoe Zed hello');
  await page.keyboard.press('Enter');
  await zoe.locator('.message.mentions-me').getByText('hello').waitFor();
  const { messages } = await call(on.gateway.url, signed('reader'), 'GET', 'messages?limit=1');
  assert.deepEqual(messages[0].mentions, ['zoe zed']);
  await say(page, '@Zoe Zed typed');
  await row(page, '@Zoe Zed typed').waitFor();
  const typed = await call(on.gateway.url, signed('reader'), 'GET', 'messages?limit=1');
  assert.equal('mentions' in typed.messages[0], false, 'a name that is typed may be anybody’s');
  noFaults(page, zoe);
  await page.context().close();
  await zoe.context().close();
});

test('the feed of the console shows what a reply is to, until that is gone', async () => {
  const [rex, bob] = [person(on, 'Rex'), person(on, 'Bob')];
  const parent = await rex.write('of the console');
  await reply(bob, 'read by staff', parent);
  const console = await moderator(on, 'Mona');
  await line(console, 'feed', 'read by staff').locator('.quote').getByText('In reply to Rex: of the console', { exact: true }).waitFor();
  await follow(console);
  await isAccessibleInBoth(console, 'console-reply');
  const { id } = await staff({ action: 'delete', message_ids: [parent.message_id] });
  await line(console, 'feed', 'read by staff').locator('.quote').getByText('In reply to a deleted message', { exact: true }).waitFor();
  await staff({ action: 'restore', action_id: id });
  await line(console, 'feed', 'read by staff').locator('.quote').getByText('In reply to Rex: of the console', { exact: true }).waitFor();
  noFaults(console);
  await console.context().close();
});

test('in Spanish, compact, from right to left, and on the narrowest screen, it fits', async () => {
  const rex = person(on, 'Rex');
  const parent = await rex.write(`${'una palabra muy larga '.repeat(8)}`.trim());
  await reply(rex, 'una respuesta', parent);
  for (const query of ['?lang=es', '?lang=es&layout=compact', '?lang=es&dir=rtl']) {
    const page = await come('Ann', { query, viewport: NARROW });
    await quote(page, 'una respuesta').getByRole('button', { name: /^En respuesta a Rex: una palabra/ }).waitFor();
    await replyTo(page, 'una respuesta');
    assert.equal(await page.locator('#replying-to').textContent(), 'En respuesta a Rex: una respuesta');
    const { height } = await quote(page, 'una respuesta').boundingBox();
    assert.ok(height <= 32, `one line, not ${height} px`);
    await isAccessibleInBoth(page, `a-reply-narrow${query.replace(/\W/g, '-')}`);
    noFaults(page);
    await page.context().close();
  }
});
