// Polls and draws on the page at /, with a real gateway.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SECRET, person, signed } from './console.mjs';
import { NO_RATE_LIMIT } from './gateway.mjs';
import { DESKTOP, PHONE, call, isAccessibleInBoth, isLive, noFaults, open, stage } from './page.mjs';

const on = stage({ settings: { ...NO_RATE_LIMIT, JWT_SECRET: SECRET } });

const host = (path, body = {}) => call(on.gateway.url, signed('hans', { name: 'Hans', roles: ['host'] }), 'POST', path, body);
const viewer = (name, path, body) => call(on.gateway.url, signed(name, { name }), 'POST', path, body);

async function come(name, { query = '', ...options } = {}) {
  const page = await open(on.browser, `${on.gateway.url}/${query}#token=${signed(name.toLowerCase(), { name })}`, { viewport: DESKTOP, ...options });
  await isLive(page);
  return page;
}

const option = (page, text) => page.locator('.poll-option', { hasText: text });
const figure = (page, text, shown) => option(page, text).locator('.poll-figure').getByText(shown).waitFor();

test('a poll shows with live bars, takes a vote by keyboard that may be changed, and shows its result', async () => {
  const page = await come('Ann');
  assert.equal(await page.locator('#hosted').count(), 0, 'nothing is asked');
  const { poll } = await host('polls', { question: 'Encore?', options: ['Yes', 'No', 'Only the slow one'], seconds: 600 });
  await page.getByRole('heading', { name: 'Encore?' }).waitFor();
  await page.locator('.poll .hosted-state', { hasText: /Poll · (10:0|9:5)\d left/ }).waitFor();
  await option(page, 'Yes').focus();
  await page.keyboard.press('Enter');
  await figure(page, 'Yes', '100%, 1 vote');
  assert.equal(await option(page, 'Yes').getAttribute('aria-pressed'), 'true');
  for (const name of ['bob', 'cy']) await viewer(name, `polls/${poll.id}/vote`, { option: 1 });
  await figure(page, 'No', '67%, 2 votes');
  await option(page, 'No').click();
  await figure(page, 'No', '100%, 3 votes');
  assert.deepEqual([await option(page, 'Yes').getAttribute('aria-pressed'), await option(page, 'No').getAttribute('aria-pressed')], ['false', 'true']);
  await isAccessibleInBoth(page, 'poll');
  const late = await come('Ann', { query: '?lang=es&layout=compact', viewport: PHONE });
  await late.locator('.poll-option[aria-pressed="true"]', { hasText: 'tu voto' }).waitFor();
  await isAccessibleInBoth(late, 'poll-compact');
  await host(`polls/${poll.id}/close`);
  for (const each of [page, late]) await each.locator('.poll[data-state="ended"]').waitFor();
  assert.equal(await option(page, 'No').getAttribute('aria-disabled'), 'true');
  await page.getByRole('button', { name: 'Hide Encore?' }).click();
  assert.equal(await page.locator('.poll').count(), 0);
  for (const each of [page, late]) {
    noFaults(each);
    await each.context().close();
  }
});

test('hidden results are said to be hidden, and two polls stand side by side', async () => {
  const page = await come('Dora');
  const { poll } = await host('polls', { question: 'Who wins?', options: ['Red', 'Blue'], seconds: 600, hide_results: true });
  const other = await host('polls', { question: 'Which colour?', options: ['Green', 'Grey'], seconds: 600 });
  await viewer('bob', `polls/${poll.id}/vote`, { option: 0 });
  await page.getByText('The results are hidden until the end.').waitFor();
  await option(page, 'Red').click();
  await page.locator('.poll-option[aria-pressed="true"]', { hasText: 'Red' }).waitFor();
  assert.equal(await option(page, 'Red').locator('.poll-figure').textContent(), '');
  await page.locator('.poll').nth(1).waitFor();
  for (const { id } of [poll, other.poll]) await host(`polls/${id}/close`);
  await figure(page, 'Red', '100%, 2 votes');
  noFaults(page);
  await page.context().close();
});

test('a draw shows its prize and the own entry, then the winners, and the browser checks it', async () => {
  for (const name of ['Ann', 'Bob', 'Cy']) await person(on, name).write('I am in');
  const [ann, eve] = [await come('Ann'), await come('Eve')];
  const { draw } = await host('draws', { prize: 'A signed cup', winners: 2, among: 'senders' });
  for (const page of [ann, eve]) await page.getByRole('heading', { name: 'Draw: A signed cup' }).waitFor();
  await ann.getByText('3 people can win.').waitFor();
  await ann.locator('.hosted-own', { hasText: 'You can win.' }).waitFor();
  await eve.locator('.hosted-own', { hasText: 'You are not among them.' }).waitFor();
  await isAccessibleInBoth(ann, 'draw');
  const revealed = (await host(`draws/${draw.id}/reveal`)).draw;
  await eve.locator('.draw-winners li').first().waitFor();
  assert.deepEqual(await eve.locator('.draw-winners li').allTextContents(), revealed.winner_names);
  await eve.getByRole('button', { name: 'Check this draw' }).click();
  await eve.locator('.draw-checked[data-valid="true"]').waitFor();
  await isAccessibleInBoth(eve, 'draw-checked');
  await host(`draws/${draw.id}/redraw`, { reason: 'no answer' });
  await eve.locator('.draw-winners li').nth(2).waitFor();
  for (const page of [ann, eve]) {
    noFaults(page);
    await page.context().close();
  }
});
