// The keyboard in the log: arrows move from message to message, Enter opens the menu of the focused one, Tab reaches its buttons and
// links. Messages that are hidden are passed over.

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
      ArrowUp: () => this.#focus(current ? before(current) : this.#lastSeen()),
      // If no message has the focus, the log just scrolls.
      ArrowDown: current && (() => (after(current) ? this.#focus(after(current)) : this.#leave())),
      Enter: current === this.#view.active && current?.querySelector('.menu-button:not([hidden])') && (() => this.#openMenu(current)),
      Home: () => this.#focus(shownFrom(this.#list.firstElementChild, 'nextElementSibling')),
      End: () => this.#leave(),
      Escape: () => this.#view.$('text').focus(),
    }[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  #openMenu(item) {
    item.querySelector('.menu-button').click();
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
    let item = shownFrom(this.#list.lastElementChild, 'previousElementSibling');
    while (before(item) && item.getBoundingClientRect().bottom > bottom + 1) item = before(item);
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

/** A row, or the next one in a direction that is not hidden. */
function shownFrom(row, direction) {
  let item = row;
  while (item?.hidden) item = item[direction];
  return item;
}

const before = (row) => shownFrom(row?.previousElementSibling, 'previousElementSibling');
const after = (row) => shownFrom(row.nextElementSibling, 'nextElementSibling');
