// The button that leads to the newest messages, from further up or out of a pause.

import { $, setText } from './dom.js';
import { words } from './locale.js';

export class EndButton {
  #button = $('to-end');

  /** `onPress` is called when the visitor wants to go to the newest messages. */
  constructor({ signal, onPress }) {
    this.#button.addEventListener('click', onPress, { signal });
  }

  /** The button must not come up under the hand: in a pause, it keeps away from a row that is low. */
  keepAway(isLow) {
    this.#button.classList.toggle('above', isLow);
  }

  show({ isAtNewest, isPaused, unseen }) {
    this.#button.hidden = isAtNewest;
    this.#button.title = isPaused ? words.resume : '';
    if (!isPaused) this.keepAway(false);
    const ofNew = isPaused ? words.pausedNew : words.newMessages;
    setText($('to-end-text'), unseen > 0 ? ofNew(unseen) : words.toNewest);
  }
}
