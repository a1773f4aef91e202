// The scroll position of the log: it follows the newest message until the visitor scrolls up, and stands still while it is held.

import { contained } from './dom.js';

const AT_END_PX = 40;
const NEAR_PX = 600;

export class LogScroll {
  #log;
  #list;
  #pending;
  #lastTop = 0;
  #mayFollow;
  #onFollow;
  #onMove;
  #onArrive;
  #wantsToFollow = true;
  /** The row by which the log is held, and its distance from the top of the window. */
  #held;
  /** The empty space above a few messages, while the log is held. */
  #gap = 0;

  /**
   * `onFollow` is called when following begins or ends, `onMove` when the visitor scrolls, `onArrive` when that has led to the end,
   * and `onResize` when the log has another width.
   */
  constructor({ view: { $ }, signal, mayFollow, onFollow, onMove, onArrive, onResize }) {
    this.#log = $('log');
    this.#list = $('messages');
    this.#pending = $('pending');
    this.#mayFollow = mayFollow;
    this.#onFollow = onFollow;
    this.#onMove = onMove;
    this.#onArrive = onArrive;
    this.#mark();
    this.#log.addEventListener('scroll', () => this.#scrolled(), { signal, passive: true });
    this.#watchSizes(signal, onResize);
  }

  get isFollowing() {
    return this.#wantsToFollow && !this.#held;
  }

  get isHeld() {
    return this.#held !== undefined;
  }

  /** Whether the log follows again once it is no longer held. */
  get isPaused() {
    return this.isHeld && this.#wantsToFollow;
  }

  /** Whether the row by which the log is held is an own message that is being sent. */
  get isHeldByPending() {
    return this.#held !== undefined && this.#pending.contains(this.#held.row);
  }

  get isNearStart() {
    return this.#log.scrollTop < NEAR_PX;
  }

  get isNearEnd() {
    return this.#distanceToEnd() < NEAR_PX;
  }

  toEnd() {
    this.#follow(true);
    this.settle();
  }

  /** The visitor reads here. */
  stay() {
    this.#follow(false);
  }

  /** From now on, the row keeps its place on the screen. */
  hold(row) {
    if (!this.#held) {
      this.#gap = contained(() => parseFloat(getComputedStyle(this.#log, '::before').height)) || 0;
      this.#showGap();
    }
    this.#held = { row, top: row.getBoundingClientRect().top };
    this.#mark();
  }

  release() {
    this.#held = undefined;
    this.#mark();
  }

  /** After changes: stays at the end if it was there, or where it is held. */
  settle() {
    if (this.#held) this.#restore();
    else if (this.isFollowing) this.#log.scrollTop = this.#log.scrollHeight;
    this.#lastTop = this.#log.scrollTop;
  }

  /** Makes changes above the visible messages, which keep their position. */
  keepPlace(change) {
    const anchor = this.#firstSeen();
    const before = anchor?.getBoundingClientRect().top;
    change();
    if (!anchor?.isConnected || anchor.hidden || this.isFollowing || this.#held?.row.isConnected) return this.settle();
    this.#log.scrollTop += anchor.getBoundingClientRect().top - before;
    this.#lastTop = this.#log.scrollTop;
  }

  /** Scrolls an element to the middle of the log, without moving the page around the chat. */
  toMiddle(element) {
    const room = Math.max(0, this.#log.clientHeight - element.offsetHeight);
    this.#log.scrollTop += element.getBoundingClientRect().top - this.#log.getBoundingClientRect().top - room / 2;
  }

  /** Whether an element is in the lower half of the log. */
  isLow(element) {
    const { top, bottom } = this.#log.getBoundingClientRect();
    return element.getBoundingClientRect().bottom > (top + bottom) / 2;
  }

  /** Decides whether to follow. */
  look() {
    const top = this.#log.scrollTop;
    const wasFollowing = this.isFollowing;
    if (this.#distanceToEnd() <= AT_END_PX) this.#follow(this.#mayFollow());
    // Only the visitor scrolls up: growing content never does.
    else if (top < this.#lastTop - 1) this.#follow(false);
    const hasArrived = this.isPaused && top > this.#lastTop + 1 && this.#distanceToEnd() <= AT_END_PX;
    this.#lastTop = top;
    if (this.#held?.row.isConnected) this.#held.top = this.#held.row.getBoundingClientRect().top;
    if (hasArrived) this.#onArrive();
    else if (this.isFollowing !== wasFollowing) this.#onFollow();
  }

  #follow(wantsTo) {
    this.#wantsToFollow = wantsTo;
    this.#mark();
  }

  /** The browser's own scroll anchoring interferes with this one, but helps otherwise. */
  #mark() {
    this.#log.classList.toggle('following', this.isFollowing);
    this.#log.classList.toggle('held', this.isHeld);
  }

  #restore() {
    const { row, top } = this.#held;
    if (!row.isConnected) return;
    const shift = () => row.getBoundingClientRect().top - top;
    if (Math.abs(shift()) < 1) return;
    this.#log.scrollTop += shift();
    // A few messages do not fill the log: there is nothing to scroll.
    if (Math.abs(shift()) < 1) return;
    this.#gap = Math.max(0, this.#gap - shift());
    this.#showGap();
  }

  #showGap() {
    this.#log.style.setProperty('--gap', `${this.#gap}px`);
  }

  #firstSeen() {
    const top = this.#log.getBoundingClientRect().top;
    for (const item of this.#list.children) if (!item.hidden && item.getBoundingClientRect().bottom > top) return item;
    return undefined;
  }

  #scrolled() {
    this.look();
    this.#onMove();
  }

  /** A font that loads late changes the heights, and a phone's keyboard changes the window. */
  #watchSizes(signal, onResize) {
    let width = this.#log.clientWidth;
    const resized = () => {
      this.settle();
      if (this.#log.clientWidth === width) return;
      width = this.#log.clientWidth;
      onResize();
    };
    addEventListener('resize', resized, { signal });
    if (!globalThis.ResizeObserver) return;
    const resizing = new ResizeObserver(resized);
    for (const node of [this.#log, this.#list, this.#pending]) resizing.observe(node);
    signal.addEventListener('abort', () => resizing.disconnect());
  }

  #distanceToEnd() {
    return this.#log.scrollHeight - this.#log.clientHeight - this.#log.scrollTop;
  }
}
