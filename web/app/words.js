// The words of a chat. English is part of it; any other language is loaded by those who need it.

import english from './strings.en.js';

const OTHERS = { es: () => import('./strings.es.js') };

/**
 * A locale with its `words`, of which those in `strings` replace what they name, be it with other words or in a language that is not
 * here. What is missing is English, as are all words if theirs cannot be loaded.
 */
export async function withWords(locale, strings) {
  const { language, words } = await wordsOf(locale.language);
  return { ...locale, language, words: withStrings(words, strings) };
}

async function wordsOf(language) {
  try {
    const { default: words } = (await OTHERS[language]?.()) ?? { default: english };
    return { language, words };
  } catch (error) {
    console.error(error);
    return { language: 'en', words: english };
  }
}

/** Words of another kind than the ones that they would replace are left out. */
function withStrings(words, strings) {
  if (!strings) return words;
  const replaced = ([key, own]) => {
    if (typeof own === 'object') return [key, withStrings(own, strings[key])];
    return [key, typeof strings[key] === typeof own ? strings[key] : own];
  };
  return Object.fromEntries(Object.entries(words).map(replaced));
}
