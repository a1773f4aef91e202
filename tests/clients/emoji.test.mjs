// The emoji of the picker as they are served, the search among them, their tones, and what a canvas tells of a font.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';

import { EmojiSet, toned } from '../../web/app/emoji-set.js';
import { drawnHere } from '../../web/app/emoji-support.js';
import words from '../../web/app/emoji-words.js';

const ASSETS = new URL('../../web/dist/assets/', import.meta.url);
const served = async (language) => import(new URL(readdirSync(ASSETS).find((name) => name.startsWith(`emoji.${language}-`)), ASSETS));
const [english, spanish] = await Promise.all(['en', 'es'].map(served));
const all = () => true;
const set = new EmojiSet(english.default, () => all);
const found = (text, of = set) => of.find(text).map((emoji) => emoji.text);

test('both languages have a name for every emoji, each once, and say whose work it is', () => {
  const texts = ({ groups }) => groups.flatMap(([, , emoji]) => emoji.map(([text]) => text));
  assert.deepEqual(texts(english.default), texts(spanish.default));
  assert.equal(new Set(texts(english.default)).size, texts(english.default).length);
  for (const { default: data, licence } of [english, spanish]) {
    assert.ok(data.groups.every(([key, name, emoji]) => key && name && emoji.every(([, label]) => label)));
    assert.equal(data.tones.filter(Boolean).length, 5);
    assert.match(licence, /MIT License[\s\S]*Miles Johnson[\s\S]*Unicode/);
  }
  assert.deepEqual(Object.keys(words.en), Object.keys(words.es));
});

test('a search finds beginnings of words in names and keywords, in any order, case and accent: names first', () => {
  assert.equal(found('GRINNING fa')[0], '😀');
  assert.ok(found('face grin').includes('😀'));
  assert.ok(found('lol').includes('😂'), 'a keyword');
  const [cat, grinning] = ['🐈\ufe0f', '😸'].map((text) => found('cat').indexOf(text));
  assert.ok(cat >= 0 && cat < grinning, `a name that begins with it: ${cat}, ${grinning}`);
  assert.deepEqual(found('zzz sleeping nonsense'), []);
  assert.deepEqual(found('  '), []);
  assert.ok(found('a').length <= 96);
  assert.ok(found('corazón', new EmojiSet(spanish.default, () => all)).includes('❤️'));
  assert.ok(found('CORAZON', new EmojiSet(spanish.default, () => all)).includes('❤️'));
});

test('a search may have the marks within names: hyphens, apostrophes, colons', () => {
  for (const [text, emoji] of [['t-shirt', '👕'], ['T shirt', '👕'], ['e-mail', '📧'], ['yo-yo', '🪀'], ["one o'clock", '🕐\ufe0f'], ['one o’clock', '🕐\ufe0f'], ['flag: spain', '🇪🇸'], ['(blood', '🅰️']]) {
    assert.ok(found(text).includes(emoji), text);
  }
  assert.equal(found('t-sh')[0], '👕', 'a name that begins with it');
  assert.deepEqual(found(' -: '), []);
});

test('what another tab kept is kept; a browser that keeps no more still has it until the page is left', async () => {
  const stored = new Map();
  let isFull = false;
  globalThis.localStorage = {
    getItem: (key) => stored.get(key) ?? null,
    setItem(key, value) {
      if (isFull) throw new Error('full');
      stored.set(key, value);
    },
  };
  const { chooseTone, recent, tone, use } = await import('../../web/app/emoji-kept.js');
  use('😀');
  const [key] = stored.keys();
  stored.set(key, JSON.stringify({ recent: ['🎉', '😀'], tone: 3 }));
  use('👋');
  assert.deepEqual([recent(), tone()], [['👋', '🎉', '😀'], 3]);
  stored.set(key, JSON.stringify({ recent: ['🐈', 7, '🐈'], tone: 'dark' }));
  chooseTone(2);
  assert.deepEqual(JSON.parse(stored.get(key)), { recent: ['🐈'], tone: 2 });
  isFull = true;
  use('🎉');
  assert.deepEqual(recent(), ['🎉', '🐈']);
  stored.set(key, 'no JSON');
  assert.deepEqual([recent(), tone()], [['🎉', '🐈'], 2]);
});

test('a tone changes every skin of an emoji, and nothing else', () => {
  const [wave, handshake, smile] = ['👋', '🧑‍🤝‍🧑', '😀'].map((text) => set.get(text));
  assert.deepEqual([0, 1, 5].map((tone) => toned(wave, tone)), ['👋', '👋🏻', '👋🏿']);
  assert.equal(toned(handshake, 3), '🧑🏽‍🤝‍🧑🏽');
  assert.equal(toned(smile, 3), '😀');
});

/** A canvas of a font that draws some texts in colours, others in that of the text, and all else as a box. */
function canvasOf({ coloured = () => false, plain = () => false, widths = {} }) {
  let shown;
  const context = {
    clearRect() {},
    fillText: (text) => (shown = text),
    measureText: (text) => ({ width: widths[text] ?? 20 }),
    getImageData() {
      const colour = context.fillStyle === '#000' ? 1 : 2;
      if (coloured(shown)) return { data: [9, 9] };
      return { data: plain(shown) ? [colour, shown.codePointAt(0)] : [colour, 0] };
    },
  };
  return { getContext: () => context };
}
const VERSIONS = new Map([[1, ['😀']], [14, ['🫠']], [15.1, ['🐦‍🔥']], [16, ['🫩']]]);

test('the newest version of which an emoji is drawn counts; what is drawn as its parts is not', () => {
  const until = (...missing) => ({ coloured: (text) => text !== '\u{10fffd}' && !missing.includes(text) });
  const upTo = (options) => {
    const isDrawn = drawnHere(VERSIONS, canvasOf(options));
    return [...VERSIONS].filter(([version, [text]]) => isDrawn(text, version)).map(([version]) => version);
  };
  assert.deepEqual(upTo(until()), [1, 14, 15.1, 16]);
  assert.deepEqual(upTo(until('🫩')), [1, 14, 15.1]);
  assert.deepEqual(upTo({ ...until('🫩'), widths: { '🐦‍🔥': 40 } }), [1, 14]);
});

test('a font without flags has none, and keeps those that are no country', () => {
  const isDrawn = drawnHere(VERSIONS, canvasOf({ coloured: (text) => text !== '\u{10fffd}' && text !== '🇪🇸' }));
  assert.deepEqual(['🇫🇷', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '🏁', '🏳️‍🌈'].map((flag) => isDrawn(flag, 5)), [false, false, true, true]);
});

test('a font without colours offers what it has; a canvas that is blocked, what every system has', () => {
  const plain = drawnHere(VERSIONS, canvasOf({ plain: (text) => ['😀', '☺'].includes(text) }));
  assert.deepEqual([plain('😀', 1), plain('☺️', 0.6), plain('🥰', 11), plain('🫠', 14)], [true, true, false, false]);
  for (const canvas of [canvasOf({ coloured: () => true }), { getContext: () => null }]) {
    const isDrawn = drawnHere(VERSIONS, canvas);
    assert.deepEqual([isDrawn('🥱', 12), isDrawn('🫠', 14)], [true, false]);
  }
});
