// The next socket opens while the one before goes on: before API Gateway cuts that one, and before its token expires.

/** API Gateway cuts every socket after two hours. */
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

  /** `establish` opens a socket that is complete, and `adopt` lets it take the place of the one before. */
  constructor({ clock, random, tokens, establish, adopt, onError }) {
    this.#clock = clock;
    this.#random = random;
    this.#tokens = tokens;
    this.#establish = establish;
    this.#adopt = adopt;
    this.#onError = onError;
  }

  /** Renews a socket in time. */
  later(run, wire) {
    const tokenLeft = this.#tokens.isRenewable ? wire.expiresAt - this.#clock.now() : Infinity;
    const { wait, needsToken } = due(tokenLeft, this.#random);
    run.after('renew', wait, () => this.now(run, wire, { needsToken }));
  }

  /** Renews a socket, as often as that takes. */
  async now(run, wire, { needsToken }) {
    if (wire.isRenewing) return;
    wire.isRenewing = true;
    const again = () => {
      const wait = Math.max(SHORTEST_MS, run.backoff.next());
      run.after('renew', wait, () => this.now(run, wire, { needsToken }));
    };
    try {
      if (needsToken) {
        const token = await this.#tokens.renew(wire.token);
        if (run.isOver || run.current !== wire) return;
        // The application holds on to its token for longer: another socket with it would end as soon.
        if (token === wire.token) return again();
      }
      const next = await this.#establish(run);
      if (!run.isOver && run.current === wire) this.#adopt(run, next);
      else next.connection.close();
    } catch (error) {
      if (run.isOver || run.current !== wire) return;
      run.dropCandidate();
      this.#onError(error);
      again();
    } finally {
      wire.isRenewing = false;
    }
  }
}

/** When a socket is due, and whether the next one needs another token: its own is good for `tokenLeft` milliseconds more. */
function due(tokenLeft, random) {
  const byToken = tokenLeft === Infinity ? Infinity : tokenLeft - Math.min(TOKEN_MARGIN_MS, tokenLeft / 10) * (1 + random());
  const byLifetime = LIFETIME_MS * (1 - 0.05 * random());
  return { wait: Math.max(SHORTEST_MS, Math.min(byToken, byLifetime)), needsToken: byToken < byLifetime };
}
