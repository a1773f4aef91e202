// The keys. They act only while the focus is in a list, and can be switched off (WCAG 2.1.4).

/** The acts of each list, by their keys. */
const ACTS = {
  feed: { d: 'delete', t: 'timeout', b: 'ban', h: 'shadow', l: 'lift', c: 'card', f: 'same', w: 'withTerm', o: 'ofPerson', n: 'pin', q: 'answer', u: 'questions', a: 'announce', v: 'hosted', k: 'clear' },
  held: { a: 'approve', d: 'deny', t: 'timeout', b: 'ban', c: 'card', f: 'same' },
  reports: { d: 'delete', i: 'dismiss', t: 'timeout', b: 'ban', c: 'card' },
  log: { r: 'reverse', c: 'card' },
};
/** Those that every list has. */
const EVERYWHERE = { z: 'undo', s: 'shield', p: 'pause', '?': 'help' };

/** The views, by their numbers. */
export const VIEWS = ['feed', 'held', 'reports', 'person', 'modes', 'terms', 'log', 'sessions'];

/** The rows of the table that `?` shows: keys, and the name of their words. */
export const TABLE = [
  ['↑ ↓ PgUp PgDn Home End', 'move'],
  ['Space', 'space'],
  ['Esc', 'escape'],
  ['d', 'delete'],
  ['t', 'timeout'],
  ['b', 'ban'],
  ['h', 'shadow'],
  ['l', 'lift'],
  ['c', 'card'],
  ['f', 'same'],
  ['w', 'withTerm'],
  ['o', 'ofPerson'],
  ['a', 'approve'],
  ['d', 'deny'],
  ['i', 'dismiss'],
  ['n', 'pin'],
  ['q', 'answer'],
  ['u', 'questions'],
  ['a', 'announce'],
  ['v', 'hosted'],
  ['r', 'reverse'],
  ['z', 'undo'],
  ['s', 'shield'],
  ['p', 'pause'],
  ['k', 'clear'],
  ['1 … 8', 'views'],
  ['?', 'help'],
];

/** What a key means in a list: `{ act }` or `{ view }`; undefined if nothing. */
export function meaningOf(list, { key, repeat }) {
  const letter = key.toLowerCase();
  const view = /^[1-9]$/.test(key) ? VIEWS[Number(key) - 1] : undefined;
  if (view) return { view };
  const own = ACTS[list];
  const act = Object.hasOwn(own, letter) ? own[letter] : Object.hasOwn(EVERYWHERE, letter) ? EVERYWHERE[letter] : undefined;
  // A key that is held down acts once.
  return act && !repeat ? { act } : undefined;
}
