// The API for applications: every act and every list of staff, from a server.

import { randomUUID } from 'node:crypto';

import { Calls } from './calls.js';
import { demand } from './claims.js';
import { Moderation } from './moderation.js';
import { Sessions } from './sessions.js';
import { SERVICE_SECONDS, serviceToken } from './tokens.js';

const systemClock = {
  now: () => Date.now(),
  setTimeout: (action, wait) => setTimeout(action, wait),
  clearTimeout: (timer) => clearTimeout(timer),
};
/** The longest answer of an API Gateway takes 30 s. */
const TIMEOUT_MS = 30_000;
const RETRIES = 4;
/** Calls that may be made on a person's behalf. */
const ACTS = /^(?:moderation\/actions|sessions\b.*)$/;

export class LiveChatServer extends Moderation {
  #sessions;

  constructor({ baseUrl, serviceSecret, name = 'server', token, ...options } = {}) {
    const { retries = RETRIES, timeoutMs = TIMEOUT_MS, fetch = globalThis.fetch, clock = systemClock, random = Math.random, ...unknown } = options;
    const [other] = Object.keys(unknown);
    demand(other === undefined, `LiveChatServer has no option ${other}`);
    demand(Number.isSafeInteger(retries) && retries >= 0, 'retries must be a whole number from 0 on');
    demand(timeoutMs > 0 && timeoutMs < 2 ** 31, 'timeoutMs must be a number of milliseconds');
    const source = serviceSecret === undefined ? given(token) : ofService(serviceSecret, name, token, clock);
    const calls = new Calls({ baseUrl: addressOf(baseUrl), ...source, retries, timeoutMs, fetch, clock, random });
    const call = (method, path, details, rest) => makeCall(calls, method, path, details, rest);
    super(call, randomUUID);
    this.#sessions = new Sessions(call, randomUUID);
  }

  /** The sessions of all rooms. */
  get sessions() {
    return this.#sessions;
  }
}

/** Makes a call with the options that a method of `Moderation` has not taken. */
function makeCall(calls, method, path, details, { signal, actingFor, ...unknown }) {
  const isAct = method !== 'GET' && ACTS.test(path);
  const [other] = Object.keys(actingFor === undefined || isAct ? unknown : { actingFor });
  demand(other === undefined, `This call has no option ${other}`);
  if (actingFor === undefined) return calls.make(method, path, details, signal);
  const { userId, username } = actingFor;
  demand(typeof userId === 'string' && userId !== '', 'actingFor needs the userId of a person');
  return calls.make(method, path, { ...details, body: { ...details.body, acting_for: { user_id: userId, username } } }, signal);
}

/** A token for each try, which lives as long as its answer may be awaited. */
function ofService(secret, name, token, clock) {
  demand(token === undefined, 'Give either serviceSecret or token');
  const newToken = () => serviceToken({ sub: name, expiresIn: SERVICE_SECONDS }, secret, Math.floor(clock.now() / 1000));
  // A secret that signs nothing is found now, and not by the first call.
  newToken();
  return { newToken, isRenewable: false };
}

function given(token) {
  const isFunction = typeof token === 'function';
  const isToken = typeof token === 'string' && token.trim() !== '';
  demand(isFunction || isToken, 'LiveChatServer needs a serviceSecret, or a token: a string, or a function that fetches one');
  return { newToken: isFunction ? token : () => token, isRenewable: isFunction };
}

function addressOf(baseUrl) {
  const address = String(baseUrl ?? '').replace(/\/+$/, '');
  demand(/^https?:\/\/[^/?#]+(\/[^?#]*)?$/i.test(address) && isUrl(address), 'baseUrl must be the http or https address of the chat');
  return address;
}

function isUrl(text) {
  try {
    return Boolean(new URL(text));
  } catch {
    return false;
  }
}
