// How long to wait: before trying again, and before a socket is replaced.

const SHORTEST_MS = 500;
const LONGEST_MS = 15_000;
const SPREAD_MS = 30_000;
/** API Gateway cuts every socket after two hours. */
const LIFETIME_MS = 110 * 60_000;
const TOKEN_MARGIN_MS = 60_000;
export const SHORTEST_RENEWAL_MS = 5_000;

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

/** When to open the next socket, and whether that one needs another token: its own is good for `tokenLeft` milliseconds more. */
export function renewal(tokenLeft, random) {
  const byToken = tokenLeft === Infinity ? Infinity : tokenLeft - Math.min(TOKEN_MARGIN_MS, tokenLeft / 10) * (1 + random());
  const byLifetime = LIFETIME_MS * (1 - 0.05 * random());
  return { wait: Math.max(SHORTEST_RENEWAL_MS, Math.min(byToken, byLifetime)), needsToken: byToken < byLifetime };
}
