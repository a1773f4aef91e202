// A list that is worked with the keyboard: one row is the current one, some may be selected. The focus stays on the list itself
// (`aria-activedescendant`), so it is never lost with a row that goes.

const PAGE = 10;

export class ListBox {
  #node;
  #rows = new Map();
  #keys = new WeakMap();
  #selected = new Set();
  #current = null;
  #onKey;
  #onChange;
  #onEdge;
  #onRelease;

  /**
   * `onKey(event)` gets the keys that do not move; `onChange()` is told of a new current row or selection. `onEdge(isDown)` may add
   * rows beyond the first or the last one. `onRelease()` is told of Escape once nothing is selected.
   */
  constructor(node, { onKey = () => {}, onChange = () => {}, onEdge = () => {}, onRelease = () => {} } = {}) {
    this.#node = node;
    this.#onKey = onKey;
    this.#onChange = onChange;
    this.#onEdge = onEdge;
    this.#onRelease = onRelease;
    node.addEventListener('keydown', (event) => this.#press(event));
    node.addEventListener('click', (event) => this.#click(event));
  }

  get node() {
    return this.#node;
  }

  get size() {
    return this.#rows.size;
  }

  /** The key of the current row; null if there is none. */
  get current() {
    return this.#current;
  }

  /** Selected keys. Their rows may not be in the list at the moment. */
  get selected() {
    return this.#selected;
  }

  /** What an act is about: the selection, else the current row. */
  get targets() {
    if (this.#selected.size > 0) return [...this.#selected];
    return this.#current === null ? [] : [this.#current];
  }

  has(key) {
    return this.#rows.has(key);
  }

  row(key) {
    return this.#rows.get(key);
  }

  /** Adds a row, or replaces it in its place; a new one comes before `next`, by default last. */
  put(key, row, next = null) {
    row.id = `${this.#node.id}-${key}`;
    row.setAttribute('role', 'option');
    this.#keys.set(row, key);
    const old = this.#rows.get(key);
    this.#rows.set(key, row);
    if (old) old.replaceWith(row);
    else this.#node.insertBefore(row, next);
    this.#mark(key);
  }

  drop(key) {
    const row = this.#rows.get(key);
    if (!row) return;
    const neighbour = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.#rows.delete(key);
    if (this.#current === key) this.move(neighbour ? this.#keyOf(neighbour) : null);
  }

  clear() {
    this.#rows.clear();
    this.#node.replaceChildren();
    this.#selected.clear();
    this.move(null);
  }

  /** Makes a row the current one; null for none. */
  move(key) {
    const before = this.#current;
    this.#current = this.#rows.has(key) ? key : null;
    for (const changed of [before, this.#current]) this.#mark(changed);
    const row = this.#rows.get(this.#current);
    if (row) {
      this.#node.setAttribute('aria-activedescendant', row.id);
      row.scrollIntoView({ block: 'nearest' });
    } else this.#node.removeAttribute('aria-activedescendant');
    this.#onChange();
  }

  select(keys) {
    for (const key of keys) this.#selected.add(key);
    this.#marked(keys);
  }

  unselect(keys = [...this.#selected]) {
    for (const key of keys) this.#selected.delete(key);
    this.#marked(keys);
  }

  focus() {
    this.#node.focus({ preventScroll: true });
  }

  #marked(keys) {
    for (const key of keys) this.#mark(key);
    this.#onChange();
  }

  #mark(key) {
    const row = this.#rows.get(key);
    if (!row) return;
    row.setAttribute('aria-selected', String(this.#selected.has(key)));
    row.classList.toggle('current', key === this.#current);
  }

  #keyOf(row) {
    return this.#keys.get(row) ?? null;
  }

  #press(event) {
    if (event.target !== this.#node || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE, Home: -Infinity, End: Infinity };
    if (Object.hasOwn(steps, event.key)) this.#step(steps[event.key], event.shiftKey);
    else if (event.key === ' ' && this.#current !== null) this.#toggle(this.#current);
    else if (event.key === 'Escape') this.#release();
    else return this.#onKey(event);
    event.preventDefault();
  }

  #step(by, isSelecting) {
    const rows = this.#node.children;
    if (rows.length === 0) return;
    const row = this.#rows.get(this.#current);
    let index = row ? [...rows].indexOf(row) : by > 0 ? -1 : rows.length;
    if (by > 0 && index + by >= rows.length) this.#onEdge(true);
    if (by < 0 && index + by < 0) {
      const first = rows[0];
      this.#onEdge(false);
      index += [...rows].indexOf(first);
    }
    const next = Math.min(Math.max(index + by, 0), rows.length - 1);
    const key = this.#keyOf(rows[next]);
    if (isSelecting) this.select([this.#current, key].filter((one) => one !== null));
    this.move(key);
  }

  #toggle(key) {
    if (this.#selected.has(key)) this.unselect([key]);
    else this.select([key]);
  }

  #release() {
    if (this.#selected.size > 0) return this.unselect();
    this.move(null);
    return this.#onRelease();
  }

  #click(event) {
    const row = event.target.closest('[role=option]');
    // Whoever marks a text to copy it does not choose a row.
    if (!row || !getSelection().isCollapsed) return;
    const key = this.#keyOf(row);
    if (event.ctrlKey || event.metaKey) this.#toggle(key);
    this.move(key);
    this.focus();
  }
}
