// The words that a page puts in the place of the chat's own.

/** Words with those in `strings` in their place. Those of another kind than the ones that they would replace are left out. */
export function withStrings(words, strings) {
  if (!strings) return words;
  const replaced = ([key, own]) => {
    if (typeof own === 'object') return [key, withStrings(own, strings[key])];
    return [key, typeof strings[key] === typeof own ? strings[key] : own];
  };
  return Object.fromEntries(Object.entries(words).map(replaced));
}
