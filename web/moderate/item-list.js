// A list of things that wait: held messages, reports, entries of the log.

import { $ } from './elements.js';
import { ListBox } from './list-box.js';

export class ItemList {
  #box;
  #items = new Map();
  #empty;
  #makeRow;
  #onCount;

  /** `makeRow(item)` makes an item's element; `onCount(size)` is told of each change. */
  constructor(id, { makeRow, onKey, onCount = () => {} }) {
    this.#box = new ListBox($(id), { onKey });
    this.#empty = $(`${id}-empty`);
    this.#makeRow = makeRow;
    this.#onCount = onCount;
  }

  get box() {
    return this.#box;
  }

  get items() {
    return [...this.#items.values()];
  }

  get targets() {
    return this.#box.targets.map((key) => this.#items.get(key)).filter(Boolean);
  }

  get current() {
    return this.#items.get(this.#box.current);
  }

  get(key) {
    return this.#items.get(key);
  }

  /** Shows exactly these, as `[key, item]`, in this order. */
  set(entries) {
    const wanted = new Map(entries);
    for (const key of this.#items.keys()) if (!wanted.has(key)) this.#take(key);
    this.#items = wanted;
    let next = null;
    for (const [key, item] of [...entries].reverse()) {
      const row = this.#makeRow(item);
      this.#place(key, row, next);
      next = row;
    }
    this.#counted();
  }

  /** Adds an item, or replaces it in its place. */
  put(key, item, { isFirst = false } = {}) {
    this.#items.set(key, item);
    this.#box.put(key, this.#makeRow(item), isFirst ? this.#box.node.firstElementChild : null);
    this.#counted();
  }

  drop(keys) {
    for (const key of keys) this.#take(key);
    this.#counted();
  }

  #place(key, row, next) {
    this.#box.put(key, row, next);
    if (row.nextElementSibling !== next) this.#box.node.insertBefore(row, next);
  }

  #take(key) {
    this.#items.delete(key);
    this.#box.unselect([key]);
    this.#box.drop(key);
  }

  #counted() {
    this.#empty.hidden = this.#items.size > 0;
    this.#onCount(this.#items.size);
  }
}
