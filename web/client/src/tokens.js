// Where tokens come from: a fixed one, or a function that fetches one whenever it is needed.

import { ChatError } from './chat-error.js';
import { claimsOf } from './jwt.js';

export class Tokens {
  #source;
  #clock;
  #current;
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

  /** The user that the token is of, if one is known yet. */
  get userId() {
    const { sub } = claimsOf(this.#current ?? '');
    return sub === undefined ? undefined : String(sub);
  }

  /** A token that is good now, as far as this side can know. Those who ask at the same time share one fetch. */
  async get() {
    if (!this.isRenewable) return this.#current;
    if (this.#current !== undefined && this.#clock.now() < this.#expiresAt) return this.#current;
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  /** Forgets a token that the server refused, or will refuse soon. Another one that came meanwhile stays. */
  refuse(token) {
    if (this.isRenewable && this.#current === token) this.#current = undefined;
  }

  async #ask() {
    let token;
    try {
      token = await this.#source();
    } catch (cause) {
      throw new ChatError('token_unavailable', `No token could be fetched: ${cause?.message ?? cause}`, { cause });
    }
    if (typeof token !== 'string' || token === '') {
      throw new ChatError('token_unavailable', 'The token function gave no token');
    }
    this.#keep(token);
    return token;
  }

  #keep(token) {
    this.#current = token;
    const expiresAt = Number(claimsOf(token).exp) * 1000;
    // A new token that seems expired shows that this machine's clock is wrong: then only the server can tell.
    this.#expiresAt = expiresAt > this.#clock.now() ? expiresAt : Infinity;
  }
}
