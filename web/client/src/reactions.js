// Reactions: collected, and counted by one call a second at most.
//
// A reaction never counts twice. What the server refused is sent again when it allows it; what may have counted, because the answer was lost,
// is not.

/** A call has at most so many, and a user as many in any second. */
const MOST = 20;
const PAUSE_MS = 1_000;
/** What waits beyond this is dropped: nobody applauds for longer than a few seconds at once. */
const MOST_WAITING = 100;
/** Codes of answers after which nothing has counted, and a later call may. */
const NOT_COUNTED = ['rate_limited'];

export class Reactions {
  #clock;
  #post;
  #waiting = new Map();
  #freeAt = 0;
  #timer;
  #settled = [];

  /** `post(reactions)` makes the call. */
  constructor({ clock, post }) {
    this.#clock = clock;
    this.#post = post;
  }

  /** Adds reactions; resolves once the call that has the last of them is answered, and rejects if it failed. */
  add(reaction, count = 1) {
    if (!Number.isInteger(count) || count < 1) return Promise.reject(new TypeError('A count is a whole number from 1 on'));
    const room = MOST_WAITING - [...this.#waiting.values()].reduce((sum, one) => sum + one, 0);
    if (room > 0) this.#waiting.set(reaction, (this.#waiting.get(reaction) ?? 0) + Math.min(count, room));
    const settled = new Promise((resolve, reject) => this.#settled.push({ resolve, reject }));
    // An application need not wait for it.
    settled.catch(() => {});
    if (this.#timer === undefined) this.#sendAt(this.#freeAt);
    return settled;
  }

  #sendAt(time) {
    this.#timer = this.#clock.setTimeout(() => this.#send(), Math.max(0, time - this.#clock.now()));
  }

  async #send() {
    const [taken, isAll] = this.#take();
    const settled = isAll ? this.#settled.splice(0) : [];
    const begun = this.#clock.now();
    let pause = PAUSE_MS;
    try {
      const answer = await this.#post(Object.fromEntries(taken));
      for (const { resolve } of settled) resolve(answer);
    } catch (error) {
      if (NOT_COUNTED.includes(error.code)) {
        for (const [reaction, count] of taken) this.#waiting.set(reaction, (this.#waiting.get(reaction) ?? 0) + count);
        this.#settled.unshift(...settled);
        pause = Math.max(pause, error.retryAfterMs ?? 0);
      } else {
        for (const { reject } of settled) reject(error);
      }
    }
    this.#freeAt = begun + pause;
    this.#timer = undefined;
    if (this.#waiting.size > 0) this.#sendAt(this.#freeAt);
    // A call of so many that none was left over has settled all.
    else if (this.#settled.length > 0) this.#settled.splice(0).forEach(({ resolve }) => resolve(undefined));
  }

  /** Takes as many as a call has, and tells whether that is all. */
  #take() {
    const taken = new Map();
    let left = MOST;
    for (const [reaction, count] of this.#waiting) {
      const part = Math.min(count, left);
      if (part === 0) break;
      taken.set(reaction, part);
      left -= part;
      if (part === count) this.#waiting.delete(reaction);
      else this.#waiting.set(reaction, count - part);
    }
    return [taken, this.#waiting.size === 0];
  }
}
