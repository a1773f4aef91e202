// The REST calls.

import { ChatError } from './chat-error.js';

const DEADLINE_MS = 15_000;

export class Rest {
  #baseUrl;
  #tokens;
  #fetch;
  #clock;

  constructor({ baseUrl, tokens, fetch, clock }) {
    this.#baseUrl = baseUrl;
    this.#tokens = tokens;
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /** A page of messages; `before` and `after` are message ids, `mine` asks for `user_liked`. */
  messages({ before, after, limit, session_id, room, mine } = {}) {
    return this.read('messages', { before, after, limit, session_id, room, mine });
  }

  /** A GET call. */
  read(path, query) {
    return this.call('GET', path, { query });
  }

  /** Makes a call; undefined parameters are left out of its `query`. Resolves with the body of its answer. */
  async call(method, path, details) {
    return (await this.exchange(method, path, details)).body;
  }

  /** Makes a call, and repeats it once with a new token if the first one was refused. Resolves with the answer. */
  async exchange(method, path, details = {}) {
    const token = await this.#tokens.get();
    let response = await this.#request(method, path, token, details);
    if (response.status === 401 && this.#tokens.isRenewable) {
      this.#tokens.refuse(token);
      response = await this.#request(method, path, await this.#tokens.get(), details);
    }
    if (response.ok && response.body !== undefined) return response;
    throw failure(response, this.#tokens.isRenewable);
  }

  async #request(method, path, token, { query = {}, body, headers, isText, deadlineMs = DEADLINE_MS }) {
    const aborting = new AbortController();
    const timer = this.#clock.setTimeout(() => aborting.abort(), deadlineMs);
    try {
      const request = { method, headers: { ...headers, Authorization: `Bearer ${token}` }, signal: aborting.signal };
      if (body !== undefined) {
        request.headers['Content-Type'] = 'application/json';
        request.body = JSON.stringify(body);
      }
      const fetch = this.#fetch;
      const response = await fetch(`${this.#baseUrl}/live-chat/${withQuery(path, query)}`, request);
      const text = await response.text();
      const retryAfter = Number(response.headers.get('retry-after') ?? NaN);
      const { ok, status, headers: told } = response;
      return { ok, status, body: ok && isText ? text : parsed(text), etag: told.get('etag'), headers: told, retryAfter };
    } catch (cause) {
      throw new ChatError('network', 'The chat cannot be reached', { cause });
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }
}

/** A path with its query; undefined parameters are left out. */
function withQuery(path, parameters) {
  const wanted = Object.entries(parameters).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(wanted).toString();
  return query ? `${path}?${query}` : path;
}

function failure({ ok, status, body, retryAfter }, isRenewable) {
  const retryAfterMs = Number.isFinite(retryAfter) ? retryAfter * 1000 : undefined;
  // Problem details may say more than this client knows.
  const cause = typeof body?.code === 'string' ? body : undefined;
  if (status === 401 && !isRenewable) {
    const advice = 'pass a function as `token` so that a new one can be fetched';
    return new ChatError('unauthorized', `${body?.detail ?? 'The token was refused'}: ${advice}`, { status, cause });
  }
  // API Gateway's own errors have a message, but no code.
  const code = body?.code ?? (ok ? 'invalid_answer' : status === 429 ? 'rate_limited' : status >= 500 ? 'unavailable' : `http_${status}`);
  const message = body?.detail ?? body?.message ?? `The chat answered with status ${status}`;
  return new ChatError(code, message, { status, retryAfterMs, cause });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
