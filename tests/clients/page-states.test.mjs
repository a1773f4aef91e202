// The page's states during and just after a failure: each is checked for accessibility, in light and in dark colours.

import { test } from 'node:test';

import { isAccessibleInBoth, noFaults, say } from './page.mjs';
import { stubStage } from './page-stub.mjs';
import { refusal } from './stub-chat.mjs';

const on = stubStage();
const banner = (page, text) => page.locator('#banner').getByText(text).waitFor();
const down = () => refusal(503, 'unavailable');

/** The success banner disappears after 2.5 s, but not while axe checks it. */
const keepSuccess = (page) =>
  page.addInitScript(() => {
    const { setTimeout } = globalThis;
    globalThis.setTimeout = (action, wait, ...more) => setTimeout(action, wait === 2500 ? 600_000 : wait, ...more);
  });

test('lost, offline, and connected again', async () => {
  const stub = await on.chat(12);
  const page = await on.come(stub, { prepare: keepSuccess });
  await page.context().setOffline(true);
  for (const socket of stub.sockets) socket.terminate();
  await banner(page, 'You are offline.');
  await isAccessibleInBoth(page, 'offline');
  stub.answers = { 'GET status': down, 'POST ticket': down };
  await page.context().setOffline(false);
  await banner(page, 'Connection lost.');
  await isAccessibleInBoth(page, 'lost');
  stub.answers = {};
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await page.waitForSelector('#banner[data-kind=success]');
  await isAccessibleInBoth(page, 'connected-again');
  noFaults(page);
  await page.context().close();
});

test('switched off, and not to be reached', async () => {
  const stub = await on.chat();
  stub.status = { enabled: false, is_active: false, session: null };
  const off = await on.open(stub);
  await banner(off, 'The chat is switched off at the moment.');
  await isAccessibleInBoth(off, 'disabled');
  stub.answers = { 'GET status': down };
  const away = await on.open(stub);
  await banner(away, 'The chat cannot be reached.');
  await isAccessibleInBoth(away, 'cannot-be-reached');
  noFaults(off, away);
  for (const page of [off, away]) await page.context().close();
});

test('earlier messages, likes and deletions that fail', async () => {
  const stub = await on.chat(120);
  stub.messages.at(-1).user_id = 'reader';
  const page = await on.come(stub);
  stub.answers = { 'GET messages': down, 'POST like': down, 'POST like-message': down, 'DELETE messages': down };
  await page.click('#like');
  await page.locator('#notice').getByText('Your like did not arrive.').waitFor();
  await isAccessibleInBoth(page, 'like-failed');
  const last = page.locator('.message').last();
  await last.hover();
  await last.locator('.delete-message').click();
  await page.click('#confirm [value=yes]');
  await page.locator('#notice').getByText('The message could not be deleted.').waitFor();
  await isAccessibleInBoth(page, 'delete-failed');
  await page.evaluate(() => byId('log').scrollTo(0, 0));
  await page.locator('#earlier').getByText('Earlier messages could not be loaded.').waitFor();
  await isAccessibleInBoth(page, 'earlier-failed');
  noFaults(page);
  await page.context().close();
});

test('a message that was refused, and one that waits', async () => {
  const stub = await on.chat(3);
  const page = await on.come(stub);
  stub.frames = { message: ({ client_message_id }) => ({ type: 'error', code: 'invalid_message', message: 'No', client_message_id }) };
  await say(page, 'not like this');
  await page.getByText('Not sent. The chat does not take this text.').waitFor();
  stub.frames = { message: ({ client_message_id }) => ({ type: 'error', code: 'rate_limited', message: 'No', client_message_id, retry_after_ms: 60_000 }) };
  await say(page, 'too fast');
  await page.waitForSelector('.held #send');
  await isAccessibleInBoth(page, 'refused-and-held');
  noFaults(page);
  await page.context().close();
});

