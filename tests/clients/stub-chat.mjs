// A stub of the server: it serves the page's own files, and as much of docs/contract.md as the page needs. It provides what a real
// gateway cannot: thousands of messages at once, an even pace on a busy machine, responses that no gateway gives yet.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { WebSocketServer } from 'ws';

const WEB = new URL('../../web/', import.meta.url);
/** What is served besides the pages, as on the gateway; the pages and the element are what `.ci/bundle` has made. */
const OTHERS = /^\/(?:client\/|docs\/|icon\.svg$)/;
/** What pages of other origins may use, as on the gateway. */
const FOR_OTHERS = /^\/(?:client|embed|assets)\//;
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
/** As on the gateway and in the cloud. */
const POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const FIRST_ID = 100_000_000;

/** A token that the page accepts; it is not verified here. */
export const stubToken = (sub, claims) =>
  ['{"alg":"none"}', JSON.stringify({ sub, name: sub, exp: 4e9, ...claims }), ''].map((part) => Buffer.from(part).toString('base64url')).join('.');

/** An error response of the chat. */
export const refusal = (status, code) => ({ type: 'about:blank', title: code, status, detail: `Why: ${code}`, code });

export class StubChat {
  messages = [];
  sockets = new Set();
  /** Fields with which a test overrides the response to `status`. */
  status = {};
  session = { id: 1, name: 'A long evening', viewer_count: 1, total_likes: 0, start_time: '2024-01-01T19:00:00Z', end_time: '9999-12-31T23:59:59Z' };
  /** Responses that a test overrides: to calls, by method and path (the id in it is an argument), and to frames, by type. */
  answers = {};
  frames = {};
  calls = [];
  /** The token of each call and each socket. */
  bearers = [];
  /** Whether handshakes are refused. */
  refusesSockets = false;
  /** The response to `POST /dev/token`, if there is one. */
  devToken;
  /** The origins whose pages the page trusts. */
  hosts = '';
  /** Whose addresses become links on the page. */
  links = '';

  /** Pages of others on the same origin, by path: `{ body, policy }`. */
  pages = {};

  static async start() {
    const stub = new StubChat();
    stub.server = createServer((request, response) => stub.#answer(request, response));
    const upgrades = new WebSocketServer({
      server: stub.server,
      handleProtocols: (protocols) => [...protocols][0],
      verifyClient: () => !stub.refusesSockets,
    });
    upgrades.on('connection', (socket, { headers }) => stub.#greet(socket, headers['sec-websocket-protocol']));
    stub.server.listen(0, '127.0.0.1');
    await once(stub.server, 'listening');
    stub.url = `http://localhost:${stub.server.address().port}`;
    return stub;
  }

  /** Adds messages without sending them to sockets. */
  fill(count) {
    return Array.from({ length: count }, () => {
      const seq = this.messages.length + 1;
      const person = seq % 16;
      this.messages.push({
        id: FIRST_ID + seq,
        seq,
        session_id: 1,
        user_id: `user-${person}`,
        username: `User ${person}`,
        profile_pic: null,
        message: `message ${seq} ${'of some length '.repeat(seq % 7)}`,
        message_type: 'text',
        likes: seq % 11 === 0 ? 3 : 0,
        created_at: new Date(1_700_000_000_000 + seq * 1000).toISOString(),
        is_winner: person === 3,
        is_host: person === 0,
        badge: null,
        client_message_id: null,
      });
      return this.messages.at(-1);
    });
  }

  /** Adds messages and sends them, as one batch. */
  write(count) {
    this.tell(...this.fill(count).map((message) => ({ type: 'new_message', message })));
  }

  tell(...events) {
    for (const socket of this.sockets) socket.send(JSON.stringify({ type: 'batch', events }));
  }

  async stop() {
    for (const socket of this.sockets) socket.terminate();
    this.server.close();
    this.server.closeAllConnections();
  }

  get #last() {
    return this.messages.length;
  }

  #greet(socket, protocols) {
    this.sockets.add(socket);
    this.bearers.push(protocols?.split(/, ?/)[1]);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('message', (data) => {
      const frame = JSON.parse(data);
      const counters = { viewer_count: 1, total_likes: 0, last_seq: this.#last };
      const answers = {
        ping: () => ({ type: 'pong', server_time: '', ...counters }),
        resume: () => ({ type: 'resumed', messages: this.messages.slice(frame.after, frame.after + 100), last_seq: this.#last, complete: frame.after + 100 >= this.#last }),
        ...this.frames,
      };
      const answer = answers[frame.type]?.(frame);
      if (answer) socket.send(JSON.stringify(answer));
    });
  }

  async #answer({ method, url, headers }, response) {
    const { pathname, searchParams } = new URL(url, this.url);
    if (pathname === '/dev/token' && this.devToken) return response.end(JSON.stringify(this.devToken()));
    if (!pathname.startsWith('/live-chat/')) return this.#file(pathname, response);
    // Pages of other origins may use it.
    const allowed = { origin: '*', methods: '*', headers: 'authorization, content-type' };
    for (const [what, values] of Object.entries(allowed)) response.setHeader(`access-control-allow-${what}`, values);
    if (method === 'OPTIONS') return response.end();
    this.calls.push(`${method} ${pathname.replace('/live-chat/', '')}`);
    this.bearers.push(headers.authorization?.replace('Bearer ', ''));
    const answer = {
      'GET status': () => ({ enabled: true, is_active: true, session: this.session, ...this.status }),
      'GET messages': () => this.page(searchParams),
      'GET likes': () => ({ total_likes: 0, session_id: 1, session_name: '', user_liked: false }),
      ...this.answers,
    }[`${method} ${pathname.split('/')[2]}`];
    const body = answer?.(searchParams, pathname.split('/')[3]) ?? { message: 'Not Found', status: 404 };
    response.writeHead(Number(body.status ?? 200), { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }

  /** The requested page of messages. */
  page(asked) {
    const limit = Number(asked.get('limit') ?? 50);
    const [before, after] = ['before', 'after'].map((name) => asked.get(name) && Number(asked.get(name)) - FIRST_ID);
    const from = after ?? Math.max(0, (before ? before - 1 : this.#last) - limit);
    const to = after === null ? (before ? before - 1 : this.#last) : Math.min(this.#last, after + limit);
    const has_more = after === null ? from > 0 : to < this.#last;
    return { messages: this.messages.slice(from, to), session_id: 1, has_more, last_seq: this.#last };
  }

  async #file(pathname, response) {
    const { body, policy } = this.pages[pathname] ?? {};
    if (body !== undefined) {
      response.writeHead(200, { 'content-type': TYPES[extname(pathname)], 'content-security-policy': policy });
      return response.end(body);
    }
    const name = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const file = new URL(`.${OTHERS.test(name) ? name : `/dist${name}`}`, WEB);
    const text = fileURLToPath(file).startsWith(fileURLToPath(WEB)) && (await readFile(file).catch(() => undefined));
    if (FOR_OTHERS.test(name)) response.setHeader('access-control-allow-origin', '*');
    response.writeHead(text ? 200 : 404, { 'content-type': TYPES[extname(file.pathname)] ?? 'text/plain', 'content-security-policy': POLICY });
    response.end(text && pathname === '/' ? this.#withSettings(String(text)) : text || '');
  }

  #withSettings(page) {
    const settings = { 'live-chat-hosts': this.hosts, 'live-chat-links': this.links };
    return Object.entries(settings).reduce((html, [name, value]) => html.replace(`name="${name}" content=""`, `name="${name}" content="${value}"`), page);
  }
}
