// How long to wait before trying again.

const SHORTEST_MS = 500;
const LONGEST_MS = 15_000;
const SPREAD_MS = 30_000;

/** Waits that grow with each failure. They are random, so that clients which fail together do not come back together. */
export class Backoff {
  #random;
  #failures = 0;
  #isSpread = false;

  constructor(random) {
    this.#random = random;
  }

  /** The next wait in milliseconds: at random from half a second to a bound that doubles each time. */
  next() {
    this.#failures += 1;
    const most = this.#isSpread ? SPREAD_MS : Math.min(LONGEST_MS, SHORTEST_MS * 2 ** this.#failures);
    return SHORTEST_MS + this.#random() * (most - SHORTEST_MS);
  }

  /**
   * A chat that was there could not be reached. One such failure may be this device's own; a second one in a row looks like a
   * server that is down for everybody: from then on, the waits go up to the bound that spreads all its clients.
   */
  refused() {
    this.#isSpread = this.#failures > 0;
  }

  reset() {
    this.#failures = 0;
    this.#isSpread = false;
  }
}

/** A wait for when everybody was sent away at the same moment: a session or a server has ended. */
export const spread = (random) => random() * SPREAD_MS;
