// The language and direction of the page: from its URL, otherwise from the browser's settings.

import english from './strings.en.js';
import spanish from './strings.es.js';

const WORDS = { en: english, es: spanish };
const RIGHT_TO_LEFT = ['ar', 'fa', 'he', 'ur'];

const asked = new URLSearchParams(location.search);
const wanted = [asked.get('lang'), ...navigator.languages].filter(Boolean).map((tag) => tag.toLowerCase().split('-')[0]);

/** The language of the page's own texts. */
export const language = wanted.find((tag) => Object.hasOwn(WORDS, tag)) ?? 'en';
export const words = WORDS[language];
/** For dates and numbers: with the region, if the browser's language is the page's. */
export const region = navigator.languages.find((tag) => tag.toLowerCase().split('-')[0] === language) ?? language;

/** Sets the language, the direction, and all texts in the HTML. */
export function translate(root = document) {
  if (root === document) {
    const isRightToLeft = asked.has('dir') ? asked.get('dir') === 'rtl' : RIGHT_TO_LEFT.includes(wanted[0]);
    document.documentElement.lang = language;
    document.documentElement.dir = isRightToLeft ? 'rtl' : 'ltr';
    document.title = words.title;
    for (const { content } of root.querySelectorAll('template')) translate(content);
  }
  for (const node of root.querySelectorAll('[data-text]')) node.textContent = words[node.dataset.text];
  for (const node of root.querySelectorAll('[data-label]')) node.setAttribute('aria-label', words[node.dataset.label]);
  for (const node of root.querySelectorAll('[data-placeholder]')) node.placeholder = words[node.dataset.placeholder];
}
