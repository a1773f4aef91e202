// What in a text becomes a link or a mention.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isBelow, partsOf } from '../../web/app/rich-text.js';

const links = (text, options) => partsOf(text, options).filter(({ url }) => url).map(({ url }) => url);
const mentions = (text, me) => partsOf(text, { me }).filter(({ isMention }) => isMention).map(({ text: found }) => found);

test('an address ends before the sentence around it', () => {
  for (const [text, ...expected] of [
    ['see https://a.example/b.', 'https://a.example/b'],
    ['(https://a.example/b)', 'https://a.example/b'],
    ['https://en.example/wiki/Chat_(film), really', 'https://en.example/wiki/Chat_(film)'],
    ['"https://a.example/?q=1&r=2#x"!', 'https://a.example/?q=1&r=2#x'],
    ['HTTPS://A.Example/B', 'https://a.example/B'],
    ['http://a.example https://b.example:8443/', 'http://a.example/', 'https://b.example:8443/'],
    ['https://a.example…', 'https://a.example/'],
    ['nothing here: a.example, www.a.example'],
  ]) assert.deepEqual(links(text), expected, text);
});

test('no text is lost or doubled around links and mentions', () => {
  const text = 'a https://a.example/x, @Ann and @ann: (http://b.example) @Annette end';
  const parts = partsOf(text, { me: 'Ann' });
  const back = parts.map((part) => (part.url === undefined ? part.text : { 'https://a.example/x': 'https://a.example/x', 'http://b.example/': 'http://b.example' }[part.url]));
  assert.equal(back.join(''), text);
  assert.ok(parts.every(({ text: shown }) => shown !== ''));
});

test('what could mislead or run is no link', () => {
  for (const text of [
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://a.example',
    'https://',
    'https://bank.example@evil.example/',
    'https://user:secret@a.example',
    'xhttps://a.example',
    'https://exa mple',
    'http://[::1',
  ]) {
    const found = links(text).filter((url) => !url.startsWith('https://exa/'));
    assert.deepEqual(found, [], text);
    assert.deepEqual(partsOf(text).map(({ text: part, url }) => url ?? part).join('').length > 0, true);
  }
});

test('a link shows its real host and not more than fits', () => {
  const shown = (text) => partsOf(text).find(({ url }) => url).text;
  assert.equal(shown('https://www.a.example/'), 'a.example');
  assert.equal(shown('https://аpple.example/x'), 'xn--pple-43d.example/x', 'a Cyrillic letter');
  assert.equal([...shown(`https://a.example/${'long/'.repeat(50)}`)].length, 40);
  assert.ok(shown(`https://a.example/${'long/'.repeat(50)}`).endsWith('…'));
});

test('only those links are made that the page allows', () => {
  const mayLink = isBelow(['Shop.example']);
  const text = 'https://shop.example/a https://www.shop.example/b https://evilshop.example/c https://shop.example.evil.example/d';
  assert.deepEqual(links(text, { mayLink }), ['https://shop.example/a', 'https://www.shop.example/b']);
  assert.equal(partsOf('https://evil.example', { mayLink })[0].text, 'https://evil.example', 'the rest stays text');
});

test('a mention is the whole name after an @', () => {
  for (const [text, me, ...expected] of [
    ['hi @Ann!', 'Ann', '@Ann'],
    ['hi @ann, @ANN', 'Ann', '@ann', '@ANN'],
    ['@Annette mail@Ann @@Ann @Ann_2', 'Ann'],
    ['@José María, hola', 'José María', '@José María'],
    ['@a.b (x)', 'a.b (x)', '@a.b (x)'],
    ['@axb', 'a.b'],
    ['anything @', ''],
  ]) assert.deepEqual(mentions(text, me), expected, text);
});

test('a long text of beginnings takes no time', () => {
  const began = performance.now();
  for (const text of ['https://'.repeat(600), `https://a.example/${'('.repeat(5000)}`, `https://a.example/${')'.repeat(5000)}`, '@Ann'.repeat(1200)]) {
    partsOf(text, { me: 'Ann' });
  }
  assert.ok(performance.now() - began < 1000);
});
