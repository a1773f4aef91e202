// The note above the first message: earlier ones are being loaded, could not be, or do not exist.

import { setText } from './dom.js';

export class EarlierNote {
  #view;
  #place;
  /** Whether earlier messages could not be loaded: then they are only fetched again when the visitor asks for it. */
  hasFailed = false;

  constructor(view) {
    this.#view = view;
    this.#place = view.$('earlier');
  }

  /** Replaces the note, including one about a failure. */
  say(text) {
    this.hasFailed = false;
    const hadFocus = this.#place.contains(this.#view.active);
    setText(this.#place, text);
    if (hadFocus) this.#view.focusLog();
  }

  /** Offers to try again. */
  tellFailure(onRetry) {
    const { retry, earlierFailed } = this.#view.words;
    this.hasFailed = true;
    const again = document.createElement('button');
    again.type = 'button';
    again.className = 'link';
    again.textContent = retry;
    again.addEventListener('click', () => {
      this.say('');
      onRetry();
    });
    this.#place.replaceChildren(`${earlierFailed} `, again);
  }
}
