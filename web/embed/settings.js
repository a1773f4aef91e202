// What a page can set on the element, as text. What is missing or unusable counts as absent.

/** The origin of the script. */
const [ORIGIN] = /^\w+:\/\/[^/]*/.exec(import.meta.url);

const wordsOf = (text) => (text ?? '').toLowerCase().split(/[\s,]+/).filter(Boolean);

/** The settings of an element, for its view. */
export function settingsOf(element) {
  const text = (name) => element.getAttribute(name);
  const sessionId = wholeNumber(text('session'));
  return {
    baseUrl: text('base-url') || ORIGIN,
    sessionId,
    // The client refuses a wrong name: the chat of another room would be worse than none.
    room: sessionId ? undefined : text('room') || undefined,
    maxMessageLength: wholeNumber(text('max-message-length')),
    pictureHosts: new Set(wordsOf(text('picture-hosts'))),
    links: linksFrom(wordsOf(text('links'))),
    layout: text('layout') === 'comfortable' ? 'comfortable' : 'compact',
    takesFocus: element.hasAttribute('autofocus'),
  };
}

/** Whose addresses become links, undefined if the server decides; and the domains to which everybody's do. */
function linksFrom(words) {
  return {
    from: ['none', 'all', 'staff'].find((word) => words.includes(word)),
    domains: words.filter((word) => word.includes('.')),
  };
}

function wholeNumber(text) {
  const number = Number(text);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
