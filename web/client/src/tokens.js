// Where tokens come from: a fixed one, or a function that fetches one whenever it is needed.

import { ChatError } from './chat-error.js';
import { claimsOf } from './jwt.js';

/** The function is the application's: a call of it that hangs must not hold up the way back for ever. */
const DEADLINE_MS = 30_000;

export class Tokens {
  #source;
  #clock;
  #current;
  #isRefused = false;
  #asking;
  #expiresAt = Infinity;

  constructor(source, clock) {
    this.#source = source;
    this.#clock = clock;
    if (!this.isRenewable) this.#keep(source);
  }

  /** Whether there can be another token than this one. */
  get isRenewable() {
    return typeof this.#source === 'function';
  }

  /** When the token expires, in milliseconds since 1970, by this machine's clock. */
  get expiresAt() {
    return this.#expiresAt;
  }

  /** The user that the newest token is of, good or not; undefined before the first one. */
  get userId() {
    const { sub } = claimsOf(this.#current ?? '');
    return sub === undefined ? undefined : String(sub);
  }

  /** A token that is good now, as far as this side can know. Those who ask at the same time share one fetch. */
  async get() {
    if (!this.isRenewable) return this.#current;
    const isGood = this.#current !== undefined && !this.#isRefused && this.#clock.now() < this.#expiresAt;
    return isGood ? this.#current : this.#fetch();
  }

  /** Another token than this one, which stays in use until that one is there. */
  async renew(token) {
    return this.#current === token ? this.#fetch() : this.get();
  }

  /** Notes that the server refused a token. Another one that came meanwhile stays good. */
  refuse(token) {
    if (this.isRenewable && this.#current === token) this.#isRefused = true;
  }

  #fetch() {
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async #ask() {
    const before = this.#current;
    let timer;
    const deadline = new Promise((_, reject) => {
      timer = this.#clock.setTimeout(() => reject(new Error('the token function did not answer in time')), DEADLINE_MS);
    });
    const asked = (async () => this.#source())();
    try {
      const token = await Promise.race([asked, deadline]);
      if (typeof token !== 'string' || token === '') throw new Error('the token function gave none');
      this.#keep(token);
      return token;
    } catch (cause) {
      // A person may have had to sign in first: what comes late is as good, unless another one came meanwhile.
      asked.then((late) => typeof late === 'string' && late !== '' && this.#current === before && this.#keep(late), () => {});
      throw new ChatError('token_unavailable', `No token could be fetched: ${cause?.message ?? cause}`, { cause });
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }

  #keep(token) {
    this.#current = token;
    this.#isRefused = false;
    const expiresAt = Number(claimsOf(token).exp) * 1000;
    // A new token that seems expired shows that this machine's clock is wrong: then only the server can tell.
    this.#expiresAt = expiresAt > this.#clock.now() ? expiresAt : Infinity;
  }
}
