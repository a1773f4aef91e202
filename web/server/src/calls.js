// The calls to the chat.

import { LiveChatError } from './live-chat-error.js';
import { tried } from './tries.js';

export class Calls {
  #settings;

  /** `newToken` resolves with the token of a try; `isRenewable` tells whether the next one may be another. */
  constructor({ baseUrl, newToken, isRenewable, retries, timeoutMs, fetch, clock, random }) {
    this.#settings = { baseUrl, newToken, isRenewable, retries, timeoutMs, fetch, clock, random };
  }

  /** Makes a call with its tries. Resolves with `{ body, etag, headers }`, where `body` is JSON unless it `isText`; rejects with a `LiveChatError`, or the reason of an aborted `signal`. */
  async make(method, path, { query = {}, body, ifMatch, isText = false }, signal) {
    const url = `${this.#settings.baseUrl}/live-chat/${path}${queryOf(query)}`;
    const request = { method, headers: { Accept: isText ? '*/*' : 'application/json' }, redirect: 'manual' };
    if (ifMatch !== undefined) request.headers['If-Match'] = ifMatch;
    if (body !== undefined) Object.assign(request, { body: JSON.stringify(body) }).headers['Content-Type'] = 'application/json';
    const attempt = () => this.#within(signal, (ending) => this.#attempt(url, request, isText, ending));
    return tried(attempt, { ...this.#settings, signal });
  }

  /** One try: a second request follows if the token was refused, and there is another one. */
  async #attempt(url, request, isText, signal) {
    const token = await this.#token();
    const answer = await this.#answer(url, request, token, signal);
    const next = answer.status === 401 && this.#settings.isRenewable ? await this.#token() : token;
    return resultOf(next === token ? answer : await this.#answer(url, request, next, signal), isText);
  }

  async #token() {
    try {
      const token = await this.#settings.newToken();
      if (typeof token !== 'string' || token === '') throw new Error('the token function gave none');
      return token.trim();
    } catch (cause) {
      throw new LiveChatError('token_unavailable', `No token could be fetched: ${cause?.message ?? cause}`, { cause });
    }
  }

  async #answer(url, request, token, signal) {
    const { fetch } = this.#settings;
    try {
      const response = await fetch(url, { ...request, headers: { ...request.headers, Authorization: `Bearer ${token}` }, signal });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (cause) {
      throw new LiveChatError('network', `The chat cannot be reached: ${reasonOf(cause)}`, { cause });
    }
  }

  /** Runs a try, which ends when the time is over or the caller's signal is aborted, whatever it is at. */
  async #within(signal, attempt) {
    signal?.throwIfAborted();
    const { clock, timeoutMs } = this.#settings;
    const ending = new AbortController();
    const abort = () => ending.abort(signal.reason);
    const late = new LiveChatError('timeout', `The chat did not answer within ${timeoutMs} ms`);
    const timer = clock.setTimeout(() => ending.abort(late), timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    const ended = new Promise((_, reject) => ending.signal.addEventListener('abort', () => reject(ending.signal.reason), { once: true }));
    try {
      return await Promise.race([ended, attempt(ending.signal)]);
    } finally {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }
}

function queryOf(query) {
  const asked = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  return asked.length === 0 ? '' : `?${new URLSearchParams(asked)}`;
}

/** What a call resolves with, or its error. */
function resultOf({ status, headers, text }, isText) {
  const isOk = status >= 200 && status <= 299;
  const body = isOk && isText ? text : parsed(text);
  if (isOk && body !== undefined) return { body, etag: headers.get('etag'), headers };
  const problem = typeof body?.code === 'string' ? body : undefined;
  const code = problem?.code ?? (isOk ? 'invalid_answer' : codeOf(status));
  const detail = problem?.detail ?? body?.message ?? `The chat answered with status ${status}`;
  throw new LiveChatError(code, detail, { status, retryAfter: retryAfterOf(headers), problem });
}

/** The code of an error that API Gateway itself makes, which has a message alone. */
function codeOf(status) {
  if (status === 429) return 'rate_limited';
  return status >= 500 ? 'unavailable' : `http_${status}`;
}

/** In seconds: the chat never sends a date. */
function retryAfterOf(headers) {
  const value = headers.get('retry-after');
  return value !== null && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

/** Node's own `fetch` says "fetch failed", and why in the cause. */
const reasonOf = (cause) => cause?.cause?.message || cause?.cause?.code || (cause?.message ?? cause);

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
