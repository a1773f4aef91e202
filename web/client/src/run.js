// What a link has from its start to its end: sockets, timers, and the waits between tries.

import { Backoff } from './backoff.js';

export class Run {
  #clock;
  #timers = new Map();

  constructor(clock, random) {
    this.#clock = clock;
    this.backoff = new Backoff(random);
    /** The socket that counts. */
    this.current = null;
    /** The one that is on its way to take its place. */
    this.candidate = null;
    this.isRenewing = false;
    this.isSessionKnown = false;
    this.isOver = false;
  }

  after(name, wait, action) {
    this.#clock.clearTimeout(this.#timers.get(name));
    const timer = this.#clock.setTimeout(() => {
      if (!this.isOver) action();
    }, wait);
    this.#timers.set(name, timer);
  }

  cancelAll() {
    for (const timer of this.#timers.values()) this.#clock.clearTimeout(timer);
    this.#timers.clear();
  }

  dropCandidate() {
    this.candidate?.connection.close();
    this.candidate = null;
  }

  end() {
    this.isOver = true;
    this.cancelAll();
    this.current?.connection.close();
    this.dropCandidate();
  }
}
