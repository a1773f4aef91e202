// The emoji of a language, for the picker: from `emojibase-data`, of which a browser needs a sixth.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Skin tones and hair, which are no emoji by themselves. */
const COMPONENTS = 'component';

/** The licence of the data asks to be part of each copy. The names and keywords in it are those of Unicode. */
const licence = () => {
  const text = readFileSync(require.resolve('emojibase-data/LICENSE'), 'utf8');
  return `emojibase-data\n\n${text}\nNames and keywords: Unicode CLDR, Copyright © 1991-2025 Unicode, Inc. https://www.unicode.org/license.txt`;
};

/** The module that stands for `app/emoji.LANGUAGE.js`. */
export const moduleOf = (language) => `export default ${JSON.stringify(dataOf(language))};\nexport const licence = ${JSON.stringify(licence())};`;

/**
 * `{ groups, tones }`. Each group is `[key, name, emoji]` and each emoji `[text, name, keywords, version, light, versionOfLight]`:
 * `version` is the emoji version that brought it (UTS #51), `light` the same with a light skin, where it has a skin, and `versionOfLight`
 * its version, where that is another one. `tones` are the names of the five tones of skin, from light to dark.
 */
export function dataOf(language) {
  const of = (file) => require(`emojibase-data/${language}/${file}.json`);
  const { groups, skinTones } = of('messages');
  const all = of('data').filter(({ group }) => group !== undefined);
  const inOrder = (group) => all.filter((one) => one.group === group).sort((a, b) => a.order - b.order);
  const tones = Object.fromEntries(skinTones.map(({ key, message }) => [key, message]));
  return {
    groups: groups.filter(({ key }) => key !== COMPONENTS).map(({ key, message, order }) => [key, message, inOrder(order).map(entryOf)]),
    tones: ['light', 'medium-light', 'medium', 'medium-dark', 'dark'].map((tone) => tones[tone]),
  };
}

function entryOf({ emoji, label, tags = [], version, skins }) {
  const inName = new Set(label.toLowerCase().split(/\s+/));
  const words = tags.flatMap((tag) => tag.split(/\s+/)).filter((word) => !inName.has(word.toLowerCase()));
  const light = skins?.find(({ tone }) => [tone].flat().every((one) => one === 1));
  const ofSkin = light ? [light.emoji, ...(light.version === version ? [] : [light.version])] : [];
  return [emoji, label, [...new Set(words)].join(' '), version, ...ofSkin];
}
