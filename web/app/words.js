// The words of a chat. English is part of it; any other language is loaded by those who need it.

import { withStrings } from './own-words.js';
import english from './strings.en.js';

const OTHERS = { es: () => import('./strings.es.js') };
const known = new Map([['en', english]]);

/** Adds the words of a language. */
export const learnWords = (language, words) => known.set(language, words);

/** Whether the words of a language are still to be loaded. */
export const lacksWords = (language) => Object.hasOwn(OTHERS, language) && !known.has(language);

/** Loads the words of a language. If that fails, the console tells, and the chat speaks English. */
export async function loadWords(language) {
  try {
    learnWords(language, (await OTHERS[language]()).default);
  } catch (error) {
    console.error(error);
  }
}

/**
 * A locale with its `words`, of which those in `strings` replace what they name, be it with other words or in a language that is not
 * here. What is missing is English. Parts that come later bring words of their own, for which the locale has the `strings`.
 */
export function withWords(locale, strings) {
  const language = lacksWords(locale.language) ? 'en' : locale.language;
  return { ...locale, language, strings, words: withStrings(known.get(language) ?? english, strings) };
}
