// Deletes a message after a question. It names the author and the text, so that nobody deletes another message.

import { answerOf } from './answer.js';
import { plainName, plainText } from './plain-text.js';

export class Deletion {
  #view;
  #chat;
  #log;
  #composer;
  #announcer;

  constructor({ view, chat, log, composer, announcer }) {
    this.#view = view;
    this.#chat = chat;
    this.#log = log;
    this.#composer = composer;
    this.#announcer = announcer;
  }

  /** Its row stands still while the question is open. */
  async of(message) {
    if (!(await this.#log.standStill(message.id, () => this.#confirm(message)))) return;
    try {
      await this.#chat.deleteMessage(message.id);
      this.#announcer.say(this.#view.words.deleted);
      this.#view.focusLog();
    } catch (error) {
      // Another user deleted it first.
      if (error.code === 'not_found') this.#log.remove(message.id);
      else this.#composer.notify(this.#view.words.deleteFailed);
    }
  }

  #confirm(message) {
    const { $ } = this.#view;
    const dialog = $('confirm');
    $('confirm-author').textContent = plainName(message.username);
    $('confirm-text').textContent = plainText(message.message);
    dialog.returnValue = '';
    dialog.showModal();
    return answerOf(dialog, () => dialog.returnValue === 'yes');
  }
}
