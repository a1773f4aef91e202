// How fast the chat is: above about ten messages a second nobody can read each of them as it comes.

const FAST_PER_SECOND = 10;
/** Between the two, it stays what it is, so that it does not flicker. */
const SLOW_PER_SECOND = 7;
const WINDOW_SECONDS = 3;

export class Pace {
  /** The messages of each second of the window, by that second. */
  #seconds = new Map();
  #isFast = false;

  /** Notes that messages have arrived, at a time in milliseconds. */
  note(count, now = performance.now()) {
    const second = Math.floor(now / 1000);
    this.#seconds.set(second, (this.#seconds.get(second) ?? 0) + count);
  }

  /** Whether messages come too fast to read each. */
  isFast(now = performance.now()) {
    const first = Math.floor(now / 1000) - WINDOW_SECONDS;
    for (const second of this.#seconds.keys()) if (second < first) this.#seconds.delete(second);
    // The running second is not over yet.
    let count = 0;
    for (let second = first; second < first + WINDOW_SECONDS; second += 1) count += this.#seconds.get(second) ?? 0;
    this.#isFast = count / WINDOW_SECONDS > (this.#isFast ? SLOW_PER_SECOND : FAST_PER_SECOND);
    return this.#isFast;
  }
}
