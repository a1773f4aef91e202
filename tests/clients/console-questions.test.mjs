// Questions in the console: chosen and marked by keys, and taken back.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { choose, moderator, notice, person, row, SECRET } from './console.mjs';
import { isAccessibleInBoth, noFaults, stage } from './page.mjs';

const on = stage({ settings: { JWT_SECRET: SECRET } });

const ask = (name, message) => person(on, name).call('POST', 'send-message', { message, kind: 'question' });
const marks = async () => (await person(on, 'Vera').call('GET', 'questions?sort=new')).questions.map(({ message, answered }) => [message, answered]);

test('a moderator finds the open questions by a key, marks them, and takes it back', async () => {
  await ask('Max', 'When do we start?');
  await ask('Zoe', 'Who plays?');
  await person(on, 'Vera').write('no question');
  const mona = await moderator(on, 'Mona');
  await row(mona, 'feed', 'When do we start?').getByText('Question', { exact: true }).waitFor();
  await choose(mona, 'feed', 'no question');
  await mona.keyboard.press('q');
  await notice(mona, 'Choose a question: other messages are not answered.');
  await choose(mona, 'feed', 'When do we start?');
  await mona.keyboard.press('q');
  await notice(mona, '1 question answered.');
  await row(mona, 'feed', 'When do we start?').getByText('Answered', { exact: true }).waitFor();
  assert.deepEqual(await marks(), [['Who plays?', false], ['When do we start?', true]]);
  await mona.keyboard.press('u');
  await mona.locator('#selected', { hasText: '1' }).waitFor();
  await isAccessibleInBoth(mona, 'console-questions');
  await mona.keyboard.press('q');
  await row(mona, 'feed', 'Who plays?').getByText('Answered', { exact: true }).waitFor();
  assert.deepEqual(await marks(), [['Who plays?', true], ['When do we start?', true]]);
  await mona.keyboard.press('z');
  await notice(mona, 'Taken back: 1 question answered.');
  assert.deepEqual(await marks(), [['Who plays?', false], ['When do we start?', true]]);
  noFaults(mona);
  await mona.context().close();
});
