// Keeps one socket alive: opens it, catches up, and starts over when it is lost. (renewal.js replaces it before it ends.)

import { lookUp } from './after-loss.js';
import { spread } from './backoff.js';
import { begin, catchUp } from './catch-up.js';
import { ChatError } from './chat-error.js';
import { SENT_AWAY, UNREACHABLE, isFinal, sessionOf } from './entry.js';
import { watchNetwork } from './network.js';
import { Renewal } from './renewal.js';
import { Run } from './run.js';

const FIRST_MEND_MS = 1_000;
const LAST_MEND_MS = 16_000;
/** Devices that lost a network together come back together. */
const ONLINE_SPREAD_MS = 1_000;

export class Link {
  #clock;
  #random;
  #network;
  #tokens;
  #passes;
  #rest;
  #room;
  #outbox;
  #asked;
  #history;
  #openSocket;
  #onState;
  #onRefused;
  #onError;
  #renewal;
  /** What a look at the server needs; without the `last` number that is known, messages are not compared. */
  #lookingUp;
  #run = null;

  /** `asked` is `{ session_id, room }`: the session to join, or the room whose sessions are joined; both undefined for the chat's own. */
  constructor({ clock, random, network, tokens, passes, rest, room, outbox, asked, history, openSocket, onState, onRefused, onError }) {
    this.state = 'ended';
    this.#clock = clock;
    this.#random = random;
    this.#network = network;
    this.#tokens = tokens;
    this.#passes = passes;
    this.#rest = rest;
    this.#room = room;
    this.#outbox = outbox;
    this.#asked = asked;
    this.#history = history;
    this.#openSocket = openSocket;
    this.#onState = onState;
    this.#onRefused = onRefused;
    this.#onError = onError;
    this.#lookingUp = { rest, room, random, onError };
    this.#renewal = new Renewal({
      clock,
      random,
      tokens,
      establish: (run) => this.#establish(run),
      adopt: (run, wire) => this.#adopt(run, wire),
      onError,
    });
  }

  /** Starts, unless it runs already. */
  start() {
    if (this.state !== 'ended') return;
    this.#endRun();
    const run = new Run(this.#clock, this.#random);
    this.#run = run;
    run.unwatch = watchNetwork(this.#network, { onOnline: () => this.#online(run), onOffline: () => this.#offline(run) });
    this.#setState('connecting');
    this.#attempt(run);
  }

  /** Ends for good, with the error that caused it. */
  stop(error) {
    this.#endRun();
    const tell = this.#outbox.giveUp(error);
    // The state changes first: a listener that sends again after a failure then gets `not_connected`.
    this.#setState('ended', error);
    tell();
  }

  #endRun() {
    this.#run?.end();
    this.#run = null;
  }

  /** Opens the first socket, or the one after a loss. */
  async #attempt(run) {
    try {
      if (!run.isSessionKnown) await this.#enter(run);
      if (run.isOver) return;
      const room = this.#room;
      const { hasBegun, timeline: { last } } = room;
      const wire = await this.#establish(run);
      this.#adopt(run, wire);
      if (hasBegun) lookUp(run, wire, { ...this.#lookingUp, last });
    } catch (error) {
      if (!run.isOver) this.#attemptFailed(run, error);
    }
  }

  /** Asks for the session: its own, or the one that is open. */
  async #enter(run) {
    const status = await this.#rest.read('status', this.#asked);
    if (run.isOver) return;
    this.#room.setStanding(status.standing);
    this.#room.capabilities = status.capabilities;
    const session = sessionOf(status, this.#asked);
    const known = this.#room.session;
    // Messages written for another session are not sent in this one.
    if (known && known.id !== session.id) this.#outbox.giveUp(new ChatError('chat_not_active', 'The session has ended'))();
    if (this.state === 'ended') this.#setState('connecting');
    this.#room.enter(session);
  }

  #attemptFailed(run, error) {
    const isRefused = UNREACHABLE.includes(error.code) && !run.candidate?.hasOpened;
    this.#outbox.detach();
    run.dropCandidate();
    run.isSessionKnown = false;
    if (!isFinal(error)) {
      this.#onError(error);
      if (this.state === 'recovering' && isRefused) run.backoff.refused();
      this.#tryAgain(run, error);
    } else if (this.state === 'ended') {
      // The session has ended, and no other one is open.
      this.#endRun();
    } else {
      this.stop(error);
    }
  }

  #tryAgain(run, { closeCode, retryAfterMs = 0 }) {
    const isSentAway = SENT_AWAY.includes(closeCode);
    const wait = Math.max(isSentAway ? spread(this.#random) : run.backoff.next(), retryAfterMs);
    run.after('attempt', wait, () => this.#attempt(run), { atLeast: isSentAway ? wait : retryAfterMs });
  }

  /** The browser knows at once; TCP would notice only after a minute or more. */
  #offline(run) {
    for (const wire of [run.candidate, run.current]) wire?.connection.giveUp('The device is offline');
    run.refusedBy = undefined;
  }

  /** The waits grew while no attempt could succeed. A socket that is still open may belong to the previous network. */
  #online(run) {
    if (run.current) return run.current.connection.check();
    run.backoff.reset();
    run.hurry('attempt', this.#random() * ONLINE_SPREAD_MS);
  }

  /** Opens a socket and catches up. Until the socket is adopted, its events are held back. */
  async #establish(run) {
    const before = run.current;
    const { id, room } = this.#room.session;
    const pass = await this.#passes.next({ refusedBy: run.refusedBy === id ? id : undefined, room });
    if (run.isOver || run.current !== before) throw new ChatError('closed', 'Nobody waits for this socket any more');
    const wire = { held: [], token: pass.token, expiresAt: this.#tokens.expiresAt };
    wire.connection = this.#openSocket(id, pass, {
      onEvent: (event) => this.#hear(run, wire, event),
      onLost: (loss) => this.#lost(run, wire, loss),
    });
    run.candidate = wire;
    run.refusedBy = id;
    await wire.connection.opened;
    run.refusedBy = undefined;
    wire.hasOpened = true;
    if (!run.current) this.#outbox.attach((frame) => wire.connection.send(frame));
    await this.#fill(wire);
    return wire;
  }

  async #fill({ connection, held }) {
    const room = this.#room;
    const messageId = (seq) => room.messageId(seq);
    const { timeline, session } = room;
    const asked = { connection, rest: this.#rest, timeline, messageId, sessionId: session.id, history: this.#history, held };
    if (room.hasBegun) return catchUp(asked);
    await begin({ ...asked, onBegin: (first) => (room.first = first) });
    room.hasBegun = true;
  }

  /** Makes this socket the current one. The previous one is closed only now, so that there is no gap. */
  #adopt(run, wire) {
    if (wire.loss) throw wire.loss;
    const before = run.current;
    run.candidate = null;
    run.current = wire;
    before?.connection.close();
    if (before) this.#outbox.attach((frame) => wire.connection.send(frame));
    for (const event of wire.held.splice(0)) this.#hear(run, wire, event);
    if (run.isOver || run.current !== wire) return;
    this.#renewal.later(run, wire);
    this.#mendLater(run, wire, FIRST_MEND_MS);
    this.#setState('live');
  }

  #hear(run, wire, event) {
    if (event.type === 'ack') return this.#outbox.acknowledge(event) && this.#room.expect(event);
    if (event.type === 'error') return this.#refused(run, wire, event);
    if (run.current !== wire) {
      wire.held.push(event);
    } else if (event.type === 'session_ended') {
      this.#sessionEnded(run);
    } else {
      if (event.type === 'pong') this.#ponged(run, wire, event);
      this.#room.hear(event);
      if (event.type === 'standing_update' && event.standing?.state === 'banned') this.#banned(run, event.standing);
    }
  }

  /** The first pong only shows that the socket has opened; the second shows that it lasts. */
  #ponged(run, wire, pong) {
    if (wire.hasPonged) run.backoff.reset();
    wire.hasPonged = true;
    if (this.#room.lacksNews(pong) && !run.refresh) lookUp(run, wire, this.#lookingUp);
  }

  #refused(run, wire, event) {
    this.#onRefused(event, this.#outbox.refuse(event));
    if (event.code === 'token_expired') {
      if (!this.#tokens.isRenewable) {
        const advice = 'The token has expired: pass a function as `token` so that a new one can be fetched';
        return this.stop(new ChatError('token_expired', advice));
      }
      this.#tokens.refuse(wire.token);
      if (run.current === wire) this.#renewal.now(run, wire, { needsToken: true });
    } else if (event.code === 'unauthorized' && run.current === wire) {
      wire.connection.close();
      this.#lost(run, wire, new ChatError(event.code, event.message));
    } else if (event.client_message_id === undefined) {
      // The user's budget is used up. If this socket is closed for it, another one would be, too, until the minute is over.
      if (event.retry_after_ms !== undefined) wire.notBefore = this.#clock.now() + event.retry_after_ms;
      this.#onError(new ChatError(event.code, event.message, { retryAfterMs: event.retry_after_ms }));
    }
  }

  #lost(run, wire, loss) {
    wire.loss = loss;
    if (run.isOver || run.current !== wire) return;
    run.current = null;
    run.cancelAll();
    // A renewal in progress is dropped, too: only one attempt at a time leads back.
    run.dropCandidate();
    run.refusedBy = undefined;
    this.#outbox.detach();
    // A new socket is the fastest way back. Only if it is refused is `status` asked for the reason, which a socket does not give.
    run.isSessionKnown = true;
    this.#setState('recovering', loss);
    const retryAfterMs = Math.max(0, (wire.notBefore ?? 0) - this.#clock.now());
    this.#tryAgain(run, { closeCode: loss.closeCode, retryAfterMs });
  }

  /** The server closes the socket soon. Another one would be refused. */
  #banned(run, standing) {
    if (run.isOver) return;
    const message = standing.explanation ?? 'You are banned from this chat';
    this.stop(new ChatError('banned', message, { cause: standing }));
  }

  /** All clients get this event at the same moment, so their checks for the next session are spread. */
  #sessionEnded(run) {
    const error = new ChatError('session_ended', 'The session has ended');
    run.current.connection.close();
    run.current = null;
    run.cancelAll();
    run.dropCandidate();
    run.isSessionKnown = false;
    const tell = this.#outbox.giveUp(new ChatError('chat_not_active', error.message));
    const wait = spread(this.#random);
    if (this.#asked.session_id === undefined) run.after('attempt', wait, () => this.#attempt(run), { atLeast: wait });
    else this.#endRun();
    this.#setState('ended', error);
    tell();
  }

  /** While messages wait for lower numbers, asks again until the server has settled those numbers. */
  #mendLater(run, wire, wait) {
    if (!this.#room.timeline.isWaiting) return;
    run.after('mend', wait, async () => {
      let retryAfterMs = 0;
      try {
        await this.#fill(wire);
      } catch (error) {
        if (!run.isOver) this.#onError(error);
        retryAfterMs = error.retryAfterMs ?? 0;
      }
      const next = Math.max(Math.min(2 * wait, LAST_MEND_MS), retryAfterMs);
      if (!run.isOver && run.current === wire) this.#mendLater(run, wire, next);
    });
  }

  #setState(state, reason) {
    if (this.state === state) return;
    const previous = this.state;
    this.state = state;
    this.#onState({ state, previous, reason });
  }
}
