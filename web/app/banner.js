// One line below the header for what concerns the whole chat.

import { setText } from './dom.js';

export class Banner {
  #place;
  #timer;

  constructor(place) {
    this.#place = place;
  }

  /** `kind` is `warning`, `success` or `info`. */
  show(kind, text, { forMs } = {}) {
    clearTimeout(this.#timer);
    this.#place.dataset.kind = kind;
    setText(this.#place, text);
    if (forMs) this.#timer = setTimeout(() => this.hide(), forMs);
  }

  hide() {
    clearTimeout(this.#timer);
    setText(this.#place, '');
  }
}
