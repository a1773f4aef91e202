// Exporting a session from the console: in each format, with and without what is gone, and only for hosts.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { SECRET, moderator, notice, openWith, person, signed } from './console.mjs';
import { focused, isAccessibleInBoth, noFaults, stage } from './page.mjs';

const on = stage({ settings: { JWT_SECRET: SECRET } });

const button = (page) => page.locator('#sessions li').first().getByRole('button', { name: /^Export/ });

async function exported(page, format, { withDeleted = false } = {}) {
  await button(page).click();
  await page.selectOption('#export-format', format);
  await page.setChecked('#export-deleted', withDeleted);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#export-yes')]);
  await notice(page, /^The export of “.*” is downloaded\.$/);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

test('a host downloads the session in each format', async () => {
  const vera = person(on, 'Vera');
  await vera.write('=1+1');
  await vera.write('to be deleted');
  const page = await openWith(on, signed('hans', { name: 'Hans', roles: ['host'] }));
  const { messages } = await vera.call('GET', 'messages');
  await vera.call('DELETE', `messages/${messages[1].id}`);
  await page.click('#to-sessions');
  await button(page).click();
  assert.equal(await focused(page), 'export-format');
  await isAccessibleInBoth(page, 'console-export');
  await page.selectOption('#export-format', 'vtt');
  assert.equal(await page.isDisabled('#export-deleted'), true, 'subtitles have what viewers see');
  await page.keyboard.press('Escape');

  const lines = await exported(page, 'jsonl');
  assert.equal(lines.name, 'session-1.jsonl');
  const all = lines.text.trimEnd().split('\n');
  const end = JSON.parse(all.pop());
  assert.deepEqual([end.type, end.count, end.sha256], ['end', all.length, createHash('sha256').update(`${all.join('\n')}\n`).digest('hex')]);
  assert.equal(lines.text.includes('to be deleted'), false);
  assert.ok((await exported(page, 'jsonl', { withDeleted: true })).text.includes('to be deleted'));
  assert.ok((await exported(page, 'csv')).text.includes(`"'=1+1"`));
  const { name, text } = await exported(page, 'vtt');
  assert.deepEqual([name, text.startsWith('WEBVTT\n\n1\n')], ['session-1.vtt', true]);
  noFaults(page);
});

test('a failure is told in the form, and moderators export nothing', async () => {
  const page = await openWith(on, signed('hans', { name: 'Hans', roles: ['host'] }));
  await page.route('**/export?*', (route) => route.fulfill({ status: 403, contentType: 'application/problem+json', body: '{"code":"forbidden"}' }));
  await page.click('#to-sessions');
  await button(page).click();
  await page.click('#export-yes');
  await page.locator('#export-problem:not(:empty)').waitFor();
  assert.equal(await page.getAttribute('#export-yes', 'aria-disabled'), 'false');
  const mona = await moderator(on, 'Mona');
  await mona.click('#to-sessions');
  await mona.locator('#sessions li').first().waitFor();
  assert.equal(await button(mona).count(), 0);
});
