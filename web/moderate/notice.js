// The line at the bottom that says what was done, or why not. What can be taken back has a button for it.

import { $, setText } from './elements.js';
import { words } from './words.js';

const SHOWN_MS = 12_000;

export class Notice {
  #timer;

  constructor({ onUndo }) {
    $('notice-undo').addEventListener('click', onUndo);
    $('notice-close').addEventListener('click', () => this.#hide());
  }

  say(text, { canUndo = false, isError = false } = {}) {
    clearTimeout(this.#timer);
    $('notice').hidden = false;
    $('notice').classList.toggle('error', isError);
    setText($('notice-text'), isError ? '' : text);
    setText($('notice-error'), isError ? text : '');
    $('notice-undo').hidden = !canUndo;
    // An error waits until somebody has read it.
    if (!isError) this.#timer = setTimeout(() => this.#hide(), SHOWN_MS);
  }

  fail(error) {
    this.say(wordsFor(error), { isError: true });
  }

  #hide() {
    clearTimeout(this.#timer);
    $('notice').hidden = true;
    setText($('notice-text'), '');
    setText($('notice-error'), '');
  }
}

/** The text for an error of the chat; `own` has other words for some codes. */
export function wordsFor({ code, message, status, retryAfterMs, cause }, own = {}) {
  const texts = { ...words.failures, ...own };
  const known = Object.hasOwn(texts, code) ? texts[code] : texts.other;
  const text = typeof known === 'function' ? known(Math.ceil((retryAfterMs ?? 1_000) / 1_000)) : known;
  // The chat's own sentence names what the code does not: the entry of a list, the capability, the earlier act.
  const names = [400, 403, 409, 413].includes(status) && cause?.detail;
  return names ? `${text} (${message})` : text;
}
