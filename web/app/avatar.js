// A user's picture, or the initials if there is none.

import { element } from './dom.js';
import { hueOf } from './format.js';

/** Fills the element with the picture or the initials, whatever the server or a token calls a name, an id or a picture. */
export function fillAvatar({ format, baseUrl, pictureHosts }, place, { name, userId, picture }) {
  place.classList.add(`hue-${hueOf(String(userId))}`);
  place.textContent = format.initials(typeof name === 'string' ? name : '');
  const address = safeAddress(picture, baseUrl, pictureHosts);
  if (!address) return;
  const image = element('img');
  image.alt = '';
  image.loading = 'lazy';
  image.decoding = 'async';
  image.referrerPolicy = 'no-referrer';
  // The initials lie below the picture and show if it cannot be loaded.
  image.addEventListener('error', () => image.remove());
  image.src = address;
  place.append(image);
}

/** Pictures come from other users, and their hosts see who looks at them: only the hosts that the operator chose, and the chat's own. */
function safeAddress(picture, baseUrl, pictureHosts) {
  if (typeof picture !== 'string' || picture === '') return undefined;
  try {
    const { origin } = new URL(baseUrl);
    const url = new URL(picture, origin);
    // The policy of the answer forbids any other, too. The page does not even try, which would fill the console.
    const isChosen = url.protocol === 'https:' && url.port === '' && pictureHosts.has(url.hostname);
    return isChosen || url.origin === origin ? url.href : undefined;
  } catch {
    return undefined;
  }
}
