// Parts of the page, one by one, with a server that does what the test says.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DESKTOP, focused, isLive, noFaults, say, shows } from './page.mjs';
import { stubStage, until } from './page-stub.mjs';
import { refusal } from './stub-chat.mjs';

const on = stubStage();
const down = () => refusal(503, 'unavailable');
const CLOSED = { is_active: false, session: null };
const acked = (message_id, more) => ({ type: 'ack', message_id, created_at: '2024-01-01T19:00:00Z', duplicate: false, ...more });

test('hearts float up when somebody likes the session, and are gone afterwards', async () => {
  const stub = await on.chat(1);
  const page = await on.come(stub);
  stub.tell({ type: 'session_like_update', total_likes: 3 });
  await page.waitForFunction(() => findAll('#hearts svg').length === 3);
  await shows(page, 'like-count', '3');
  await page.waitForFunction(() => findAll('#hearts svg').length === 0);
  stub.tell({ type: 'session_like_update', total_likes: 1_000 });
  await page.waitForFunction(() => findAll('#hearts svg').length === 6);

  const calm = await on.come(stub, { reducedMotion: 'reduce' });
  await calm.evaluate(() => new MutationObserver(() => (globalThis.roseOnce = true)).observe(byId('hearts'), { childList: true }));
  stub.tell({ type: 'session_like_update', total_likes: 1_003 });
  await shows(calm, 'like-count', '1,003');
  assert.equal(await calm.evaluate(() => globalThis.roseOnce), undefined, 'nothing moves for those who asked for stillness');
  noFaults(page, calm);
});

test('the header shows how long the session still lasts, or how long it has been open', async () => {
  const stub = await on.chat();
  const opened = Date.now();
  const iso = (milliseconds) => new Date(opened + milliseconds).toISOString();
  const page = await on.come(stub, { prepare: (page) => page.clock.install({ time: Date.parse(stub.session.start_time) + 30_000 }) });
  const hasTime = (page, text) => page.locator('#time-left').getByText(text).waitFor();
  await hasTime(page, 'Just opened');
  await page.clock.runFor(12 * 60_000);
  await hasTime(page, 'Open for 12 min');

  stub.session = { ...stub.session, start_time: iso(-60_000), end_time: iso(3_900_000) };
  const ending = await on.come(stub, { prepare: (page) => page.clock.install({ time: opened }) });
  await hasTime(ending, /^Ends in 1 h [45] min$/);
  await ending.clock.runFor(3_900_000 - 245_000);
  await hasTime(ending, /^Ends in (4:0\d|3:5\d)$/);
  noFaults(page, ending);
});

test('a message shows its time, and its date unless it is from today', async () => {
  const stub = await on.chat(2);
  stub.messages[0].created_at = '2023-12-31T18:05:09Z';
  stub.messages[1].created_at = '2024-01-01T19:05:09Z';
  const prepare = (page) => page.clock.install({ time: Date.parse('2024-01-01T20:00:00Z') });
  const times = (page) => page.locator('#messages time').evaluateAll((all) => all.map(({ textContent, title, dateTime }) => [textContent, title, dateTime]));
  const page = await on.come(stub, { timezoneId: 'UTC', prepare });
  const plain = (await times(page)).map(([text, title]) => [text, title].map((part) => part.replaceAll('\u202f', ' ')));
  assert.deepEqual(plain, [
    ['Dec 31, 6:05 PM', 'Sunday, December 31, 2023 at 6:05:09 PM'],
    ['7:05 PM', 'Monday, January 1, 2024 at 7:05:09 PM'],
  ]);
  const spanish = await on.come(stub, { timezoneId: 'America/New_York', locale: 'es-ES', prepare });
  assert.deepEqual(
    (await times(spanish)).map(([text, , dateTime]) => [text, dateTime]),
    [['31 dic, 13:05', '2023-12-31T18:05:09Z'], ['14:05', '2024-01-01T19:05:09Z']],
  );
});

