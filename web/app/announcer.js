// Announces new messages to screen readers, at most once every few seconds, however busy the chat is.

import { contained } from './dom.js';
import { plainName, plainText } from './plain-text.js';

const PAUSE_MS = 5_000;
const LONGEST_TEXT = 120;

/** As much of a text as is read out. */
export const cut = (text) => (text.length > LONGEST_TEXT ? `${[...text].slice(0, LONGEST_TEXT).join('')}…` : text);

export class Announcer {
  #place;
  #words;
  #heard = 0;
  #last;
  #timer;
  #quietUntil = 0;

  constructor({ $, words }) {
    this.#place = $('announcer');
    this.#words = words;
  }

  hear(message) {
    this.#heard += 1;
    this.#last = message;
    this.#timer ??= setTimeout(() => contained(() => this.#tell()), Math.max(300, this.#quietUntil - Date.now()));
  }

  /** Does not announce a message any more that is gone. */
  forget(isGone) {
    if (this.#last && isGone(this.#last)) this.#drop();
  }

  /** Announces a text at once. */
  say(text) {
    this.#place.textContent = text;
  }

  stop() {
    this.#drop();
  }

  #drop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#heard = 0;
    this.#last = undefined;
    this.#place.textContent = '';
  }

  #tell() {
    const heard = this.#heard;
    this.#heard = 0;
    this.#timer = undefined;
    this.#quietUntil = Date.now() + PAUSE_MS;
    const [name, message] = [plainName(this.#last.username), plainText(this.#last.message)];
    const text = cut(message);
    this.say(heard === 1 ? this.#words.says(name, text) : this.#words.severalNew(heard, name, text));
  }
}
