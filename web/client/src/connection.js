// One socket, from its handshake to its end: pings, deadlines, and frames split into events.

import { ChatError } from './chat-error.js';

const OPEN_DEADLINE_MS = 15_000;
const PING_MS = 30_000;
const PONG_DEADLINE_MS = 10_000;
const RESUME_DEADLINE_MS = 15_000;

export class Connection {
  #socket;
  #clock;
  #onEvent;
  #onLost;
  #settleOpened;
  #resuming;
  #timers = new Map();
  #over = false;

  /** `onEvent` gets each event in order; `onLost` is called once, unless this side closes the socket. */
  constructor({ WebSocket, url, protocols, clock, onEvent, onLost }) {
    this.#clock = clock;
    this.#onEvent = onEvent;
    this.#onLost = onLost;
    /** Resolves when the socket is open; rejects if it never will be. */
    this.opened = new Promise((resolve, reject) => (this.#settleOpened = { resolve, reject }));
    this.opened.catch(() => {});
    try {
      this.#socket = new WebSocket(url, protocols);
    } catch (cause) {
      // The page's policy forbids it, or the URL or token is invalid for a socket: another attempt would fail, too.
      throw new ChatError('no_socket', `A socket cannot be made here: ${cause?.message ?? cause}`, { cause });
    }
    this.#after('open', OPEN_DEADLINE_MS, () => this.giveUp('The socket did not open in time'));
    this.#socket.onopen = () => this.#open();
    this.#socket.onmessage = ({ data }) => this.#hear(data);
    this.#socket.onclose = ({ code }) => this.#lose(`The socket was closed (${code})`, { closeCode: code });
    // An error event has no details; the close event that follows has a few.
    this.#socket.onerror = () => {};
  }

  send(frame) {
    if (!this.#over) this.#socket.send(JSON.stringify(frame));
  }

  /** Asks for the messages after a number; resolves with the `resumed` frame. One request at a time. */
  resume(after) {
    return new Promise((resolve, reject) => {
      if (this.#over) return reject(lost('The socket is closed'));
      this.#resuming = { resolve, reject };
      this.#after('resume', RESUME_DEADLINE_MS, () => this.giveUp('Resuming was not answered in time'));
      this.send({ type: 'resume', after });
    });
  }

  /** Checks whether the peer still answers, unless a check is already in progress. */
  check() {
    if (!this.#over && !this.#timers.has('open') && !this.#timers.has('pong')) this.#ping();
  }

  close() {
    if (this.#over) return;
    this.#end(lost('The socket is closed'));
    this.#socket.close(1000);
  }

  /** Treats the connection as lost. A dead peer does not answer a close frame: `ws` can end a socket at once, others time out by themselves. */
  giveUp(message) {
    if (this.#over) return;
    const socket = this.#socket;
    this.#lose(message);
    if ('terminate' in socket) socket.terminate();
    else socket.close();
  }

  #open() {
    this.#cancel('open');
    this.#settleOpened.resolve();
    // The counters may have changed after they were read and before this socket received updates.
    this.send({ type: 'ping' });
    this.#pingLater();
  }

  #pingLater() {
    this.#after('ping', PING_MS, () => {
      this.#ping();
      this.#pingLater();
    });
  }

  /** A socket whose peer is gone accepts frames for minutes without an error: only a response shows that it is alive. */
  #ping() {
    this.send({ type: 'ping' });
    this.#after('pong', PONG_DEADLINE_MS, () => this.giveUp('The socket no longer answers'));
  }

  #hear(data) {
    let event;
    try {
      event = JSON.parse(data);
    } catch {
      return;
    }
    const events = event?.type === 'batch' && Array.isArray(event.events) ? event.events : [named(event)];
    for (const event of events) {
      if (this.#over) return;
      if (event?.type === 'pong' || event?.type === 'error') this.#cancel('pong');
      if (event?.type === 'resumed') this.#settleResuming((resuming) => resuming.resolve(event));
      else this.#onEvent(event ?? {});
      // An error without a `client_message_id` may answer any frame, including the resume.
      if (event?.type === 'error' && event.client_message_id === undefined) {
        const error = lost(`Resuming failed: ${event.message}`, { retryAfterMs: event.retry_after_ms });
        this.#settleResuming((resuming) => resuming.reject(error));
      }
    }
  }

  #settleResuming(settle) {
    const resuming = this.#resuming;
    this.#resuming = undefined;
    this.#cancel('resume');
    if (resuming) settle(resuming);
  }

  #lose(message, details) {
    if (this.#over) return;
    const loss = lost(message, details);
    this.#end(loss);
    this.#onLost(loss);
  }

  #end(reason) {
    this.#over = true;
    for (const name of [...this.#timers.keys()]) this.#cancel(name);
    this.#settleOpened.reject(reason);
    this.#settleResuming((resuming) => resuming.reject(reason));
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
  }

  #after(name, wait, action) {
    this.#cancel(name);
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(name);
      action();
    }, wait);
    this.#timers.set(name, timer);
  }

  #cancel(name) {
    if (!this.#timers.has(name)) return;
    this.#clock.clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}

/** If API Gateway cannot invoke the function, for example while Lambda is throttled, it sends a frame of its own, without a type. */
function named(frame) {
  const isGateways = frame?.type === undefined && frame?.requestId !== undefined;
  return isGateways ? { type: 'error', code: 'unavailable', message: String(frame.message) } : frame;
}

const lost = (message, details) => new ChatError('connection_lost', message, details);
