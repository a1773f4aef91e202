// Dates and numbers in the visitor's language. A browser in which a part of `Intl` fails still shows them, only plainer.

import { language, region } from './locale.js';

/** Formats with `Intl`; `plainly` takes over where that fails. Never throws. */
export function formatter(name, options, plainly = String) {
  const made = firstThatWorks([region, language, undefined], (tag) => new Intl[name](tag, options));
  return {
    format(value) {
      try {
        return made.format(value);
      } catch {
        return plainly(value);
      }
    },
  };
}

const segmenter = firstThatWorks([region, language, undefined], (tag) => new Intl.Segmenter(tag, { granularity: 'grapheme' }));

/** What people see as the characters of a text. */
export const graphemesOf = (text) => (segmenter ? Array.from(segmenter.segment(text), ({ segment }) => segment) : [...text]);

function firstThatWorks(values, action) {
  for (const value of values) {
    try {
      return action(value);
    } catch {
      // The next one may work.
    }
  }
  return undefined;
}
