// When the chat counts as fast.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Pace } from '../../web/app/pace.js';

/** Whether it is fast after so many seconds of so many messages each, ten times a second. */
function after(pace, perSecond, from, seconds) {
  for (let tick = 0; tick < seconds * 10; tick += 1) pace.note(perSecond / 10, from + tick * 100);
  return pace.isFast(from + seconds * 1000);
}

test('eleven messages a second are fast, ten are not', () => {
  assert.equal(after(new Pace(), 10, 0, 10), false);
  assert.equal(after(new Pace(), 11, 0, 10), true);
});

test('a burst of a second is no pace', () => {
  assert.equal(after(new Pace(), 25, 0, 1), false);
});

test('it does not flicker between two paces', () => {
  const pace = new Pace();
  assert.equal(after(pace, 20, 0, 5), true);
  assert.equal(after(pace, 9, 5_000, 10), true, 'it stays fast');
  assert.equal(after(pace, 6, 15_000, 5), false);
  assert.equal(after(pace, 9, 20_000, 10), false, 'it stays slow');
});

test('silence ends it', () => {
  const pace = new Pace();
  assert.equal(after(pace, 50, 0, 5), true);
  assert.equal(pace.isFast(9_000), false);
});
