// How a socket authenticates. URLs end up in logs, so the token stays out of them: a ticket, fetched over REST, is valid for one
// socket and half a minute only.

import { ChatError } from './chat-error.js';

/** When a network fails, a call may hang on an old connection; the next attempt uses a new one. */
const DEADLINE_MS = 5_000;
/** The room of calls that name none. */
const MAIN = 'main';
/** The statuses of a deployment without tickets. */
const NO_ROUTE = [404, 405];
/** What says nothing about the socket: the network, the server's health, and the token, about which the handshake decides. */
const NO_REASON = ['network', 'unavailable', 'unauthorized', 'token_unavailable'];

export class Passes {
  #rest;
  #tokens;
  #kind;
  #hasTickets = true;

  /** `kind` is `ticket`, `subprotocol` or `query`. */
  constructor({ rest, tokens, kind }) {
    this.#rest = rest;
    this.#tokens = tokens;
    this.#kind = kind;
  }

  /**
   * The credentials of the next socket: query parameters and subprotocols, and the token behind them. A browser does not say why a
   * handshake failed, but the call for a ticket does. So if the last handshake into a session failed, its id is `refusedBy`, and the
   * reason for that is thrown, if there still is one. `room` is the session's, undefined if the server is older than rooms.
   */
  async next({ refusedBy, room } = {}) {
    const ticket = this.#kind === 'ticket' ? await this.#fetchTicket(refusedBy, room) : await this.#askWhy(refusedBy);
    // After the ticket, because fetching it replaces a refused token.
    const token = await this.#tokens.get();
    if (ticket !== undefined) return { token, query: { ticket }, protocols: [] };
    if (this.#kind === 'query') return { token, query: { token }, protocols: [] };
    return { token, query: {}, protocols: ['bearer', token] };
  }

  async #fetchTicket(refusedBy, room) {
    const answer = await this.#call(refusedBy, room);
    // Remembered, so that further sockets do not make a futile call.
    if (answer === undefined) this.#kind = 'subprotocol';
    else if (typeof answer?.ticket !== 'string' || answer.ticket === '') throw new ChatError('invalid_answer', 'The chat gave no ticket');
    return answer?.ticket;
  }

  /** The token opens the socket, so the ticket is not used: whatever else happens to this call, the handshake is tried. */
  async #askWhy(refusedBy) {
    if (refusedBy === undefined || !this.#hasTickets) return;
    try {
      await this.#call(refusedBy);
    } catch (error) {
      if (error.refusedSocket) throw error;
    }
  }

  /** The response of the call for a ticket; undefined if the deployment has none. */
  async #call(refusedBy, room) {
    // For a ticket to a room that is named, the server looks up more.
    const query = refusedBy === undefined ? { room: room === MAIN ? undefined : room } : { session_id: refusedBy };
    try {
      return await this.#rest.call('POST', 'ticket', { query, deadlineMs: DEADLINE_MS });
    } catch (error) {
      // API Gateway's own errors have no problem details.
      const isReason = refusedBy !== undefined && error.cause?.code === error.code && !NO_REASON.includes(error.code);
      if (isReason) throw refusal(error);
      if (!NO_ROUTE.includes(error.status)) throw error;
      this.#hasTickets = false;
      return undefined;
    }
  }
}

const refusal = ({ code, message, status, retryAfterMs, cause }) =>
  new ChatError(code, message, { status, retryAfterMs, cause, refusedSocket: true });