test('a failed like or deletion is reported; a message deleted by another user disappears', async () => {
  const stub = await on.chat(2);
  for (const message of stub.messages) message.user_id = 'reader';
  const page = await on.come(stub, { viewport: DESKTOP });
  const notice = (text) => page.locator('#notice').getByText(text).waitFor();
  const remove = async (item) => {
    await item.hover();
    await item.locator('.delete-message').click();
    await page.click('#confirm [value=yes]');
  };
  stub.answers = { 'POST like': down, 'POST like-message': down, 'DELETE messages': down };
  const [first, last] = [page.locator('.message').first(), page.locator('.message').last()];
  await last.locator('.like-message').click();
  await notice('Your like did not arrive. Please try again.');
  // It is drawn in the next frame.
  await last.locator('.like-message[aria-pressed=false]').waitFor();
  await remove(last);
  await notice('The message could not be deleted.');
  await page.click('#like');
  await notice('Your like did not arrive. Please try again.');
  await page.locator('#like[aria-pressed=false]').waitFor();
  stub.answers = { 'DELETE messages': () => refusal(404, 'not_found') };
  await remove(first);
  await page.waitForFunction(() => findAll('#messages li').length === 1);
  noFaults(page);
});

test('a question right after another one is answered by itself', async () => {
  const stub = await on.chat(2);
  for (const message of stub.messages) message.user_id = 'reader';
  stub.answers = { 'DELETE messages': (_, id) => ({ message: 'deleted', message_id: Number(id) }) };
  const page = await on.come(stub, { viewport: DESKTOP });
  const deletions = () => stub.calls.filter((call) => call.startsWith('DELETE'));
  // In one task: the first dialog has not told of its closing yet.
  await page.evaluate(async () => {
    findAll('.delete-message')[0].click();
    await Promise.resolve();
    byId('confirm').close('no');
    findAll('.delete-message')[1].click();
  });
  await page.click('#confirm [value=yes]');
  await until(page, () => deletions().length > 0);
  assert.deepEqual(deletions(), [`DELETE messages/${stub.messages[1].id}`]);
  noFaults(page);
});

test('a like of the session is still shown after a reload', async () => {
  const stub = await on.chat(1);
  const page = await on.come(stub);
  await until(page, () => stub.calls.includes('GET likes'));
  assert.equal(await page.getAttribute('#like', 'aria-pressed'), 'false');
  stub.answers = { 'GET likes': () => ({ total_likes: 1, session_id: 1, session_name: '', user_liked: true }) };
  const again = await on.come(stub);
  await again.waitForSelector('#like[aria-pressed=true]');
});

test('a button retries earlier messages that could not be loaded, and later ones arrive meanwhile', async () => {
  const stub = await on.chat(700);
  const page = await on.come(stub, { viewport: DESKTOP });
  const shown = () => page.evaluate(() => findAll('#messages li').map((li) => li.dataset.id % 1e8));
  const failed = page.locator('#earlier').getByText('Earlier messages could not be loaded.');
  const scroll = async (toEnd, isThere) => {
    for (let i = 0; i < 4_000 && !(await isThere()); i++) {
      await page.evaluate((toEnd) => byId('log').scrollBy(0, toEnd ? 2_000 : -2_000), toEnd);
      await page.evaluate(() => new Promise(requestAnimationFrame));
    }
    assert.ok(await isThere());
  };
  await scroll(false, async () => (await shown())[0] <= 400);
  stub.answers = { 'GET messages': (asked) => (asked.has('before') ? down() : stub.page(asked)) };
  await scroll(false, () => failed.isVisible());
  const calls = stub.calls.length;
  const [first] = await shown();
  await page.evaluate(() => byId('log').scrollTo(0, 0));
  assert.equal((await shown())[0], first);

  // With the keyboard: loading fails once more, then succeeds. The focus is never lost.
  await page.focus('#earlier button');
  await page.keyboard.press('Enter');
  assert.equal(await focused(page), 'log');
  await until(page, () => stub.calls.length > calls);
  await failed.waitFor();
  assert.equal(stub.calls.length, calls + 1, 'nobody asks by itself');

  // On the way down, away from the first message, the newer ones are loaded all the same.
  await scroll(true, async () => (await shown()).at(-1) === 700);

  await scroll(false, () => failed.isVisible());
  stub.answers = {};
  // From far below, as a screen reader may do.
  await page.evaluate(() => byId('log').scrollTo(0, 3_000));
  await page.evaluate(() => findOne('#earlier button').click());
  await failed.waitFor({ state: 'detached' });
  await page.waitForFunction((first) => findOne('#messages li').dataset.id % 1e8 < first, (await shown())[0] + 1);
  noFaults(page);
});

