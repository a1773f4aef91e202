// What the visitor's hand is at stands still: while the pointer, a finger, the keyboard's focus or a selection is in a row of the
// log, nothing moves that row. This module knows why the log is held, and by which row.

import { contained } from './dom.js';

/** After a touch, there is time to aim at one of the row's buttons. */
const TOUCH_MS = 5_000;

/** Rows that slide under a resting pointer cause `pointermove`, too. */
let place;
let hasMoved = false;
addEventListener(
  'pointermove',
  ({ screenX, screenY }) => {
    const now = `${screenX} ${screenY}`;
    hasMoved = now !== place;
    place = now;
  },
  { capture: true, passive: true },
);

const rowOf = (node) => (node instanceof Element ? node : node?.parentElement)?.closest('#log .message') ?? undefined;
/** The rows' lists have gaps, and the button that lets go must stay while the pointer is on its way. */
const isNearby = (node) => node instanceof Element && node.closest('#messages, #pending, #to-end') !== null;

export class LogHold {
  /** The rows by reason; the reason that came last decides. */
  #rows = new Map();
  #view;
  #log;
  #list;
  #onHold;
  #onRelease;
  #lifting;

  /** `onHold` is called with each row by which the log is held, `onRelease` once nothing holds it any more. */
  constructor({ view, signal, onHold, onRelease }) {
    const { $, root, host } = view;
    this.#view = view;
    this.#log = $('log');
    this.#list = $('messages');
    this.#onHold = onHold;
    this.#onRelease = onRelease;
    const options = { signal, passive: true };
    const on = (node, type, action) => node.addEventListener(type, (event) => contained(() => action(event)), options);
    on(root, 'pointermove', (event) => this.#point(event));
    on(root, 'pointerdown', (event) => this.#press(event));
    for (const type of ['pointerup', 'pointercancel']) on(root, type, (event) => this.#lift(event));
    on(host, 'pointerleave', () => this.drop('pointer'));
    on(root, 'focusin', ({ target }) => this.#focus(target));
    on(root, 'focusout', ({ relatedTarget }) => this.#blur(relatedTarget));
    on(this.#log, 'keydown', ({ target }) => this.#type(target));
    on(document, 'selectionchange', () => this.#select());
    // The hand is at the keyboard.
    on($('text'), 'input', () => this.drop('pointer', 'touch'));
    signal.addEventListener('abort', () => clearTimeout(this.#lifting));
  }

  has(row) {
    return [...this.#rows.values()].includes(row);
  }

  take(reason, row) {
    if (this.#rows.get(reason) === row && [...this.#rows.keys()].at(-1) === reason) return;
    this.#rows.delete(reason);
    this.#rows.set(reason, row);
    this.#onHold(row);
  }

  drop(...reasons) {
    const count = this.#rows.size;
    for (const reason of reasons) this.#rows.delete(reason);
    if (this.#rows.size === count) return;
    const row = [...this.#rows.values()].at(-1);
    if (row) this.#onHold(row);
    else this.#onRelease();
  }

  /** The visitor wants to go on: what holds the log now no longer does, until it is done anew. */
  letGo() {
    if (this.#rows.has('selection')) this.#view.selection.removeAllRanges();
    this.#rows.clear();
  }

  #point({ pointerType, target }) {
    if (pointerType === 'touch' || !hasMoved) return;
    const row = rowOf(target);
    if (row) this.take('pointer', row);
    else if (!isNearby(target)) this.drop('pointer');
  }

  #press({ pointerType, target }) {
    const reason = pointerType === 'touch' ? 'touch' : 'pointer';
    const row = rowOf(target);
    clearTimeout(this.#lifting);
    if (row) this.take(reason, row);
    else if (!isNearby(target)) this.drop(reason);
  }

  #lift({ pointerType }) {
    if (pointerType !== 'touch') return;
    clearTimeout(this.#lifting);
    this.#lifting = setTimeout(() => this.drop('touch'), TOUCH_MS);
  }

  /** A click focuses a row, too, and says nothing about where the visitor goes on. */
  #focus(target) {
    const row = rowOf(target);
    if (row && target.matches(':focus-visible')) this.take('focus', row);
    else if (!row && !isNearby(target)) this.drop('focus');
  }

  /** A window that is left keeps its focus, and so does the row. */
  #blur(next) {
    if (next ? !this.#view.root.contains(next) : document.hasFocus()) this.drop('focus');
  }

  #type(target) {
    const row = rowOf(target);
    if (row?.contains(this.#view.active)) this.take('focus', row);
  }

  #select() {
    const { selection } = this.#view;
    const isInside = selection && !selection.isCollapsed && selection.containsNode(this.#log, true);
    const row = isInside && (rowOf(selection.focusNode) ?? rowOf(selection.anchorNode) ?? this.#list.lastElementChild);
    if (row) this.take('selection', row);
    else this.drop('selection');
  }
}
