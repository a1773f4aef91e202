// The state of a link from start to stop: sockets, timers, and the waits between attempts.

import { Backoff } from './backoff.js';

export class Run {
  #clock;
  #timers = new Map();

  constructor(clock, random) {
    this.#clock = clock;
    this.backoff = new Backoff(random);
    /** The socket in use. */
    this.current = null;
    /** The socket that is being opened to replace it. */
    this.candidate = null;
    /** The refresh after the last loss. */
    this.refresh = null;
    /** Called at the end. */
    this.unwatch = () => {};
    this.isSessionKnown = false;
    /** The id of the session whose last handshake failed; undefined if it succeeded. A socket does not say why it failed. */
    this.refusedBy = undefined;
    this.isOver = false;
  }

  /** Runs an action after a wait. `hurry` may shorten the wait, but not below `atLeast`. */
  after(name, wait, action, { atLeast = 0 } = {}) {
    this.#clock.clearTimeout(this.#timers.get(name)?.timer);
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(name);
      if (!this.isOver) action();
    }, wait);
    const now = this.#clock.now();
    this.#timers.set(name, { timer, action, at: now + wait, notBefore: now + atLeast });
  }

  /** Shortens the wait for an action, if there is one. */
  hurry(name, wait) {
    const waiting = this.#timers.get(name);
    const now = this.#clock.now();
    const at = Math.max(now + wait, waiting?.notBefore);
    if (at < waiting?.at) this.after(name, at - now, waiting.action, { atLeast: waiting.notBefore - now });
  }

  cancelAll() {
    this.refresh = null;
    for (const { timer } of this.#timers.values()) this.#clock.clearTimeout(timer);
    this.#timers.clear();
  }

  dropCandidate() {
    this.candidate?.connection.close();
    this.candidate = null;
  }

  end() {
    this.isOver = true;
    this.unwatch();
    this.cancelAll();
    this.current?.connection.close();
    this.dropCandidate();
  }
}
