// The language and direction of the page: from its URL, otherwise from the browser's settings. Both may hold anything: browsers
// have said `en-US@posix`, `C`, and nothing at all.

import english from './strings.en.js';
import spanish from './strings.es.js';

const WORDS = { en: english, es: spanish };
const RIGHT_TO_LEFT_SCRIPTS = ['Adlm', 'Arab', 'Hebr', 'Mand', 'Nkoo', 'Rohg', 'Samr', 'Syrc', 'Thaa'];
/** For browsers that do not know the script of a language. */
const RIGHT_TO_LEFT = ['ar', 'fa', 'he', 'ur'];

const asked = new URLSearchParams(location.search);
const fromAddress = tagOf(asked.get('lang'));
const fromBrowser = [navigator.languages ?? [], navigator.language].flat().map(tagOf).filter(Boolean);
const wanted = [fromAddress, ...fromBrowser].filter(Boolean);

/** The language of the page's own texts. */
export const language = wanted.map(languageOf).find((tag) => Object.hasOwn(WORDS, tag)) ?? 'en';
export const words = WORDS[language];
/** For dates and numbers: with the region, if the browser's language is the page's. */
export const region = fromBrowser.find((tag) => languageOf(tag) === language) ?? language;

/** The text for a code, which may be one that this page does not know. */
export const textFor = (texts, code) => (Object.hasOwn(texts, code) ? texts[code] : undefined);

/** Sets the language, the direction, and all texts in the HTML. */
export function translate(root = document) {
  if (root === document) {
    document.documentElement.lang = language;
    document.documentElement.dir = direction();
    document.title = words.title;
    for (const { content } of root.querySelectorAll('template')) translate(content);
  }
  for (const node of root.querySelectorAll('[data-text]')) node.textContent = words[node.dataset.text];
  for (const node of root.querySelectorAll('[data-label]')) node.setAttribute('aria-label', words[node.dataset.label]);
  for (const node of root.querySelectorAll('[data-placeholder]')) node.placeholder = words[node.dataset.placeholder];
}

/**
 * A language tag as `Intl` takes it; undefined if there is not even a language in it. A POSIX locale such as `es_MX.UTF-8` counts
 * without its encoding.
 */
function tagOf(locale) {
  if (typeof locale !== 'string') return undefined;
  const tag = locale.replace(/[.@].*/s, '').replaceAll('_', '-');
  try {
    return new Intl.Locale(tag).toString();
  } catch {
    return /^[a-z]{2}(?=-|$)/i.exec(tag)?.[0].toLowerCase();
  }
}

function languageOf(tag) {
  return tag.split('-')[0];
}

function direction() {
  const dir = asked.get('dir')?.toLowerCase();
  if (dir === 'rtl' || dir === 'ltr') return dir;
  return wanted.length > 0 && isRightToLeft(wanted[0]) ? 'rtl' : 'ltr';
}

function isRightToLeft(tag) {
  try {
    return RIGHT_TO_LEFT_SCRIPTS.includes(new Intl.Locale(tag).maximize().script);
  } catch {
    return RIGHT_TO_LEFT.includes(languageOf(tag));
  }
}
