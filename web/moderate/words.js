// The language of the console: `?lang=`, otherwise the browser's, otherwise English.

import { Formats } from '../app/format.js';
import { localeFor } from '../app/locale.js';
import english from './strings.en.js';
import spanish from './strings.es.js';

const WORDS = { en: english, es: spanish };

const { language: closest, region } = localeFor({ lang: new URLSearchParams(location.search).get('lang') });

export const language = Object.hasOwn(WORDS, closest) ? closest : 'en';
export const words = WORDS[language];
export const format = new Formats({ language, region });

/** The text for a name of the API. One that this console does not know stands for itself. */
export const textFor = (texts, name) => (Object.hasOwn(texts, name) ? texts[name] : String(name));

/** Sets the language and all texts in the HTML. */
export function translate() {
  document.documentElement.lang = language;
  document.title = words.title;
  for (const node of document.querySelectorAll('[data-text]')) node.textContent = words[node.dataset.text];
  for (const node of document.querySelectorAll('[data-label]')) node.setAttribute('aria-label', words[node.dataset.label]);
}
