// The source of tokens: a fixed one, or a function that fetches one when needed.

import { ChatError } from './chat-error.js';
import { claimsOf } from './jwt.js';

/** The function belongs to the application: if it hangs, it must not block reconnecting forever. */
const DEADLINE_MS = 30_000;
/** What a header can carry. A token from a file or the clipboard may have white space around it. */
const SENDABLE = /^[\x21-\x7e]+$/;
const isToken = (value) => typeof value === 'string' && SENDABLE.test(value.trim());

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

  /** Whether a new token can be fetched. */
  get isRenewable() {
    return typeof this.#source === 'function';
  }

  /** When the token expires, in milliseconds since 1970, by this machine's clock. */
  get expiresAt() {
    return this.#expiresAt;
  }

  /** The user of the newest token, valid or not; undefined before the first token. */
  get userId() {
    return claimsOf(this.#current ?? '').sub;
  }

  /** A token that is valid now, as far as the client can know. Concurrent callers share one fetch. */
  async get() {
    if (!this.isRenewable) {
      // `fetch` fails on it as if there were no network, and the client would go on trying.
      if (!SENDABLE.test(this.#current)) throw new ChatError('unauthorized', 'The token has characters that no token has');
      return this.#current;
    }
    const isGood = this.#current !== undefined && !this.#isRefused && this.#clock.now() < this.#expiresAt;
    return isGood ? this.#current : this.#fetch();
  }

  /** A newer token than this one, which stays in use until the new one arrives. */
  async renew(token) {
    return this.#current === token ? this.#fetch() : this.get();
  }

  /** Records that the server refused a token. A newer token stays valid. */
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
      if (!isToken(token)) throw new Error('the token function gave none');
      this.#keep(token);
      return this.#current;
    } catch (cause) {
      // The user may have had to sign in first: a late token is still useful, unless a newer one arrived meanwhile.
      asked.then((late) => isToken(late) && this.#current === before && this.#keep(late), () => {});
      throw new ChatError('token_unavailable', `No token could be fetched: ${cause?.message ?? cause}`, { cause });
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }

  #keep(token) {
    this.#current = token.trim();
    this.#isRefused = false;
    const expiresAt = Number(claimsOf(token).exp) * 1000;
    // If a new token seems expired, this machine's clock is wrong, and only the server can tell when it expires.
    this.#expiresAt = expiresAt > this.#clock.now() ? expiresAt : Infinity;
  }
}
