// The console at work in an evening's chat, on a laptop and a phone: what waits, what was done, and a person's card in one window.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LAPTOP, SECRET, choose, isGone, moderator, notice, person, row, signed } from './console.mjs';
import { fillEvening } from './evening.mjs';
import { NO_RATE_LIMIT } from './gateway.mjs';
import { PHONE, call, isAccessible, noFaults, stage } from './page.mjs';

const SPAM = 'WIN A FREE PHONE at prizes.example';

const on = stage({ settings: { ...NO_RATE_LIMIT, JWT_SECRET: SECRET }, fill: trouble });

/** What moderators meet: spam, reports, and messages that wait. */
async function trouble() {
  await fillEvening(on.gateway);
  const act = (body) => call(on.gateway.url, signed('marta', { name: 'Marta', roles: ['host'] }), 'POST', 'moderation/actions', body);
  const spammer = person(on, 'Lucky Larry');
  await spammer.write('Hello everybody!');
  for (const name of ['Pia', 'Max']) await person(on, name).write(SPAM);
  const { message_id: id } = await spammer.write(SPAM.toLowerCase());
  for (const [name, reason] of [['Ann', 'spam'], ['Bob', 'spam'], ['Cleo', 'illegal']]) await person(on, name).call('POST', `report-message/${id}`, { reason });
  const { message_id: rude } = await person(on, 'Rob').write('What a stupid show');
  await person(on, 'Cleo').call('POST', `report-message/${rude}`, { reason: 'harassment' });
  await act({ action: 'note', user_id: 'lucky larry', text: 'The same as last week' });
  await act({ action: 'set_modes', modes: { review_all: true } });
  for (const [name, text] of [['Nina', 'Is the show on demand, too?'], ['Paul', 'See my pictures at paul.example'], ['Kim', 'Greetings from Busan']]) await person(on, name).write(text);
  await act({ action: 'set_modes', modes: { review_all: false, slow_seconds: 5 } });
}

test('on a laptop: a raid is selected and deleted, its author looked at, while others wait', async () => {
  const page = await moderator(on, 'Mona', { viewport: LAPTOP });
  await choose(page, 'feed', `Max ${SPAM}`);
  await page.keyboard.press('f');
  await page.getByText('3 selected').waitFor();
  await page.keyboard.press('d');
  await page.getByText('Delete 3 messages?').waitFor();
  await page.keyboard.press('Enter');
  await notice(page, '3 messages deleted.');
  await isGone(page, SPAM.toLowerCase());
  await choose(page, 'feed', 'Hello everybody!');
  await page.keyboard.press('c');
  await page.locator('#card-notes').getByText('The same as last week').waitFor();
  await page.waitForFunction(() => document.title === '(4) Moderation');
  await isAccessible(page, 'console');
  noFaults(page);
});

test('on a phone: what is held, with the acts for it', async () => {
  const page = await moderator(on, 'Mona', { viewport: PHONE, hasTouch: true, isMobile: true });
  await page.locator('#to-held').tap();
  await row(page, 'held', 'Is the show on demand').tap();
  await isAccessible(page, 'console-on-a-phone');
  const { bottom } = await page.locator('#view-held .acts').evaluate((acts) => acts.getBoundingClientRect());
  assert.ok(bottom <= PHONE.height, `${bottom}`);
  noFaults(page);
});
