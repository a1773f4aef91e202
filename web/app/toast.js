// A toast above the field: what the visitor has done, with a button that takes it back.

import { setText } from './dom.js';

const SHOWN_MS = 12_000;

export class Toast {
  #box;
  #text;
  #undo;
  #announcer;
  #view;
  #signal;
  #takeBack;
  #timer;

  constructor({ view, announcer, signal }) {
    this.#view = view;
    this.#box = view.$('toast');
    this.#text = view.$('toast-text');
    this.#undo = view.$('toast-undo');
    this.#announcer = announcer;
    this.#signal = signal;
    this.#undo.addEventListener('click', () => this.#press(), { signal });
    signal.addEventListener('abort', () => this.hide());
  }

  /** `undo`, if there is one, takes back what `text` tells. */
  say(text, undo) {
    if (this.#signal.aborted) return;
    this.#takeBack = undo;
    this.#box.hidden = false;
    setText(this.#text, text);
    this.#undo.hidden = !undo;
    this.#announcer.say(text);
    this.#hideLater();
  }

  hide() {
    clearTimeout(this.#timer);
    this.#takeBack = undefined;
    this.#box.hidden = true;
    setText(this.#text, '');
  }

  /** Whoever is at the button is not hurried. */
  #hideLater() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#view.active === this.#undo ? this.#hideLater() : this.hide()), SHOWN_MS);
  }

  #press() {
    const takeBack = this.#takeBack;
    this.#view.focusLog();
    this.hide();
    takeBack?.();
  }
}
