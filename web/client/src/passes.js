// How a socket authenticates. URLs end up in logs, so the token stays out of them: a ticket, fetched over REST, is valid for one
// socket and half a minute only.

import { ChatError } from './chat-error.js';

/** When a network fails, a call may hang on an old connection; the next attempt uses a new one. */
const DEADLINE_MS = 5_000;
/** The statuses of a deployment without tickets. */
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

  /** The credentials of the next socket: query parameters and subprotocols, and the token behind them. */
  async next() {
    const ticket = this.#kind === 'ticket' ? await this.#fetchTicket() : undefined;
    // After the ticket, because fetching it replaces a refused token.
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
      // Remembered, so that further sockets do not make a futile call.
      this.#kind = 'subprotocol';
      return undefined;
    }
  }
}
