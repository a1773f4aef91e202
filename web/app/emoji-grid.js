// The grid of emoji: one of them is in the tab order, and arrow keys move.

import { element, isOfInputMethod } from './dom.js';

export const COLUMNS = 8;
const ROWS_OF_PAGE = 4;

export class EmojiGrid {
  node = element('div', 'grid');
  #view;
  #cells = [];
  /** The first emoji that is shown; undefined if none is. */
  first;
  #onChoose;
  #onTop;

  /** `onChoose` is called with the emoji that is chosen, `onTop` when the keyboard leaves the grid upwards. */
  constructor({ view, onChoose, onTop }) {
    this.#view = view;
    this.#onChoose = onChoose;
    this.#onTop = onTop;
    this.node.setAttribute('role', 'grid');
    this.node.addEventListener('keydown', (event) => this.#press(event));
  }

  /** Shows emoji, each as `{ emoji, text, name }` with its tone, under a name for screen readers. */
  show(name, shown) {
    this.first = shown[0]?.emoji;
    this.#cells = shown.map((one) => this.#cellOf(one));
    const rows = [];
    for (let i = 0; i < this.#cells.length; i += COLUMNS) {
      const row = element('div', 'row');
      row.setAttribute('role', 'row');
      row.append(...this.#cells.slice(i, i + COLUMNS).map((button) => button.parentNode));
      rows.push(row);
    }
    this.node.setAttribute('aria-label', name);
    this.node.replaceChildren(...rows);
    this.node.scrollTop = 0;
    if (this.#cells[0]) this.#cells[0].tabIndex = 0;
  }

  /** Moves the focus to the emoji that is in the tab order. Returns whether there is one. */
  focus() {
    const cell = this.#cells.find(({ tabIndex }) => tabIndex === 0);
    cell?.focus();
    return cell !== undefined;
  }

  #cellOf({ emoji, text, name }) {
    const cell = element('div');
    cell.setAttribute('role', 'gridcell');
    const button = element('button', '', text);
    Object.assign(button, { type: 'button', tabIndex: -1, title: name });
    button.setAttribute('aria-label', name);
    button.addEventListener('click', () => {
      this.#enter(button);
      this.#onChoose(emoji);
    });
    cell.append(button);
    return button;
  }

  /** This one is in the tab order from now on. */
  #enter(button) {
    for (const cell of this.#cells) cell.tabIndex = cell === button ? 0 : -1;
  }

  #press(event) {
    const at = this.#cells.indexOf(this.#view.active);
    if (at < 0 || isOfInputMethod(event)) return;
    const forth = this.#view.$('chat').dir === 'rtl' ? -1 : 1;
    const end = this.#cells.length - 1;
    const begin = at - (at % COLUMNS);
    const page = ROWS_OF_PAGE * COLUMNS;
    const isWhole = event.ctrlKey || event.metaKey;
    const to = {
      ArrowRight: at + forth,
      ArrowLeft: at - forth,
      ArrowDown: at + COLUMNS > end && begin + COLUMNS <= end ? end : at + COLUMNS,
      ArrowUp: at - COLUMNS,
      Home: isWhole ? 0 : begin,
      End: isWhole ? end : Math.min(begin + COLUMNS - 1, end),
      PageDown: Math.min(at + page, end),
      PageUp: Math.max(at - page, 0),
    }[event.key];
    // With other keys these are the browser's, such as Alt and an arrow for the page before.
    const isTheirs = event.altKey || (isWhole && !['Home', 'End'].includes(event.key));
    if (to === undefined || isTheirs) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'ArrowUp' && to < 0) return this.#onTop();
    const button = this.#cells[to];
    if (!button) return;
    this.#enter(button);
    button.focus();
  }
}
