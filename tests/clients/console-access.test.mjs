// The console at /moderate/: who gets in, what each token shows, keys that are switched off, failures, the phone, accessibility.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SECRET, choose, isGone, moderator, notice, openWith, person, row, signed } from './console.mjs';
import { NO_RATE_LIMIT } from './gateway.mjs';
import { PHONE, call, isAccessible, isAccessibleInBoth, noFaults, open, screenshot, stage } from './page.mjs';

const on = stage({ settings: { ...NO_RATE_LIMIT, JWT_SECRET: SECRET } });

const act = (body) => call(on.gateway.url, signed('rest', { roles: ['host'] }), 'POST', 'moderation/actions', body);

test('a viewer is refused in plain words, and a moderator enters by a pasted token', async () => {
  const page = await openWith(on, signed('vera'));
  await page.getByText('This token is a viewer’s.').waitFor();
  assert.equal(new URL(page.url()).hash, '');
  assert.equal(await page.locator('#console').isVisible(), false);
  assert.deepEqual(await page.evaluate(() => Object.values(sessionStorage)), []);
  await isAccessibleInBoth(page, 'console-refused');
  await page.fill('#token', 'nonsense');
  await page.press('#token', 'Enter');
  await page.getByText('This does not look like a token.').waitFor();
  await page.fill('#token', signed('mona', { name: 'Mona', roles: ['moderator'] }));
  await page.press('#token', 'Enter');
  await page.waitForSelector('#state[data-state=live]');
  await page.reload();
  await page.waitForSelector('#state[data-state=live]');
  await page.click('#leave');
  await page.locator('#enter').waitFor();
  noFaults(page);
});

test('an auditor sees the log alone', async () => {
  await act({ action: 'note', user_id: 'somebody', text: 'for the log' });
  const page = await openWith(on, signed('otto', { capabilities: ['audit'] }));
  await row(page, 'log', 'for the log').waitFor();
  assert.deepEqual(await page.locator('nav button:visible').allTextContents(), ['Log']);
  assert.equal(await page.locator('#view-feed, [data-act=shield], [data-act=reverse]').locator('visible=true').count(), 0);
  await isAccessible(page, 'console-audit');
  noFaults(page);
});

test('a token that expires or is revoked leads back to the entrance', async () => {
  const page = await moderator(on, 'Gone');
  await act({ action: 'revoke_tokens', user_id: 'gone' });
  await page.getByText('The chat did not accept this token.').waitFor();
  await page.locator('#enter').waitFor();
  assert.deepEqual(await page.evaluate(() => Object.values(sessionStorage)), []);
});

test('keys act in lists alone, and can be switched off', async () => {
  const page = await moderator(on, 'Mona');
  await person(on, 'Kai').write('do not touch');
  await choose(page, 'feed', 'do not touch');
  const calls = [];
  page.on('request', (request) => request.method() === 'POST' && request.url().includes('/moderation/actions') && calls.push(request.postDataJSON().action));
  await page.focus('#to-held');
  await page.keyboard.press('d');
  await page.focus('#feed');
  await page.keyboard.press('?');
  await page.uncheck('#set-keys');
  await screenshot(page, 'console-keys');
  await page.keyboard.press('Escape');
  await page.focus('#feed');
  for (const key of ['d', 'b', 's', '2', '?']) await page.keyboard.press(key);
  assert.equal(await page.locator('#settings').evaluate((dialog) => dialog.open), false);
  await page.keyboard.press('Home');
  await page.keyboard.press('End');
  await row(page, 'feed', 'do not touch').and(page.locator('.current')).waitFor();
  assert.deepEqual(calls, []);
  await page.click('#feed-acts [data-act=delete]');
  await isGone(page, 'do not touch');
  assert.deepEqual(calls, ['delete'], 'the button still acts');
  await page.reload();
  await page.waitForSelector('#state[data-state=live]');
  assert.equal(await page.isChecked('#set-keys'), false, 'the choice is kept');
  noFaults(page);
});

test('each failure has words, and nothing is lost by it', async () => {
  const page = await moderator(on, 'Mona');
  await person(on, 'Fay').write('fails to be deleted');
  await person(on, 'Fay').write('by a host');
  await choose(page, 'feed', 'fails to be deleted');
  const answers = [
    [429, { code: 'rate_limited' }, { 'retry-after': '7' }, 'Too fast. Please try again in 7 s.'],
    [503, { code: 'unavailable' }, { 'retry-after': '60' }, 'The chat is overloaded.'],
    [403, { code: 'forbidden', detail: 'The token lacks moderate' }, {}, 'You may not do that. (The token lacks moderate)'],
    [401, { code: 'unauthorized', detail: 'expired' }, {}, 'Your access has expired.'],
    [409, { code: 'conflict', detail: 'so it is' }, {}, 'Somebody else was faster'],
  ];
  let next;
  await page.route('**/moderation/actions', (route) => route.fulfill(next));
  for (const [status, body, headers, text] of answers) {
    next = { status, headers: { 'content-type': 'application/problem+json', ...headers }, body: JSON.stringify({ status, ...body }) };
    await page.keyboard.press('d');
    await notice(page, text);
    assert.equal(await page.locator('#feed .gone', { hasText: 'fails to be deleted' }).count(), 0);
  }
  await page.unroute('**/moderation/actions');
  // A real refusal: nobody acts against an equal rank.
  const hans = await moderator(on, 'Hans', { role: 'host' });
  await call(on.gateway.url, signed('hans', { name: 'Hans', roles: ['host'] }), 'POST', 'send-message', { message: 'I am the host' });
  await choose(page, 'feed', 'I am the host');
  await page.keyboard.press('b');
  await notice(page, /0 people banned. 1 not: You may not do that./);
  noFaults(page, hans);
});

