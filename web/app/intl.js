// Dates, numbers and characters. A browser in which a part of `Intl` fails still shows them, only plainer.

/** Formats with `Intl` in the first language that works; `plainly` takes over where none does. Never throws. */
export function formatter(languages, name, options, plainly = String) {
  const made = firstThatWorks([...languages, undefined], (tag) => new Intl[name](tag, options));
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

const segmenter = firstThatWorks([undefined, 'en'], (tag) => new Intl.Segmenter(tag, { granularity: 'grapheme' }));

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
