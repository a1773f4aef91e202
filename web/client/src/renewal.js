// Opens the next socket while the current one is still in use, before API Gateway closes it and before its token expires.

/** API Gateway closes every socket after two hours. */
const LIFETIME_MS = 110 * 60_000;
const TOKEN_MARGIN_MS = 60_000;
const SHORTEST_MS = 5_000;

export class Renewal {
  #clock;
  #random;
  #tokens;
  #establish;
  #adopt;
  #onError;

  /** `establish` opens a socket that is caught up, and `adopt` replaces the current one with it. */
  constructor({ clock, random, tokens, establish, adopt, onError }) {
    this.#clock = clock;
    this.#random = random;
    this.#tokens = tokens;
    this.#establish = establish;
    this.#adopt = adopt;
    this.#onError = onError;
  }

  /** Schedules the renewal of a socket. */
  later(run, wire) {
    const tokenLeft = this.#tokens.isRenewable ? wire.expiresAt - this.#clock.now() : Infinity;
    const { wait, needsToken } = due(tokenLeft, this.#random);
    run.after('renew', wait, () => this.now(run, wire, { needsToken }));
  }

  /** Renews a socket, and retries until that succeeds. */
  async now(run, wire, { needsToken }) {
    if (wire.isRenewing) return;
    wire.isRenewing = true;
    const again = ({ retryAfterMs = 0 } = {}) => {
      const wait = Math.max(SHORTEST_MS, run.backoff.next(), retryAfterMs);
      run.after('renew', wait, () => this.now(run, wire, { needsToken }));
    };
    try {
      if (needsToken) {
        const token = await this.#tokens.renew(wire.token);
        if (run.isOver || run.current !== wire) return;
        // The application still returns the old token: another socket with it would end just as early.
        if (token === wire.token) return again();
      }
      const next = await this.#establish(run);
      if (!run.isOver && run.current === wire) this.#adopt(run, next);
      else next.connection.close();
    } catch (error) {
      if (run.isOver || run.current !== wire) return;
      run.dropCandidate();
      this.#onError(error);
      again(error);
    } finally {
      wire.isRenewing = false;
    }
  }
}

/** When a socket's renewal is due, and whether the next one needs a new token: the current one is valid for `tokenLeft` ms more. */
function due(tokenLeft, random) {
  const byToken = tokenLeft === Infinity ? Infinity : tokenLeft - Math.min(TOKEN_MARGIN_MS, tokenLeft / 10) * (1 + random());
  const byLifetime = LIFETIME_MS * (1 - 0.05 * random());
  return { wait: Math.max(SHORTEST_MS, Math.min(byToken, byLifetime)), needsToken: byToken < byLifetime };
}
