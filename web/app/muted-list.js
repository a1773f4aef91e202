// The people whom the visitor has muted, each with a button that ends it. Loaded when it is first asked for.

import { element } from './dom.js';
import { logWords } from './log-words.js';

export class MutedList {
  #view;
  #words;
  #muted;
  #dialog = element('dialog');
  #list = element('ul');

  constructor({ view, muted, signal }) {
    this.#view = view;
    this.#words = logWords(view);
    this.#muted = muted;
    const title = Object.assign(element('h2', '', this.#words.mutedTitle), { id: 'muted-title' });
    const close = Object.assign(element('button', 'primary', view.words.close), { type: 'button' });
    close.addEventListener('click', () => this.#dialog.close());
    const choices = element('div', 'choices');
    choices.append(close);
    this.#dialog.id = 'muted-people';
    this.#dialog.setAttribute('part', 'dialog');
    this.#dialog.setAttribute('aria-labelledby', title.id);
    this.#dialog.append(title, element('p', '', this.#words.mutedHint), this.#list, choices);
    view.$('chat').append(this.#dialog);
    signal.addEventListener('abort', () => this.#dialog.remove());
  }

  show() {
    this.#list.replaceChildren(...this.#muted.all.map((person) => this.#itemOf(person)));
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  #itemOf([userId, name]) {
    const item = element('li');
    const button = Object.assign(element('button', 'link', this.#words.unmute), { type: 'button' });
    button.setAttribute('aria-label', this.#words.unmuteOf(name));
    button.addEventListener('click', () => this.#unmute(userId, item));
    item.append(element('bdi', 'name', name), button);
    return item;
  }

  /** The next button has the focus then; without one, the button that opened the list is gone, too. */
  #unmute(userId, item) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    this.#muted.unmute(userId);
    item.remove();
    if (next) return next.querySelector('button').focus();
    this.#dialog.close();
    this.#view.focusLog();
  }
}
