// The emoji that this system draws, by groups; the search among them; and their tones of skin.

const [LIGHT, ...DARKER] = ['🏻', '🏼', '🏽', '🏾', '🏿'];
const SPACES = /[\s,:’'“”.()-]+/;
const MOST_FOUND = 96;

export class EmojiSet {
  /** `{ key, name, emoji }` each; an emoji is `{ text, name, light }`. */
  groups;
  #byText;

  /** `data` as from `web/bundle/emoji.mjs`, `drawnHere` as in `emoji-support.js`. */
  constructor({ groups }, drawnHere) {
    const versions = new Map();
    for (const [text, , , version] of groups.flatMap(([, , emoji]) => emoji)) versions.set(version, [...(versions.get(version) ?? []), text]);
    const isDrawn = drawnHere(versions);
    const made = (emoji) => emoji.filter(([text, , , version]) => isDrawn(text, version)).map((entry) => madeOf(entry, isDrawn));
    this.groups = groups.map(([key, name, emoji]) => ({ key, name, emoji: made(emoji) }));
    this.#byText = new Map(this.groups.flatMap(({ emoji }) => emoji.map((one) => [one.text, one])));
  }

  /** The emoji with this text; undefined if it is not known here, or not drawn. */
  get(text) {
    return this.#byText.get(text);
  }

  /** The emoji whose name or keywords have a word that begins with each word of a text: those whose name begins with it first. */
  find(text) {
    const wanted = wordsOf(text);
    if (wanted.length === 0) return [];
    const ranked = [[], [], []];
    for (const emoji of this.#byText.values()) {
      const begins = (words) => wanted.every((one) => words.some((word) => word.startsWith(one)));
      if (!begins(emoji.words)) continue;
      const name = wordsOf(emoji.name);
      const rank = [name.join(' ').startsWith(wanted.join(' ')), begins(name), true].indexOf(true);
      ranked[rank].push(emoji);
    }
    return ranked.flat().slice(0, MOST_FOUND);
  }
}

/** An emoji with a tone from 0 (none) to 5 (dark), as far as it has a skin. */
export function toned({ text, light }, tone) {
  if (tone === 0 || light === undefined) return text;
  return tone === 1 ? light : light.replaceAll(LIGHT, DARKER[tone - 2]);
}

function madeOf([text, name, keywords, version, light, versionOfLight = version], isDrawn) {
  const words = wordsOf(`${name} ${keywords}`);
  return { text, name, words, light: light && isDrawn(light, versionOfLight) ? light : undefined };
}

/** The words of a text, without what people leave out when they search: case and accents. */
const wordsOf = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().split(SPACES).filter(Boolean);
