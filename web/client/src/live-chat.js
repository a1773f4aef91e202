// The API for applications.

import { ChatError, failLoading } from './chat-error.js';
import { Connection } from './connection.js';
import { Covers } from './covers.js';
import { Link } from './link.js';
import { Outbox } from './outbox.js';
import { Passes } from './passes.js';
import { Rest } from './rest.js';
import { Room } from './room.js';
import { staffOver } from './staff.js';
import { Tokens } from './tokens.js';

/** How a socket can authenticate. */
const WAYS = ['ticket', 'subprotocol', 'query'];
const ROOM = /^(?=.{1,64}$)[0-9-]*[a-z][a-z0-9-]*$/;

const systemClock = {
  now: () => Date.now(),
  setTimeout: (action, wait) => setTimeout(action, wait),
  clearTimeout: (timer) => clearTimeout(timer),
};

/** An event with `detail`. (Node 18 has no `CustomEvent`.) */
class ChatEvent extends Event {
  constructor(type, detail) {
    super(type);
    this.detail = detail;
  }
}

export class LiveChat extends EventTarget {
  #clock;
  #tokens;
  #rest;
  #room;
  #outbox;
  #link;
  #staff;
  #asked;
  #connecting = null;

  constructor(options) {
    super();
    const settings = typeof options === 'string' ? { token: options } : { ...options };
    const { token, tokenIn = 'ticket', sessionId, room, history, keepMessages = 1000, clock = systemClock, random = Math.random } = settings;
    const { WebSocket = globalThis.WebSocket, fetch = globalThis.fetch, network = globalThis } = settings;
    const baseUrl = String(settings.baseUrl || defaultBaseUrl()).replace(/\/+$/, '');
    if (typeof token !== 'function' && (typeof token !== 'string' || token === '')) {
      throw new TypeError('LiveChat needs a token: a string, or a function that fetches one');
    }
    if (!WAYS.includes(tokenIn)) throw new TypeError(`tokenIn is one of ${WAYS.join(', ')}`);
    if (sessionId !== undefined && !(Number.isSafeInteger(sessionId) && sessionId > 0)) throw new TypeError('sessionId is the number of a session');
    if (room !== undefined && !(typeof room === 'string' && ROOM.test(room))) throw new TypeError('room is the name of a room: a-z, 0-9 and -');
    if (sessionId && room) throw new TypeError('Give either sessionId or room');
    if (!WebSocket) throw new TypeError('There is no WebSocket here: pass one, as in new LiveChat({ token, WebSocket })');

    const emit = (type, detail) => this.dispatchEvent(new ChatEvent(type, detail));
    this.#tokens = new Tokens(token, clock);
    this.#rest = new Rest({ baseUrl, tokens: this.#tokens, fetch, clock });
    const keys = () => newId(random);
    this.#clock = clock;
    this.#asked = { session_id: sessionId, room };
    this.#staff = staffOver(this.#rest, { clock, random, newId: keys, room, ours: () => this.#ours() });
    this.#outbox = new Outbox({ clock, random, newId: keys, emit });
    this.#room = new Room({
      emit,
      keep: keepMessages,
      onShow: (message) => this.#outbox.heard(message),
      onNumbered: (entry) => (entry.type === 'event' ? tell(entry) : covers.apply(entry)),
    });
    const tell = ({ seq, name, attributes }) => emit('event', { seq, name, attributes });
    const covers = new Covers({ room: this.#room, rest: this.#rest, clock, random, emit });
    this.#link = new Link({
      clock,
      random,
      network,
      tokens: this.#tokens,
      passes: new Passes({ rest: this.#rest, tokens: this.#tokens, kind: tokenIn }),
      rest: this.#rest,
      room: this.#room,
      outbox: this.#outbox,
      asked: this.#asked,
      history,
      openSocket: (sessionId, { query, protocols }, handlers) => {
        const url = socketUrl(baseUrl, sessionId, query);
        return new Connection({ WebSocket, url, protocols, clock, ...handlers });
      },
      onState: (change) => this.#changeState(change, emit),
      onRefused: (refusal, held) => tellRefusal(refusal, held, emit),
      onError: (error) => emit('error', error),
    });
  }

  /** `connecting`, `live`, `recovering` or `ended` (also before `connect`). */
  get state() {
    return this.#link.state;
  }

  /** The session, from `getStatus()`; null before the first connect. */
  get session() {
    return this.#room.session;
  }

  /** What holds of this user, as `status` told it last, or a later event `standing`; null before the first connect. */
  get standing() {
    return this.#room.standing;
  }

  /** What the server lets this user do, as `status` told it last; null for viewers, and before the first connect. A sanction suspends some. */
  get capabilities() {
    return this.#room.capabilities ?? null;
  }

  /** How many distinct users are in the session. */
  get viewers() {
    return this.#room.viewers;
  }

  /** How many users like the session. */
  get likes() {
    return this.#room.likes.total;
  }

  /** The messages by id, in order. Treat it as read-only. */
  get messages() {
    return this.#room.messages;
  }

  /** The pinned messages, the newest pin first. */
  get pins() {
    return this.session?.pins ?? [];
  }

  /** All reactions of the chat, with how often the room has sent each; empty if it has none. */
  get reactions() {
    return this.session?.reactions ?? {};
  }

  /** Own messages that are not acknowledged yet. */
  get pending() {
    return this.#outbox.pending;
  }

  /** The id of the token's user; undefined until there is a token. */
  get userId() {
    return this.#tokens.userId;
  }

  /** The acts and lists of staff. The chat need not be connected. */
  get moderate() {
    return this.#staff.moderate;
  }

  /** The sessions of all rooms, for staff. The chat need not be connected. */
  get sessions() {
    return this.#staff.sessions;
  }

  /** Connects; resolves when the chat is live, and rejects if it ends before. */
  connect() {
    if (this.#link.state === 'live') return Promise.resolve();
    if (this.#connecting === null || this.#link.state === 'ended') {
      this.#connecting = {};
      this.#connecting.promise = new Promise((resolve, reject) => Object.assign(this.#connecting, { resolve, reject }));
      this.#link.start();
    }
    return this.#connecting.promise;
  }

  /** Sends a message; resolves with its `ack`. The event `pending` comes at once. `details` are `replyTo`, `mentions` and `kind`. */
  sendMessage(text, details) {
    if (this.#link.state === 'ended') {
      const refused = Promise.reject(new ChatError('not_connected', 'The chat is not connected: call connect() first'));
      refused.catch(() => {});
      return refused;
    }
    return this.#outbox.add(text, details);
  }

  /** Says something as the host; resolves once it is stored. `details` are `color` and those of acts. */
  announce(text, details) {
    return this.#staff.moderate.announce(text, details);
  }

  likeSession() {
    return this.#like('POST');
  }

  likeMessage(messageId) {
    return this.#likeMessage('POST', messageId);
  }

  /** Takes the like of the session back. */
  unlike() {
    return this.#like('DELETE');
  }

  /** Takes the like of a message back. */
  unlikeMessage(messageId) {
    return this.#likeMessage('DELETE', messageId);
  }

  getStatus() {
    return this.#rest.read('status', this.#asked);
  }

  /** The session's likes, and whether this user likes it. */
  getLikes({ session_id } = {}) {
    return this.#rest.read('likes', this.#ours(session_id));
  }

  /** A page of messages, for scrolling back; `before` and `after` are message ids. With `mine`, each message has `user_liked`. */
  getMessages(page) {
    return this.#rest.messages({ ...page, ...this.#ours(page?.session_id) });
  }

  static {
    // Calls whose code is loaded by the first of them.
    for (const name of 'react deleteMessage report postMessage getStats getViewers questions polls vote draws entrants'.split(' ')) {
      this.prototype[name] = async function (...given) {
        const calls = await import('./calls.js').catch(failLoading);
        return calls[name]({ rest: this.#rest, room: this.#room, clock: this.#clock, ours: (id) => this.#ours(id) }, ...given);
      };
    }
  }

  /** Leaves. Messages that are not acknowledged fail with the code `closed`. */
  close() {
    this.#link.stop(new ChatError('closed', 'The chat was closed'));
  }

  /**
   * Which session a call is about, unless it names one: that of the client's own, if it was told a session or a room; before it has joined any, its
   * room's.
   */
  #ours(session_id = this.#asked.session_id ?? (this.#asked.room && this.#room.session?.id)) {
    return session_id ? { session_id } : this.#asked;
  }

  async #like(method) {
    const { likes } = this.#room;
    const { told } = likes;
    const answer = await this.#rest.call(method, 'like', { query: this.#ours() });
    likes.answer(answer.total_likes, told);
    return answer;
  }

  async #likeMessage(method, messageId) {
    const { likes } = this.#room;
    const { told } = likes;
    const answer = await this.#rest.call(method, `like-message/${encodeURIComponent(messageId)}`, { query: this.#ours() });
    likes.answerOf(answer.message_id, { likes: answer.likes, user_liked: method === 'POST' }, told);
    return answer;
  }

  #changeState(change, emit) {
    const connecting = this.#connecting;
    if (change.state === 'live' || change.state === 'ended') this.#connecting = null;
    emit('state', change);
    if (change.state === 'live') connecting?.resolve();
    if (change.state !== 'ended') return;
    // After `close`, an application need not handle the rejection of `connect`; any other rejection must not be swallowed.
    if (change.reason.code === 'closed') connecting?.promise.catch(() => {});
    connecting?.reject(change.reason);
    if (!['closed', 'session_ended'].includes(change.reason.code)) emit('error', change.reason);
  }
}

function defaultBaseUrl() {
  const origin = globalThis.location?.origin;
  return origin && origin !== 'null' ? origin : 'http://localhost:8000';
}

function socketUrl(baseUrl, sessionId, query) {
  return `${baseUrl.replace(/^http/i, 'ws')}/live-chat/ws/${sessionId}?${new URLSearchParams({ batch: '1', ...query })}`;
}

/** Emits only the fields that the protocol names. For a rate limit, `held` is how long pending messages wait. */
function tellRefusal({ code, message, client_message_id, retry_after_ms }, held, emit) {
  emit('refused', { code, message, client_message_id, retry_after_ms });
  if (code === 'rate_limited') emit('rateLimited', { message, client_message_id, retry_after_ms: retry_after_ms ?? held });
}

/** A page that is not served over HTTPS has no `crypto.randomUUID`, and Node 18 has no `crypto` at all. */
function newId(random) {
  const fromRandom = () => Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  return globalThis.crypto?.randomUUID?.() ?? fromRandom();
}
