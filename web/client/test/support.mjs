// Shared test helpers: events as promises, a fake clock, tokens, fake sockets.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';

import { LiveChat } from '../src/index.js';
// The client loads them after a loss, and for restored messages: here that takes no time.
import '../src/calls.js';
import '../src/refresh.js';
import '../src/restored.js';

export const SECRET = 'a secret of the tests of the client';

/** A token that the gateway accepts with `JWT_SECRET: SECRET`. */
export function token(sub, { name = sub, expiresIn = 12 * 3600, ...claims } = {}) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + expiresIn;
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub, name, exp, ...claims })}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}

/** Resolves with the detail of the next matching event. */
export function next(chat, type, fits = () => true) {
  return new Promise((resolve) => {
    chat.addEventListener(type, function hear({ detail }) {
      if (!fits(detail)) return;
      chat.removeEventListener(type, hear);
      resolve(detail);
    });
  });
}

export const becomes = async (chat, state) => {
  if (chat.state !== state) await next(chat, 'state', (change) => change.state === state);
};

/** All events of a chat from now on, by type. */
export function record(chat) {
  const heard = {};
  for (const type of ['state', 'session', 'message', 'pending', 'failed', 'deleted', 'purged', 'cleared', 'restored', 'event', 'likes', 'messageLikes', 'viewers', 'standing', 'approved', 'denied', 'modes', 'clickableLinks', 'pins', 'poll', 'draw', 'reactions', 'question', 'moderation', 'held', 'heldResolved', 'reported', 'refused', 'rateLimited', 'error']) {
    heard[type] = [];
    chat.addEventListener(type, ({ detail }) => heard[type].push(detail));
  }
  return heard;
}

/** Resolves once this many messages with these texts have arrived, with the texts in order of arrival. */
export function texts(chat, count) {
  const heard = [];
  return new Promise((resolve) => {
    chat.addEventListener('message', ({ detail }) => {
      heard.push(detail.message);
      if (heard.length === count) resolve(heard);
    });
  });
}

/** Fails unless the messages are strictly in order and without duplicates. */
export function assertInOrder(messages) {
  for (let i = 1; i < messages.length; i++) {
    assert.ok(messages[i - 1].seq < messages[i].seq, `${messages[i - 1].seq} before ${messages[i].seq}`);
  }
}

/** A clock that only moves when it is told to. */
export class FakeClock {
  #now;
  #timers = new Map();
  #lastId = 0;

  constructor(now = Date.now()) {
    this.#now = now;
    this.now = () => this.#now;
    this.setTimeout = (action, wait) => {
      this.#timers.set(++this.#lastId, { action, at: this.#now + wait });
      return this.#lastId;
    };
    this.clearTimeout = (id) => this.#timers.delete(id);
  }

  /** The waits of all timers, from now on, shortest first. */
  get waits() {
    return [...this.#timers.values()].map(({ at }) => at - this.#now).sort((a, b) => a - b);
  }

  /** Lets time pass. Promises that timers settle run in between. */
  async pass(wait) {
    const end = this.#now + wait;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
      if (due.length === 0) break;
      const [id, { action, at }] = due[0];
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, at);
      action();
      await settle();
    }
    this.#now = end;
  }
}

/** Lets all pending promises settle that need no time and no network. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A chat over sockets and REST calls that the test answers itself. */
export function fakeChat(options) {
  const { settings, ...server } = fakeServer(options);
  return { chat: new LiveChat(settings), ...server };
}

/** The `settings` with which a chat meets these sockets and answers. */
export function fakeServer(options = {}) {
  const clock = new FakeClock();
  const sockets = [];
  class FakeSocket {
    constructor(url, protocols) {
      Object.assign(this, { url, protocols, sent: [], isClosed: false, answersPings: true });
      sockets.push(this);
    }
    send(text) {
      const frame = JSON.parse(text);
      this.sent.push(frame);
      const pong = { type: 'pong', server_time: '', last_seq: 0, viewer_count: session.viewer_count, total_likes: session.total_likes };
      if (frame.type === 'ping' && this.answersPings) queueMicrotask(() => this.tell(pong));
    }
    close() {
      this.isClosed = true;
    }
    /** From here on, the actions of the test as the server. */
    open() {
      this.onopen?.();
    }
    tell(...events) {
      for (const event of events) this.onmessage?.({ data: JSON.stringify(event) });
    }
    end(code = 1006) {
      this.isClosed = true;
      this.onclose?.({ code });
    }
    of(type) {
      return this.sent.filter((frame) => frame.type === type);
    }
  }
  const session = { id: 1, name: 'A session', viewer_count: 1, total_likes: 0 };
  const rest = {
    calls: [],
    status: (url) => {
      const room = url && new URL(url).searchParams.get('room');
      return { enabled: true, is_active: true, session: room ? { ...session, room } : session };
    },
    messages: () => ({ messages: [], session_id: 1, has_more: false, last_seq: 0 }),
  };
  const fetch = async (url, { method, headers, body }) => {
    const path = new URL(url).pathname.replace('/live-chat/', '');
    rest.calls.push({ method, path, url, authorization: headers.Authorization, body: body && JSON.parse(body) });
    const answer = await rest[path.split('/')[0]](url, headers);
    if (answer instanceof Error) throw answer;
    if (answer instanceof Response) return answer;
    return new Response(JSON.stringify(answer));
  };
  const network = new EventTarget();
  const settings = { baseUrl: 'http://chat.test', token: 'opaque', tokenIn: 'query', WebSocket: FakeSocket, fetch, network, clock, random: () => 0.5, ...options };
  return { settings, clock, sockets, rest, session, network };
}

/** API Gateway's own response if there is no route. */
export const noRoute = () => new Response('{"message":"Not Found"}', { status: 404 });

/** An error response of the chat's functions. */
export const problem = (status, code, detail = code) =>
  new Response(JSON.stringify({ type: 'about:blank', status, code, detail }), { status });

export const message = (seq, more = {}) => ({ id: 100_000_000 + seq, seq, session_id: 1, message: `text ${seq}`, likes: 0, ...more });
export const told = (seq, more) => ({ type: 'new_message', message: message(seq, more) });
export const resumed = (seqs, last_seq, complete = true) => ({ type: 'resumed', messages: seqs.map((seq) => message(seq)), last_seq, complete });
