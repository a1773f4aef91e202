// Messages that arrived since the last frame, and how fast they come.

import { Pace } from './pace.js';

/** Drawing more often than this makes no visible difference, but slows down a small machine. */
const DRAW_PAUSE_MS = 100;
/** What comes too fast to read each comes in whole batches. */
const FAST_DRAW_PAUSE_MS = 250;

export class Arrivals {
  #most;
  #messages = [];
  /** How many arrived, possibly more than are kept. */
  #count = 0;
  #pace = new Pace();

  /** A page in the background draws no frames: of more than `most` messages, the oldest will never be shown, and are dropped. */
  constructor(most) {
    this.#most = most;
  }

  add(message) {
    this.#messages.push(message);
    this.#count += 1;
    this.#pace.note(1);
    if (this.#messages.length > this.#most) this.#messages.shift();
  }

  /** Those for which `isGone` says so are not shown. */
  drop(isGone) {
    this.#messages = this.#messages.filter((message) => !isGone(message));
  }

  clear() {
    this.#messages = [];
    this.#count = 0;
  }

  /** All of them, for the frame that shows them: how many arrived, those that were kept, and whether some were not. */
  take() {
    const taken = { count: this.#count, messages: this.#messages, isGap: this.#count > this.#messages.length };
    this.clear();
    return taken;
  }

  /** The least time between two frames that show some. */
  get pauseMs() {
    return this.#pace.isFast() ? FAST_DRAW_PAUSE_MS : DRAW_PAUSE_MS;
  }
}
