// The form in which staff say something as the host, and pin it if they like.

import { $, optionsOf, setText } from './elements.js';
import { wordsFor } from './notice.js';
import { words } from './words.js';

export class Announce {
  #moderate;
  #onDone;
  /** What is tried again after a failure is stored once. */
  #key;
  #isSending = false;
  /** Another one each time that the form opens: an answer that comes later does not close it. */
  #turn;

  /** `onDone(id, { pin })` gets the id of an announcement, and whether to pin it. */
  constructor({ moderate, onDone }) {
    this.#moderate = moderate;
    this.#onDone = onDone;
    $('announce-color').append(...optionsOf(words.colors));
    const form = $('announce-form');
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    // Another announcement has another key.
    form.addEventListener('input', () => (this.#key = undefined));
    form.addEventListener('keydown', (event) => {
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
    const [pin, turn] = [$('announce-pin').checked, this.#turn];
    this.#isSending = true;
    this.#key ??= `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
    $('announce-yes').setAttribute('aria-disabled', 'true');
    setText($('announce-problem'), '');
    try {
      const { message_id: id } = await this.#moderate.announce(text, { color: $('announce-color').value, clientMessageId: this.#key });
      // Meanwhile the form may have been filled in anew.
      if ($('announce-text').value === text) $('announce-form').reset();
      if (turn === this.#turn) $('announce-dialog').close();
      this.#key = undefined;
      this.#onDone(id, { pin });
    } catch (error) {
      if (!error.code) console.error(error);
      setText($('announce-problem'), wordsFor(error, words.announceFailures));
    }
    this.#isSending = false;
    $('announce-yes').setAttribute('aria-disabled', 'false');
  }
}
