// The keyboard in the log: arrows move from message to message, Tab reaches the buttons and links of the focused message.

import { isOfInputMethod } from './dom.js';

const CONTROLS = '#messages :is(button, a)';

export class LogKeys {
  #view;
  #log;
  #list;
  #toEnd;

  constructor({ view, signal, toEnd }) {
    this.#view = view;
    this.#log = view.$('log');
    this.#list = view.$('messages');
    this.#toEnd = toEnd;
    this.#log.addEventListener('keydown', (event) => this.#press(event), { signal });
    this.#log.addEventListener('focusin', ({ target }) => this.#mark(target.closest('.message')), { signal });
  }

  #press(event) {
    if (isOfInputMethod(event) || event.altKey || event.ctrlKey || event.metaKey) return;
    const current = this.#view.active.closest?.('#messages .message');
    const action = {
      ArrowUp: () => this.#focus(current ? current.previousElementSibling : this.#lastSeen()),
      // If no message has the focus, the log just scrolls.
      ArrowDown: current && (() => (current.nextElementSibling ? this.#focus(current.nextElementSibling) : this.#leave())),
      Home: () => this.#focus(this.#list.firstElementChild),
      End: () => this.#leave(),
      Escape: () => this.#view.$('text').focus(),
    }[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  #leave() {
    this.#view.focusLog();
    this.#toEnd();
  }

  #focus(item) {
    if (!item) return;
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: 'nearest' });
  }

  /** The lowest message that is fully visible. */
  #lastSeen() {
    const { bottom } = this.#log.getBoundingClientRect();
    let item = this.#list.lastElementChild;
    while (item?.previousElementSibling && item.getBoundingClientRect().bottom > bottom + 1) item = item.previousElementSibling;
    return item;
  }

  /** Only one message's buttons and links are in the tab order: otherwise hundreds of them would come before the composer. */
  #mark(item) {
    if (item === this.marked) return;
    for (const control of this.marked?.querySelectorAll(CONTROLS) ?? []) control.tabIndex = -1;
    for (const control of item?.querySelectorAll(CONTROLS) ?? []) control.tabIndex = 0;
    this.marked = item;
  }
}
