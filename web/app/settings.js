// The operator's settings, from the page's meta tags. A tag that is missing counts as empty.

const content = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? '';

/** The origins whose pages may hand over a token, besides the page's own; `http://localhost:*` is one with any port. */
export const trustedOrigins = content('live-chat-hosts').split(/[\s,]+/).map(originOf).filter(Boolean);

/** `LIVE_CHAT_PICTURE_HOSTS` */
export const pictureHosts = content('live-chat-picture-hosts');

/** `LIVE_CHAT_MAX_MESSAGE_LENGTH` */
export const maxMessageLength = content('live-chat-max-message-length');

/** Whose addresses become links, as the attribute `links` of the element. */
export const links = content('live-chat-links');

/** The origin of an address; undefined if it has none, or an opaque one. */
function originOf(address) {
  if (address.endsWith(':*')) return originOf(address.slice(0, -2))?.concat(':*');
  try {
    const { origin } = new URL(address);
    return origin === 'null' ? undefined : origin;
  } catch {
    return undefined;
  }
}
