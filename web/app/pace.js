// How fast the chat is: above about ten messages a second nobody can read each of them as it comes.

const FAST_PER_SECOND = 10;
/** Slower than this, it is no longer fast: in between, it stays what it is, so that it does not flicker. */
const SLOW_PER_SECOND = 7;
const WINDOW_MS = 3000;

export class Pace {
  #arrivals = [];
  #isFast = false;

  /** Notes that messages have arrived, at a time in milliseconds. */
  note(count, now = performance.now()) {
    this.#arrivals.push({ count, at: now });
  }

  /** Whether messages come too fast to read each. */
  isFast(now = performance.now()) {
    const kept = this.#arrivals.filter(({ at }) => at > now - WINDOW_MS);
    this.#arrivals = kept;
    const perSecond = kept.reduce((sum, { count }) => sum + count, 0) / (WINDOW_MS / 1000);
    this.#isFast = perSecond > (this.#isFast ? SLOW_PER_SECOND : FAST_PER_SECOND);
    return this.#isFast;
  }
}
