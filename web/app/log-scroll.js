// The scroll position of the log: it follows the newest message until the visitor scrolls up.

import { $ } from './dom.js';

const AT_END_PX = 40;
const NEAR_PX = 600;

export class LogScroll {
  #log = $('log');
  #lastTop = 0;
  #mayFollow;
  #onFollow;
  #onMove;
  #isFollowing = true;

  /** `onFollow` is called when following begins or ends, `onMove` when the visitor scrolls. */
  constructor({ signal, mayFollow, onFollow, onMove }) {
    this.#mayFollow = mayFollow;
    this.#onFollow = onFollow;
    this.#onMove = onMove;
    this.isFollowing = true;
    this.#log.addEventListener('scroll', () => this.#scrolled(), { signal, passive: true });
    // A font that loads late changes the heights, and a phone's keyboard changes the window.
    const resizing = new ResizeObserver(() => this.settle());
    for (const node of [this.#log, $('messages'), $('pending')]) resizing.observe(node);
    signal.addEventListener('abort', () => resizing.disconnect());
  }

  get isFollowing() {
    return this.#isFollowing;
  }

  /** The browser's own scroll anchoring interferes with following, but helps otherwise. */
  set isFollowing(isFollowing) {
    this.#isFollowing = isFollowing;
    this.#log.classList.toggle('following', isFollowing);
  }

  get isNearStart() {
    return this.#log.scrollTop < NEAR_PX;
  }

  get isNearEnd() {
    return this.#distanceToEnd() < NEAR_PX;
  }

  toEnd() {
    this.isFollowing = true;
    this.settle();
  }

  /** After changes: stays at the end if it was there. */
  settle() {
    if (this.isFollowing) this.#log.scrollTop = this.#log.scrollHeight;
    this.#lastTop = this.#log.scrollTop;
  }

  /** Makes changes above the visible messages, which keep their position. */
  keepPlace(change) {
    const anchor = this.#firstSeen();
    const before = anchor?.getBoundingClientRect().top;
    change();
    if (!anchor?.isConnected || this.isFollowing) return this.settle();
    this.#log.scrollTop += anchor.getBoundingClientRect().top - before;
    this.#lastTop = this.#log.scrollTop;
  }

  #firstSeen() {
    const top = this.#log.getBoundingClientRect().top;
    for (const item of $('messages').children) if (item.getBoundingClientRect().bottom > top) return item;
    return undefined;
  }

  #scrolled() {
    this.look();
    this.#onMove();
  }

  /** Decides whether to follow. */
  look() {
    const top = this.#log.scrollTop;
    const wasFollowing = this.isFollowing;
    if (this.#distanceToEnd() <= AT_END_PX) this.isFollowing = this.#mayFollow();
    // Only the visitor scrolls up: growing content never does.
    else if (top < this.#lastTop - 1) this.isFollowing = false;
    this.#lastTop = top;
    if (this.isFollowing !== wasFollowing) this.#onFollow();
  }

  #distanceToEnd() {
    return this.#log.scrollHeight - this.#log.clientHeight - this.#log.scrollTop;
  }
}
