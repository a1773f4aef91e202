// Waits between attempts.

const SHORTEST_MS = 500;
const LONGEST_MS = 15_000;
const SPREAD_MS = 30_000;

/** Waits that grow with each failure, with jitter, so that clients which fail together do not retry together. */
export class Backoff {
  #random;
  #failures = 0;
  #isSpread = false;

  constructor(random) {
    this.#random = random;
  }

  /** The next wait in milliseconds: random, from half a second up to a bound that doubles each time. */
  next() {
    this.#failures += 1;
    const most = this.#isSpread ? SPREAD_MS : Math.min(LONGEST_MS, SHORTEST_MS * 2 ** this.#failures);
    return SHORTEST_MS + this.#random() * (most - SHORTEST_MS);
  }

  /**
   * A chat that was live before cannot be reached. One such failure may be this device's fault; a second one in a row suggests that
   * the server is down for everybody: from then on, the bound is the one that spreads all clients.
   */
  refused() {
    this.#isSpread = this.#failures > 0;
  }

  reset() {
    this.#failures = 0;
    this.#isSpread = false;
  }
}

/** The wait when all clients were disconnected at the same moment, because a session or a server has ended. */
export const spread = (random) => random() * SPREAD_MS;
