// What in a text is more than text: links, and mentions of the visitor. Only http and https addresses are links, shown by their real
// host, so that no text can pass for another address.

const ADDRESS = /\bhttps?:\/\/[^\s<>"\u0000-\u001f\u200b-\u200f\u2028-\u202e\u2060-\u2069]+/giu;
/** Marks that end a sentence rather than an address. */
const SENTENCE_END = /[.,;:!?'"’”»…*_~]$/u;
const BRACKETS = { ')': '(', ']': '[', '}': '{' };
/** Longer addresses are shortened, in characters. */
const MOST_SHOWN = 40;

/**
 * The parts of a text, in order: `{ text }`, `{ text, url }` for a link, `{ text, isMention: true }` for the name in `me` after an `@`.
 * `mayLink`, given a URL, decides whether it becomes a link.
 */
export const partsOf = (text, { mayLink = () => true, me = '' } = {}) => partsWith(text, mayLink, me ? [me] : []);

/** Those of several names that stand after an `@` in a text, outside of links; at each place, the longest one. */
export function namesIn(text, names) {
  const said = partsWith(text, () => true, names).filter(({ isMention }) => isMention);
  const named = said.map(({ text }) => names.find((name) => `@${name}` === text) ?? names.find((name) => new RegExp(`^@${patternOf(name)}$`, 'iu').test(text)));
  return [...new Set(named)];
}

function partsWith(text, mayLink, names) {
  const parts = [];
  let end = 0;
  const plain = (upTo) => end < upTo && parts.push(...mentionsIn(text.slice(end, upTo), names));
  for (const { index, 0: found } of text.matchAll(ADDRESS)) {
    const address = withoutSentence(found);
    const url = urlOf(address);
    // Credentials would let `https://bank.example@evil.example` pass for a bank.
    if (!url?.hostname || url.username || url.password || !mayLink(url)) continue;
    plain(index);
    parts.push({ text: shortened(url), url: url.href });
    end = index + address.length;
  }
  plain(text.length);
  return parts;
}

/** A test of URLs for domains: each of them, and what is below it. */
export function isBelow(domains) {
  const all = domains.map((domain) => domain.toLowerCase());
  return ({ hostname }) => all.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
}

function urlOf(address) {
  try {
    return new URL(address);
  } catch {
    return undefined;
  }
}

/** An address ends before the sentence around it: a bracket belongs to it if it was opened there. */
function withoutSentence(found) {
  let address = found;
  for (;;) {
    const last = address.at(-1);
    const opening = BRACKETS[last];
    const isSurplus = opening && address.split(last).length > address.split(opening).length;
    if (!isSurplus && !SENTENCE_END.test(address)) return address;
    address = address.slice(0, -last.length);
  }
}

/** The host in its ASCII form, which no look-alike letters can imitate, and the beginning of the rest. */
function shortened({ host, pathname, search, hash }) {
  const rest = `${pathname}${search}${hash}`.replace(/^\/$/, '');
  const shown = [...host.replace(/^www\./, ''), ...rest];
  return shown.length > MOST_SHOWN ? `${shown.slice(0, MOST_SHOWN - 1).join('')}…` : shown.join('');
}

/** Names may be typed in any case, and with any space. */
const patternOf = (name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/\s+/g, '\\s+');

function mentionsIn(text, names) {
  if (names.length === 0) return [{ text }];
  const longestFirst = [...names].sort((a, b) => b.length - a.length).map(patternOf);
  const mention = new RegExp(`(?<![\\p{L}\\p{N}_@])@(?:${longestFirst.join('|')})(?![\\p{L}\\p{N}_])`, 'giu');
  const parts = [];
  let end = 0;
  for (const { index, 0: found } of text.matchAll(mention)) {
    if (index > end) parts.push({ text: text.slice(end, index) });
    parts.push({ text: found, isMention: true });
    end = index + found.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}
