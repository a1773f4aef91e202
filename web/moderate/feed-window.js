// Which of the feed's lines have a row, and when the newest ones get theirs. At 10 messages a second, rows come four times a second.

import { ListBox } from './list-box.js';

const ROWS = 150;
const MORE = 100;
const FLUSH_MS = 250;

export class FeedWindow {
  #lines;
  #makeRow;
  #onPause;
  #box;
  #from = 0;
  #to = 0;
  #flush = null;
  #isOver = false;
  #isHeld = false;
  #isFollowing = true;
  #lastTop = 0;

  /** `makeRow(line)` makes the element of a line; `onPause(isPaused, waiting)` is told of both. */
  constructor(node, { lines, makeRow, onPause, onKey, onChange }) {
    this.#lines = lines;
    this.#makeRow = makeRow;
    this.#onPause = onPause;
    this.#box = new ListBox(node, {
      onKey,
      onChange: () => {
        onChange();
        this.#tell();
      },
      onEdge: (isDown) => this.#extend(isDown),
      onRelease: () => this.goOn(),
    });
    this.#watchHand(node);
  }

  get box() {
    return this.#box;
  }

  /** Something holds the feed: the pointer, a current row, a selection, a marked text, the key, or a reader who scrolled up. */
  get isPaused() {
    const { node, current, selected } = this.#box;
    const marked = getSelection();
    const isMarking = !marked.isCollapsed && node.contains(marked.anchorNode);
    return this.#isHeld || this.#isOver || current !== null || selected.size > 0 || isMarking || !this.#isFollowing;
  }

  get #isAtEnd() {
    const { scrollHeight, clientHeight, scrollTop } = this.#box.node;
    return scrollHeight - clientHeight - scrollTop < 24;
  }

  /** Lines have come. */
  came() {
    this.#flush ??= setTimeout(() => this.#show(), FLUSH_MS);
  }

  /** A line looks different now. */
  changed(line) {
    if (!this.#box.has(line.id)) return;
    this.#box.put(line.id, this.#makeRow(line));
    // A row that grew would push the end out of sight.
    this.came();
  }

  /** Lines came somewhere in the middle. */
  refill() {
    const { length } = this.#lines.all;
    this.#to = Math.max(Math.min(this.#to, length), length - ROWS);
    this.#from = Math.max(0, Math.min(this.#from, this.#to - ROWS));
    const wanted = this.#lines.all.slice(this.#from, this.#to);
    const ids = new Set(wanted.map(({ id }) => id));
    for (const row of [...this.#box.node.children]) {
      const id = Number(row.id.split('-').at(-1));
      if (!ids.has(id)) this.#box.drop(id);
    }
    let next = null;
    for (const line of wanted.reverse()) {
      this.#box.put(line.id, this.#makeRow(line), next);
      next = this.#box.row(line.id);
    }
    this.came();
  }

  /** Stands still until `goOn`, or moves again. */
  toggle() {
    if (this.isPaused) this.goOn();
    else {
      this.#isHeld = true;
      this.#tell();
    }
  }

  /** Shows the newest lines, and follows. */
  goOn() {
    this.#isHeld = this.#isOver = false;
    getSelection().removeAllRanges();
    this.#box.unselect();
    this.#box.move(null);
    this.#follow();
  }

  clear() {
    this.#from = this.#to = 0;
    this.#box.clear();
    this.#tell();
  }

  #show() {
    this.#flush = null;
    if (!this.isPaused) this.#follow();
    else this.#tell();
  }

  #follow() {
    const trimmed = this.#lines.trim();
    const { all } = this.#lines;
    const from = Math.max(0, all.length - ROWS);
    const known = Math.max(this.#to - trimmed, 0);
    for (const row of [...this.#box.node.children]) {
      const id = Number(row.id.split('-').at(-1));
      const line = this.#lines.get(id);
      if (!line || line.seq < (all[from]?.seq ?? 0)) this.#box.drop(id);
    }
    for (const line of all.slice(Math.max(from, known))) this.#box.put(line.id, this.#makeRow(line));
    this.#from = from;
    this.#to = all.length;
    this.#isFollowing = true;
    this.#box.node.scrollTop = this.#box.node.scrollHeight;
    this.#tell();
  }

  /** Adds rows beyond the first or the last one. */
  #extend(isDown) {
    const { all } = this.#lines;
    if (isDown) {
      const to = Math.min(all.length, this.#to + MORE);
      for (const line of all.slice(this.#to, to)) this.#box.put(line.id, this.#makeRow(line));
      this.#to = to;
      return this.#tell();
    }
    const from = Math.max(0, this.#from - MORE);
    const { firstElementChild } = this.#box.node;
    for (const line of all.slice(from, this.#from)) this.#box.put(line.id, this.#makeRow(line), firstElementChild);
    this.#from = from;
  }

  #tell() {
    this.#onPause(this.isPaused, this.#lines.all.length - this.#to);
  }

  #watchHand(node) {
    node.addEventListener('pointermove', ({ pointerType }) => {
      if (pointerType !== 'mouse' || this.#isOver) return;
      this.#isOver = true;
      this.#tell();
    });
    node.addEventListener('pointerleave', () => this.#release());
    node.addEventListener('scroll', () => {
      if (this.#isAtEnd) this.#isFollowing = true;
      else if (node.scrollTop < this.#lastTop) this.#isFollowing = false;
      this.#lastTop = node.scrollTop;
      if (node.scrollTop === 0 && this.#from > 0 && this.isPaused) {
        const height = node.scrollHeight;
        this.#extend(false);
        node.scrollTop += node.scrollHeight - height;
      }
      this.came();
    });
    document.addEventListener('selectionchange', () => this.came());
  }

  #release() {
    if (!this.#isOver) return;
    this.#isOver = false;
    this.came();
  }
}
