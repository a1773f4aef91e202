// What a frame shows before the chat. It has no form: a visitor's token comes from the page around it, or with the address.

import { element } from '../app/dom.js';
import { textFor } from '../app/locale.js';
import { $, words } from '../app/page.js';

export class FrameEntrance {
  #isWaiting = true;

  get isWaiting() {
    return this.#isWaiting;
  }

  get takesNames() {
    return false;
  }

  wait() {
    this.#show(words.connecting);
    this.#isWaiting = true;
  }

  open(text = words.notLetIn) {
    this.#show(text);
    this.#isWaiting = false;
  }

  openAgain(error) {
    this.open(this.wordsFor(error));
  }

  hide() {
    $('loading').hidden = true;
    this.#isWaiting = false;
  }

  close() {
    this.hide();
  }

  /** The text for an error on entering. */
  wordsFor({ code }) {
    return textFor(words.refusals, code) ?? words.cannotReach;
  }

  #show(text) {
    $('loading').replaceChildren(element('p', '', text));
    $('loading').hidden = false;
  }
}
