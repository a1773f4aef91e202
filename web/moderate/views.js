// Which part of the console is seen. The chat always is, except on a narrow screen.

import { $ } from './elements.js';
import { VIEWS } from './keys.js';

const NARROW = matchMedia('(max-width: 60rem)');

export class Views {
  #current;
  #available;
  #onShow;

  /** `available` are the names of the views that this moderator has; `onShow(name)` is told of each that comes. */
  constructor({ available, onShow }) {
    this.#available = available;
    this.#onShow = onShow;
    for (const view of VIEWS) {
      $(`to-${view}`).hidden = !available.includes(view);
      $(`to-${view}`).addEventListener('click', () => this.show(view));
    }
    document.body.classList.toggle('without-feed', !available.includes('feed'));
    NARROW.addEventListener('change', () => this.show(this.#current));
  }

  /** Shows a view; `takesFocus` moves the focus to its list. */
  show(view, { takesFocus = false } = {}) {
    if (!this.#available.includes(view)) return;
    const isBeside = view === 'feed' && !NARROW.matches;
    // Beside the chat there is always something else.
    if (!isBeside || this.#current === undefined || this.#current === 'feed') this.#current = isBeside ? 'held' : view;
    for (const name of VIEWS) {
      const isShown = name === this.#current || (name === 'feed' && !NARROW.matches && this.#available.includes('feed'));
      $(`view-${name}`).hidden = !isShown;
      if (name === this.#current) $(`to-${name}`).setAttribute('aria-current', 'page');
      else $(`to-${name}`).removeAttribute('aria-current');
    }
    this.#onShow(this.#current);
    if (takesFocus) ($(`view-${view}`).querySelector('[role=listbox]') ?? $(`view-${view}`)).focus({ preventScroll: true });
  }
}
