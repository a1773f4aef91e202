// Polls and draws from the console.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { choose, moderator, notice, person, SECRET } from './console.mjs';
import { focused, isAccessibleInBoth, noFaults, stage } from './page.mjs';

const on = stage({ settings: { JWT_SECRET: SECRET } });

const vera = () => person(on, 'Vera');
const session = async () => (await vera().call('GET', 'status')).session;

async function openDialog(page) {
  await choose(page, 'feed', 'Ask us something');
  await page.keyboard.press('v');
}

test('a moderator asks the room, closes the poll, and draws a winner among its voters', async () => {
  await vera().write('Ask us something');
  const mona = await moderator(on, 'Mona');
  await openDialog(mona);
  assert.equal(await focused(mona), 'poll-question');
  await mona.fill('#poll-question', 'Encore?');
  await mona.fill('#poll-options', 'Yes\nYes');
  await mona.click('#poll-yes');
  await mona.locator('#poll-problem', { hasText: '2 to 10 different answers' }).waitFor();
  await isAccessibleInBoth(mona, 'console-polls');
  await mona.fill('#poll-options', 'Yes\n\nNo');
  await mona.selectOption('#poll-seconds', '600');
  await mona.click('#poll-yes');
  await notice(mona, 'The poll is open.');
  const [poll] = (await session()).polls;
  assert.deepEqual([poll.question, poll.options.map(({ text }) => text), poll.hidden], ['Encore?', ['Yes', 'No'], false]);
  await vera().call('POST', `polls/${poll.id}/vote`, { option: 1 });

  await openDialog(mona);
  await mona.getByRole('button', { name: 'Close the poll: Encore?' }).click();
  await notice(mona, 'The poll is closed.');
  assert.equal((await session()).polls[0].state, 'ended');

  await openDialog(mona);
  await mona.fill('#draw-prize', 'A signed cup');
  await mona.selectOption('#draw-among', 'voters');
  await mona.click('#draw-yes');
  await notice(mona, 'The list is frozen: 1 can win.');
  await openDialog(mona);
  await mona.getByRole('button', { name: 'Reveal the winners' }).click();
  await notice(mona, 'The winners are published.');
  const { draw } = await session();
  assert.deepEqual([draw.state, draw.winner_names], ['revealed', ['Vera']]);
  noFaults(mona);
  await mona.context().close();
});
