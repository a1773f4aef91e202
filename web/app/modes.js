// The modes in force, as chips above the field (docs/contract.md, Modes).

import { element } from './dom.js';
import { logWords } from './log-words.js';

/** What a mode is when it is off. The shield has no chip: what it sets has. */
const OFF = { audience: 'everyone', account_age_minutes: 0, slow_seconds: 0, unique_seconds: 0, emoji_only: false, links: 'allow', review_all: false };

export class Modes {
  #list;
  #words;
  #announcer;
  #shown = '';

  constructor({ view, announcer }) {
    this.#list = view.$('modes');
    this.#words = logWords(view);
    this.#announcer = announcer;
  }

  /** Shows the modes of a session; those that a visitor has not seen yet are read out if `isNews`. */
  show(modes, { isNews = false } = {}) {
    const on = Object.keys(OFF).filter((name) => modes?.[name] !== undefined && modes[name] !== OFF[name]);
    const texts = on.map((name) => this.#words.modeChips[name](modes[name]));
    const shown = texts.join(', ');
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#list.replaceChildren(...texts.map((text) => element('li', '', text)));
    this.#list.hidden = texts.length === 0;
    if (isNews) this.#announcer.say(shown ? this.#words.modesNow(shown) : this.#words.modesOff);
  }
}
