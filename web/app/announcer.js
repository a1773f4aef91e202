// Announces new messages to screen readers, at most once every few seconds, however busy the chat is.

import { words } from './locale.js';

const PAUSE_MS = 5_000;
const LONGEST_TEXT = 120;

export class Announcer {
  #place;
  #heard = 0;
  #last;
  #timer;
  #quietUntil = 0;

  constructor(place) {
    this.#place = place;
  }

  hear(message) {
    this.#heard += 1;
    this.#last = message;
    this.#timer ??= setTimeout(() => this.#tell(), Math.max(300, this.#quietUntil - Date.now()));
  }

  /** Announces a text at once. */
  say(text) {
    this.#place.textContent = text;
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#heard = 0;
    this.#place.textContent = '';
  }

  #tell() {
    const { username, message } = this.#last;
    const text = message.length > LONGEST_TEXT ? `${[...message].slice(0, LONGEST_TEXT).join('')}…` : message;
    this.say(this.#heard === 1 ? words.says(username, text) : words.severalNew(this.#heard, username, text));
    this.#heard = 0;
    this.#timer = undefined;
    this.#quietUntil = Date.now() + PAUSE_MS;
  }
}
