// The operator's settings, from the page's meta tags. A tag that is missing or unusable counts as absent.

const content = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? '';

/** The origins whose pages may hand over a token, besides the page's own. */
export const trustedOrigins = content('live-chat-hosts').split(/[\s,]+/).map(originOf).filter(Boolean);

/** The hosts whose pictures are shown, besides the page's own: `LIVE_CHAT_PICTURE_HOSTS`. Each of them sees the visitor's address. */
export const pictureHosts = new Set(content('live-chat-picture-hosts').toLowerCase().split(/[\s,]+/).filter(Boolean));

/** `LIVE_CHAT_MAX_MESSAGE_LENGTH` */
export const maxMessageLength = wholeNumber(content('live-chat-max-message-length'));

const links = content('live-chat-links').toLowerCase().split(/[\s,]+/).filter(Boolean);

/** Whose addresses become links: `all`, `none`, or otherwise those of staff; and the domains to which everybody's do. */
export const linksFrom = {
  from: ['none', 'all'].find((word) => links.includes(word)) ?? 'staff',
  domains: links.filter((word) => word.includes('.')),
};

/** The origin of an address; undefined if it is none that `postMessage` takes. */
function originOf(address) {
  try {
    const { origin } = new URL(address);
    return origin === 'null' ? undefined : origin;
  } catch {
    return undefined;
  }
}

function wholeNumber(text) {
  const number = Number(text);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
