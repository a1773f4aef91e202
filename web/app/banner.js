// A line below the header for notices about the whole chat; large while there is nothing else to see.

import { element, setText } from './dom.js';

export class Banner {
  #place;
  #text = element('span', 'banner-text');
  /** A countdown, which screen readers do not read out every second. */
  #time = element('span', 'banner-time');
  #detail = element('span', 'banner-detail');
  #timer;

  constructor({ $ }) {
    this.#place = $('banner');
    this.#time.setAttribute('role', 'timer');
    this.#time.setAttribute('aria-live', 'off');
    this.#place.replaceChildren(this.#text, this.#time, this.#detail);
  }

  /** `kind` is `warning`, `success` or `info`. */
  show(kind, text, { time = '', detail = '', forMs } = {}) {
    clearTimeout(this.#timer);
    this.#place.dataset.kind = kind;
    setText(this.#text, text);
    setText(this.#time, time);
    setText(this.#detail, detail);
    if (forMs) this.#timer = setTimeout(() => this.hide(), forMs);
  }

  hide() {
    clearTimeout(this.#timer);
    this.#place.dataset.kind = 'none';
    for (const part of [this.#text, this.#time, this.#detail]) setText(part, '');
  }
}
