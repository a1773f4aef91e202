// Calls and sockets that check every response against the documentation, and record which parts of it they saw.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { get } from 'node:http';

import WebSocket from 'ws';

import { at, channel, fits, messages, operations } from './documents.mjs';

export const SECRET = 'a secret of this test, which is long enough for HS256';
export function jwt(sub, { expires_in = 3600, ...claims } = {}) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + expires_in;
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub, exp, ...claims })}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}
export const ALICE = jwt('alice', { name: 'Alice', picture: 'https://example.org/alice.png', badge: 'gold', roles: ['host'] });
export const BOB = jwt('bob');

export const seen = { responses: new Set(), codes: new Set(), refusals: new Set(), closeCodes: new Set() };
export const frames = Object.fromEntries(Object.keys(messages).map((name) => [name, []]));

/** Makes a call and checks the response against the documentation. */
export async function call(gateway, id, { token = ALICE, query = {}, message_id = 100000001, action_id = '01kb5d2m7c8hq4t0v9w3x5y6z7', user_id = 'bob', session_id = 1, poll_id = 10001, draw_id = 10001, body, type = 'application/json', method, headers: further = {} } = {}) {
  const operation = operations.find((operation) => operation.operationId === id);
  const { path } = operation;
  const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(body !== undefined && { 'content-type': type }), ...further };
  const ids = { message_id, action_id, user_id, session_id, poll_id, draw_id };
  const url = `${gateway.url}${path.replace(/\{(\w+)\}/, (_, name) => ids[name])}?${new URLSearchParams(query)}`;
  const reply = await fetch(url, { method: method ?? operation.method, headers, body });
  const text = await reply.text();
  const isJson = reply.headers.get('content-type').endsWith('json');
  const answer = isJson ? JSON.parse(text) : { text };
  const what = `${id} ${reply.status}`;
  const place = ['openapi.yaml', 'paths', path, operation.method.toLowerCase()];
  const response = [...place, 'responses', String(reply.status)];
  const mediaType = reply.headers.get('content-type');
  fits(at(...response, 'content', mediaType, 'schema'), isJson ? answer : text, what);
  const line = at(...response, 'content', mediaType, 'x-line');
  if (line.node) for (const one of text.trimEnd().split('\n')) fits(line, JSON.parse(one), `${what} ${one}`);
  const documented = Object.keys(at(...response).node.headers ?? {});
  for (const name of documented) {
    const header = at(...response, 'headers', name);
    const value = reply.headers.get(name);
    const needed = header.node.required || mediaType === 'application/problem+json';
    assert.ok(value !== null || !needed, `${what} comes without ${name}`);
    const typed = header.node.schema.type === 'integer' ? Number(value) : value;
    if (value !== null) fits(at(...response, 'headers', name, 'schema'), typed, `${what} ${name}`);
  }
  for (const name of ['Cache-Control', 'ETag', 'Export-SHA256', 'Link', 'Retry-After', 'WWW-Authenticate', 'Location', 'Set-Cookie']) {
    assert.ok(documented.includes(name) || !reply.headers.has(name), `${what} comes with ${name}`);
  }
  if (reply.ok && body !== undefined) fits(at(...place, 'requestBody', 'content', type, 'schema'), JSON.parse(body), `${id} takes`);
  if (answer.code) {
    assert.equal(answer.status, reply.status);
    seen.codes.add(answer.code);
  }
  seen.responses.add(`${id} ${reply.status} ${mediaType}`);
  return { ...answer, http: reply.status };
}

/** Acts as a host. */
export const act = (gateway, action, options) => call(gateway, 'moderation-act', { body: JSON.stringify(action), ...options });

export const send = (gateway, message, options) => call(gateway, 'send-message', { body: JSON.stringify(message), ...options });

/** Makes a call that must be refused with this status and this code. */
export async function refused(gateway, id, http, code, options) {
  const answer = await call(gateway, id, options);
  assert.deepEqual([answer.http, answer.code], [http, code], `${id} ${JSON.stringify(options)}`);
}

export const HANDSHAKE = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };

/** Tries to open a socket that must be refused with this status. */
export async function noSocket(gateway, status, { session = 1, query = {}, headers = HANDSHAKE } = {}) {
  const [reply] = await once(get(`${gateway.url}/live-chat/ws/${session}?${new URLSearchParams(query)}`, { headers }), 'response');
  let body = '';
  for await (const chunk of reply) body += chunk;
  assert.equal(reply.statusCode, status);
  const payload = at('asyncapi.yaml', 'channels', 'session', 'x-refusals', String(status), 'payload');
  assert.ok(channel['x-refusals'][status], `${status} is documented`);
  if (payload.node) fits(payload, JSON.parse(body), `refusal ${status}`);
  else assert.equal(body, '');
  seen.refusals.add(status);
}

export class Socket {
  static async open(gateway, token, { query = { token }, protocols = [] } = {}) {
    const socket = new Socket();
    fits(at('asyncapi.yaml', 'channels', 'session', 'bindings', 'ws', 'query'), query, 'query');
    const offered = protocols.length ? { 'Sec-WebSocket-Protocol': protocols.join(', ') } : {};
    fits(at('asyncapi.yaml', 'channels', 'session', 'bindings', 'ws', 'headers'), offered, 'headers');
    socket.frames = [];
    socket.ws = new WebSocket(`${gateway.url.replace('http', 'ws')}/live-chat/ws/1?${new URLSearchParams(query)}`, protocols);
    socket.ws.on('message', (data, isBinary) => {
      assert.ok(!isBinary);
      socket.hear(JSON.parse(data));
    });
    socket.closed = once(socket.ws, 'close').then(([code]) => {
      seen.closeCodes.add(code);
      return code;
    });
    await once(socket.ws, 'open');
    return socket;
  }

  hear(frame) {
    this.frames.push(frame);
    const name = Object.keys(messages).find((name) => at('asyncapi.yaml', 'components', 'messages', name, 'payload').node.properties.type?.const === frame.type);
    frames[name ?? 'gateway_error'].push(frame);
    if (frame.type === 'error') seen.codes.add(`${frame.code} on a socket`);
    if (frame.type === 'batch') frame.events.forEach((event) => this.hear(event));
  }

  /** Sends a frame as it is documented. */
  say(frame) {
    frames[frame.type].push(frame);
    this.ws.send(JSON.stringify(frame));
  }

  /** The first frame, past or future, that has these fields, or that a function accepts. */
  async until(wanted) {
    const signal = AbortSignal.timeout(90_000);
    const fits = typeof wanted === 'function' ? wanted : (frame) => Object.entries(wanted).every(([name, value]) => frame[name] === value);
    const found = () => this.frames.find(fits);
    while (!found()) await once(this.ws, 'message', { signal });
    return found();
  }
}

/** Fails unless everything documented was seen, with the named exceptions. */
export function allSeen(documented, found, unseen) {
  const missing = documented.filter((name) => !found.has(name));
  assert.deepEqual(missing.sort(), Object.keys(unseen).sort());
}