test('a lost connection shows, and the lists are read anew', async () => {
  const page = await moderator(on, 'Mona');
  await page.context().setOffline(true);
  await page.waitForSelector('#state[data-state=recovering]', { timeout: 60_000 });
  await act({ action: 'set_modes', modes: { review_all: true } });
  await person(on, 'Ola').write('while nobody looked');
  await act({ action: 'set_modes', modes: { review_all: false } });
  await page.context().setOffline(false);
  await page.waitForSelector('#state[data-state=live]', { timeout: 60_000 });
  await row(page, 'held', 'while nobody looked').waitFor();
  noFaults(page);
});

test('the essentials work on a phone', async () => {
  const page = await moderator(on, 'Mona', { viewport: PHONE, hasTouch: true, isMobile: true });
  const visible = () => page.locator('#view-feed .acts button:visible').allTextContents();
  const tap = (selector) => page.locator(selector).locator('visible=true').tap();
  await person(on, 'Tom').write('delete me by thumb');
  await row(page, 'feed', 'delete me by thumb').tap();
  assert.deepEqual((await visible()).map((text) => text.replace(/\s+\w$/, '')), ['Delete', 'Time out', 'Ban', 'Person']);
  await tap('[data-act=delete]');
  await isGone(page, 'delete me by thumb');
  await tap('#notice-undo');
  await notice(page, 'Taken back: 1 message deleted.');
  await tap('[data-act=timeout]');
  await notice(page, '1 person timed out.');
  await tap('#undo');
  await notice(page, 'Taken back: 1 person timed out.');
  await tap('[data-act=ban]');
  await notice(page, '1 person banned.');
  await tap('#undo');
  await tap('[data-act=shield]');
  await notice(page, 'The shield is up');
  await isAccessibleInBoth(page, 'console-phone');
  await tap('#undo');
  await notice(page, 'Taken back: The shield is up');
  await act({ action: 'set_modes', modes: { review_all: true } });
  await person(on, 'Tim').write('held for a thumb');
  await tap('#to-held');
  await row(page, 'held', 'held for a thumb').tap();
  await isAccessible(page, 'console-phone-held');
  await tap('[data-act=approve]');
  await tap('#to-feed');
  // The row that was tapped before holds the chat.
  await page.locator('#go-on').getByText('Paused, 1 new. Go on').tap();
  await row(page, 'feed', 'held for a thumb').waitFor();
  await act({ action: 'set_modes', modes: { review_all: false } });
  const sizes = await page.locator('#view-feed .acts button:visible').evaluateAll((all) => all.map((button) => button.getBoundingClientRect().height));
  assert.ok(sizes.every((height) => height >= 44), `${sizes}`);
  noFaults(page);
});

test('no part has an axe violation, in light and dark', async () => {
  const page = await moderator(on, 'Hans', { role: 'host' });
  const rude = await person(on, 'Rita').write('a reported line');
  await person(on, 'Bob').call('POST', `report-message/${rude.message_id}`, { reason: 'spam' });
  await person(on, 'Gil').write('a deleted line');
  await choose(page, 'feed', 'a deleted line');
  await page.keyboard.press('d');
  await isGone(page, 'a deleted line');
  await act({ action: 'set_modes', modes: { review_all: true, slow_seconds: 3 } });
  await person(on, 'Hal').write('a held line');
  await row(page, 'held', 'a held line').waitFor();
  await act({ action: 'set_modes', modes: { review_all: false, slow_seconds: 0 } });
  for (const view of ['held', 'reports', 'modes', 'terms', 'log']) {
    await page.click(`#to-${view}`);
    if (view === 'reports') await choose(page, 'reports', 'a reported line');
    await isAccessibleInBoth(page, `console-${view}`);
  }
  await choose(page, 'feed', 'a reported line');
  await page.keyboard.press('c');
  await page.locator('#card-messages').getByText('a reported line').waitFor();
  await isAccessibleInBoth(page, 'console-card');
  await page.focus('#feed');
  await page.keyboard.press('?');
  await isAccessibleInBoth(page, 'console-settings');
  await page.keyboard.press('Escape');
  await page.focus('#feed');
  await page.keyboard.press('k');
  await isAccessible(page, 'console-question');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'ask-no', 'Enter does not clear the chat');
  noFaults(page);
});

test('the console speaks Spanish, by the address or the browser', async () => {
  for (const options of [{ query: '?lang=es' }, { locale: 'es-MX' }]) {
    const page = await moderator(on, 'Mona', options);
    assert.equal(await page.locator('html').getAttribute('lang'), 'es');
    assert.match(await page.title(), /Moderación$/);
    await page.locator('#to-held').getByText('Retenidos').waitFor();
    noFaults(page);
  }
  const page = await open(on.browser, `${on.gateway.url}/moderate/?lang=xx`, { locale: 'en-US' });
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
});
