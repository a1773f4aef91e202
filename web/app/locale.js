// The language and direction of a chat: what is asked for, otherwise the browser's settings. Both may hold anything: browsers have
// said `en-US@posix`, `C`, and nothing at all.

/** Those whose words are here (`words.js`). */
const LANGUAGES = ['en', 'es'];
const RIGHT_TO_LEFT_SCRIPTS = ['Adlm', 'Arab', 'Hebr', 'Mand', 'Nkoo', 'Rohg', 'Samr', 'Syrc', 'Thaa'];
/** For browsers that do not know the script of a language. */
const RIGHT_TO_LEFT = ['ar', 'fa', 'he', 'ur'];

/**
 * `{ language, region, dir }` for a language and a direction that are asked for. `language` is that of the words: one that is here,
 * or any if the page `bringsWords`. `region` is for dates and numbers: with the region, if the browser's language is the same.
 */
export function localeFor({ lang, dir, bringsWords = false } = {}) {
  const fromBrowser = [navigator.languages ?? [], navigator.language].flat().map(tagOf).filter(Boolean);
  const asked = tagOf(lang);
  const wanted = [asked, ...fromBrowser].filter(Boolean);
  const isThere = (tag) => LANGUAGES.includes(tag);
  const language = bringsWords && asked ? languageOf(asked) : (wanted.map(languageOf).find(isThere) ?? 'en');
  return {
    language,
    region: fromBrowser.find((tag) => languageOf(tag) === language) ?? language,
    dir: directionOf(dir, wanted[0]),
  };
}

/** The text for a code, which may be one that this page does not know. */
export const textFor = (texts, code) => (Object.hasOwn(texts, code) ? texts[code] : undefined);

/** Sets all texts in the HTML of a document or a shadow root. */
export function translate(root, words) {
  for (const { content } of root.querySelectorAll('template')) translate(content, words);
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

function directionOf(asked, tag) {
  const dir = asked?.toLowerCase();
  if (dir === 'rtl' || dir === 'ltr') return dir;
  return tag && isRightToLeft(tag) ? 'rtl' : 'ltr';
}

function isRightToLeft(tag) {
  try {
    return RIGHT_TO_LEFT_SCRIPTS.includes(new Intl.Locale(tag).maximize().script);
  } catch {
    return RIGHT_TO_LEFT.includes(languageOf(tag));
  }
}
