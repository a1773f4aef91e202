// The button that leads to the newest messages, from further up or out of a pause.

import { setText } from './dom.js';

export class EndButton {
  #button;
  #text;
  #words;

  /** `onPress` is called when the visitor wants to go to the newest messages. */
  constructor({ view: { $, words }, signal, onPress }) {
    this.#button = $('to-end');
    this.#text = $('to-end-text');
    this.#words = words;
    this.#button.addEventListener('click', onPress, { signal });
  }

  /** The button must not come up under the hand: in a pause, it keeps away from a row that is low. */
  keepAway(isLow) {
    this.#button.classList.toggle('above', isLow);
  }

  show({ isAtNewest, isPaused, unseen }) {
    this.#button.hidden = isAtNewest;
    this.#button.title = isPaused ? this.#words.resume : '';
    if (!isPaused) this.keepAway(false);
    const ofNew = isPaused ? this.#words.pausedNew : this.#words.newMessages;
    setText(this.#text, unseen > 0 ? ofNew(unseen) : this.#words.toNewest);
  }
}
