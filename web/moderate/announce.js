// The form in which staff say something as the host, and pin it if they like.

import { $, optionsOf, setText } from './elements.js';
import { wordsFor } from './notice.js';
import { words } from './words.js';

export class Announce {
  #moderate;
  #onDone;
  #onFail;
  /** What was tried last, and its key: what is tried again after a failure is stored once. */
  #tried = {};
  #isSending = false;
  /** Another one each time that the form opens: an answer that comes later does not close it. */
  #turn;

  /** `onDone(id, { pin })` gets the id of an announcement, and whether to pin it; `onFail(error)` is told where the form is closed. */
  constructor({ moderate, onDone, onFail }) {
    this.#moderate = moderate;
    this.#onDone = onDone;
    this.#onFail = onFail;
    $('announce-color').append(...optionsOf(words.colors));
    const form = $('announce-form');
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    $('announce-text').addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    $('announce-no').addEventListener('click', () => $('announce-dialog').close());
  }

  /** Shows the form. What was not sent the last time is still there. */
  open() {
    this.#turn = {};
    setText($('announce-problem'), '');
    $('announce-dialog').showModal();
    $('announce-text').focus();
  }

  async #send() {
    const text = $('announce-text').value;
    if (this.#isSending || text.trim() === '') return;
    const [color, pin, turn] = [$('announce-color').value, $('announce-pin').checked, this.#turn];
    this.#isSending = true;
    const clientMessageId = this.#keyOf(text, color);
    $('announce-yes').setAttribute('aria-disabled', 'true');
    setText($('announce-problem'), '');
    try {
      const { message_id: id } = await this.#moderate.announce(text, { color, clientMessageId });
      // Meanwhile the form may have been filled in anew.
      if ($('announce-text').value === text) $('announce-form').reset();
      if (turn === this.#turn) $('announce-dialog').close();
      this.#tried = {};
      this.#onDone(id, { pin });
    } catch (error) {
      if (!error.code) console.error(error);
      if (turn === this.#turn && $('announce-dialog').open) setText($('announce-problem'), wordsFor(error, words.announceFailures));
      else this.#onFail(error);
    }
    this.#isSending = false;
    $('announce-yes').setAttribute('aria-disabled', 'false');
  }

  /** Another announcement has another key. */
  #keyOf(text, color) {
    if (this.#tried.text !== text || this.#tried.color !== color) {
      this.#tried = { text, color, key: `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}` };
    }
    return this.#tried.key;
  }
}
