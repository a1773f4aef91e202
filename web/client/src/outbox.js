// Outgoing messages. Each is kept until the server acknowledges it, over any number of sockets: it is sent again under the same
// `client_message_id`, which the server stores once. Only one is in flight at a time, because two frames may be reordered.

import { Backoff } from './backoff.js';
import { ChatError } from './chat-error.js';

const ANSWER_DEADLINE_MS = 15_000;
const LARGEST_FRAME_BYTES = 32 * 1024;
/** A user may send 60 frames a minute, over all sockets; a few are reserved for pings and for catching up. */
const FRAMES_PER_MINUTE = 54;
const MINUTE_MS = 60_000;
const MOST_TRIES = 5;

export class Outbox {
  #clock;
  #newId;
  #emit;
  #backoff;
  #queue = [];
  #send;
  #sentAt = [];
  #timer;
  #heldUntil = 0;

  constructor({ clock, random, newId, emit }) {
    this.#clock = clock;
    this.#newId = newId;
    this.#emit = emit;
    this.#backoff = new Backoff(random);
  }

  /** Messages that are not acknowledged yet, oldest first. */
  get pending() {
    return this.#queue.map(({ frame }) => outline(frame));
  }

  /** Sends a text; resolves with its `ack`. */
  add(text, { replyTo, mentions, kind } = {}) {
    const frame = { type: 'message', message: text, client_message_id: this.#newId(), ...(replyTo && { reply_to: replyTo }), ...(mentions?.length && { mentions }), ...(kind && { kind }) };
    const entry = { frame, failures: 0 };
    const acknowledged = new Promise((resolve, reject) => Object.assign(entry, { resolve, reject }));
    // If the application does not await it, the event `failed` reports the failure; an unhandled rejection would end the process.
    acknowledged.catch(() => {});
    this.#queue.push(entry);
    this.#emit('pending', outline(frame));
    if (new TextEncoder().encode(JSON.stringify(frame)).length > LARGEST_FRAME_BYTES) {
      // The server would close the socket.
      this.#fail(entry, new ChatError('too_large', 'The message is too large'));
    } else if (this.#queue[0] === entry) {
      this.#transmit();
    }
    return acknowledged;
  }

  /** A socket is open: pending messages are sent over it. */
  attach(send) {
    this.#send = send;
    this.#transmit();
  }

  /** There is no socket for now. */
  detach() {
    this.#send = undefined;
    this.#clock.clearTimeout(this.#timer);
  }

  /** The server has stored the message, or holds it; returns whether the message was still pending. */
  acknowledge({ client_message_id, message_id, created_at, duplicate, status, held_id }) {
    const entry = this.#queue[0];
    if (entry?.frame.client_message_id !== client_message_id) return false;
    this.#queue.shift();
    this.#backoff.reset();
    entry.resolve({ client_message_id, message_id, created_at, duplicate, ...(status && { status, held_id }) });
    this.#transmit();
    return true;
  }

  /** A message arrived: if it is the pending one, it was stored, even if the `ack` was lost. No other client knows its key. */
  heard({ client_message_id, id, created_at }) {
    if (client_message_id) this.acknowledge({ client_message_id, message_id: id, created_at, duplicate: false });
  }

  /**
   * The server answered a frame with an error; an error without a key may refer to the message, too. If the message is to be retried,
   * returns the wait until then.
   */
  refuse({ code, message, client_message_id, retry_after_ms: retryAfterMs }) {
    const entry = this.#queue[0];
    const isMine = entry && entry.frame.client_message_id === client_message_id;
    if (!isMine && client_message_id !== undefined) return;
    // The server knows when a rate limit ends. When it will be available again it can only guess, and its guess never grows.
    if (code === 'rate_limited') return this.#hold(retryAfterMs ?? this.#backoff.next());
    const mayTryAgain = code === 'unavailable' && (!isMine || ++entry.failures < MOST_TRIES);
    if (mayTryAgain) return this.#hold(Math.max(retryAfterMs ?? 0, this.#backoff.next()));
    // An expired token concerns the connection: the message waits for the next socket.
    if (!isMine || code === 'token_expired' || code === 'unauthorized') return;
    this.#fail(entry, new ChatError(code, message, { retryAfterMs }));
    this.#transmit();
  }

  /** Gives up all messages. Call the returned function to report that; messages that listeners then send count as new. */
  giveUp(error) {
    this.detach();
    const entries = this.#queue.splice(0);
    return () => entries.forEach((entry) => this.#fail(entry, error));
  }

  #hold(wait) {
    const now = this.#clock.now();
    // An earlier error may have asked for a longer wait.
    this.#heldUntil = Math.max(this.#heldUntil, now + wait);
    this.#transmit();
    return this.#heldUntil - now;
  }

  /** Sends the first message as soon as that is allowed, and again if no response comes. */
  #transmit() {
    this.#clock.clearTimeout(this.#timer);
    if (!this.#send || this.#queue.length === 0) return;
    const now = this.#clock.now();
    const wait = Math.max(this.#heldUntil, this.#budgetIsFreeAt(now)) - now;
    if (wait > 0) {
      this.#timer = this.#clock.setTimeout(() => this.#transmit(), wait);
      return;
    }
    this.#sentAt.push(now);
    this.#timer = this.#clock.setTimeout(() => this.#transmit(), ANSWER_DEADLINE_MS);
    this.#send(this.#queue[0].frame);
  }

  #budgetIsFreeAt(now) {
    this.#sentAt = this.#sentAt.filter((at) => at > now - MINUTE_MS);
    return this.#sentAt.length < FRAMES_PER_MINUTE ? 0 : this.#sentAt[0] + MINUTE_MS;
  }

  #fail(entry, error) {
    this.#queue = this.#queue.filter((other) => other !== entry);
    this.#emit('failed', { ...outline(entry.frame), code: error.code, error });
    entry.reject(error);
  }
}

const outline = ({ type, ...rest }) => rest;
