// The note above the first message: earlier ones are being loaded, could not be, or do not exist.

import { $, setText } from './dom.js';
import { words } from './locale.js';

export class EarlierNote {
  #place = $('earlier');
  /** Whether earlier messages could not be loaded: then they are only fetched again when the visitor asks for it. */
  hasFailed = false;

  /** Replaces the note, including one about a failure. */
  say(text) {
    this.hasFailed = false;
    const hadFocus = this.#place.contains(document.activeElement);
    setText(this.#place, text);
    if (hadFocus) $('log').focus({ preventScroll: true });
  }

  /** Offers to try again. */
  tellFailure(onRetry) {
    this.hasFailed = true;
    const again = document.createElement('button');
    again.type = 'button';
    again.className = 'link';
    again.textContent = words.retry;
    again.addEventListener('click', () => {
      this.say('');
      onRetry();
    });
    this.#place.replaceChildren(`${words.earlierFailed} `, again);
  }
}
