// How a socket shows whose it is. Addresses end up in logs, so that the token itself stays out of them: a ticket, fetched over
// REST, is good for one socket and half a minute only.

import { ChatError } from './chat-error.js';

/** While a network dies, a call may hang on an old connection: the next attempt takes a new one. */
const DEADLINE_MS = 5_000;
/** What a deployment answers that has no tickets. */
const NO_ROUTE = [404, 405];

export class Passes {
  #rest;
  #tokens;
  #kind;

  /** `kind` is `ticket`, `subprotocol` or `query`. */
  constructor({ rest, tokens, kind }) {
    this.#rest = rest;
    this.#tokens = tokens;
    this.#kind = kind;
  }

  /** What the next socket takes along: parts of its address, its subprotocols; and the token that stands behind them. */
  async next() {
    const ticket = this.#kind === 'ticket' ? await this.#fetchTicket() : undefined;
    // After the ticket, because a refused token is replaced on the way to it.
    const token = await this.#tokens.get();
    if (ticket !== undefined) return { token, query: { ticket }, protocols: [] };
    if (this.#kind === 'query') return { token, query: { token }, protocols: [] };
    return { token, query: {}, protocols: ['bearer', token] };
  }

  async #fetchTicket() {
    try {
      const { ticket } = await this.#rest.call('POST', 'ticket', { deadlineMs: DEADLINE_MS });
      if (typeof ticket !== 'string' || ticket === '') throw new ChatError('invalid_answer', 'The chat gave no ticket');
      return ticket;
    } catch (error) {
      if (!NO_ROUTE.includes(error.status)) throw error;
      // Remembered, or each socket would cost a call in vain.
      this.#kind = 'subprotocol';
      return undefined;
    }
  }
}