test('a message that could not be sent stays until it is taken or discarded, and the focus is never lost', async () => {
  const stub = await on.chat(1);
  const page = await on.come(stub);
  stub.frames = { message: () => undefined };
  await say(page, 'precious');
  await page.locator('#pending').getByText('precious').waitFor();
  stub.status = CLOSED;
  stub.tell({ type: 'session_ended', session_id: 1 });
  await page.getByText('Not sent. The chat is not open.').waitFor();
  const retry = page.locator('#pending .retry');
  await retry.focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('#pending').getByText('precious').count(), 1, 'nobody has taken it');
  assert.match(await focused(page), /retry/);

  stub.status = {};
  stub.frames = { message: ({ client_message_id }) => ({ type: 'error', code: 'of_the_future', message: 'No', client_message_id }) };
  await isLive(page, { timeout: 60_000 });
  await retry.focus();
  await page.keyboard.press('Enter');
  await page.getByText('Not sent. Something went wrong.').waitFor();
  assert.equal(await page.locator('#pending li').count(), 1);
  assert.equal(await focused(page), 'log');
  await page.locator('#pending .discard').focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('#pending li').count(), 0);
  assert.equal(await focused(page), 'log');
  noFaults(page);
});

test('an own message that a moderator deleted while its author was away does not stay', async () => {
  const stub = await on.chat(1);
  const page = await on.come(stub);
  stub.frames = { message: () => undefined };
  await say(page, 'too rude');
  await page.locator('#pending').getByText('too rude').waitFor();
  const [id] = [stub.messages.at(-1).id + 1];
  stub.frames = {
    message: ({ client_message_id }) => acked(id, { client_message_id, duplicate: true }),
    resume: () => ({ type: 'resumed', messages: [], last_seq: 2, complete: true }),
  };
  for (const socket of stub.sockets) socket.terminate();
  await page.waitForSelector('#state[data-state=recovering]');
  await isLive(page);
  await page.waitForFunction(() => findAll('#pending li').length === 0);
  noFaults(page);
});

test('the arrow down scrolls a log in which no message is chosen', async () => {
  const stub = await on.chat(60);
  const page = await on.come(stub);
  await page.evaluate(() => byId('log').scrollTo(0, 100));
  await page.focus('#log');
  const top = () => page.evaluate(() => byId('log').scrollTop);
  const before = await top();
  await page.keyboard.press('ArrowDown');
  await page.waitForFunction((before) => byId('log').scrollTop > before, before);
  assert.equal(await focused(page), 'log');
});

test('every code of an error has words of the page’s language', async () => {
  const stub = await on.chat(1);
  for (const [code, text] of [['forbidden', 'Este token no te permite entrar.'], ['invalid_request', 'No se puede acceder al chat. Inténtalo de nuevo.']]) {
    stub.answers = { 'GET status': () => refusal(403, code) };
    const page = await on.open(stub, { query: '?lang=es' });
    await page.locator('#enter-error').getByText(text).waitFor();
  }
  stub.answers = {};
  const page = await on.come(stub, { query: '?lang=es' });
  for (const [code, text] of [['forbidden', 'No se envió. Aquí no puedes escribir.'], ['of_the_future', 'No se envió. Algo salió mal.']]) {
    stub.frames = { message: ({ client_message_id }) => ({ type: 'error', code, message: 'English words', client_message_id }) };
    await say(page, 'hola');
    await page.locator('#pending').getByText(text).waitFor();
  }
});
