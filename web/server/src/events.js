// Events that the chat sends to an address of yours, signed as Standard Webhooks has it.

import { createHmac, timingSafeEqual } from 'node:crypto';

import { demand } from './claims.js';

const PREFIX = 'whsec_';
const MIN_BYTES = 24;
const MAX_BYTES = 64;
/** An event that was signed longer ago than this, or lies so far ahead, may be somebody's repetition. */
const TOLERANCE_SECONDS = 300;

/** What is wrong with an event that did not come from the chat, or comes too late. */
export class WebhookError extends Error {
  constructor(message) {
    super(message);
    this.name = 'WebhookError';
  }
}

/**
 * The event in a request, once its signature holds. `body` is the request's body as it came: parsed and written again, it is another one.
 */
export function verifyEvent(body, headers, secret, { now = Date.now } = {}) {
  const keys = keysOf(secret);
  const id = headerOf(headers, 'webhook-id');
  const timestamp = headerOf(headers, 'webhook-timestamp');
  const signatures = headerOf(headers, 'webhook-signature');
  if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookError('The time of the event cannot be read');
  const bytes = bytesOf(body);
  const expected = keys.map((key) => createHmac('sha256', key).update(`${id}.${timestamp}.`).update(bytes).digest());
  const given = signatures.split(' ').flatMap((one) => (one.startsWith('v1,') ? [Buffer.from(one.slice(3), 'base64')] : []));
  // All are compared, whichever holds.
  const matches = expected.flatMap((one) => given.map((other) => one.length === other.length && timingSafeEqual(one, other)));
  if (!matches.includes(true)) throw new WebhookError('No signature of the event holds');
  if (Math.abs(now() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) {
    throw new WebhookError('The event was signed more than five minutes ago, or lies ahead');
  }
  return { id, ...parsed(bytes) };
}

function parsed(bytes) {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new WebhookError('The event is no JSON');
  }
}

/** The keys of one secret, of several with spaces between, or of a list of them. */
function keysOf(secret) {
  const texts = (Array.isArray(secret) ? secret : [secret]).flatMap((one) => (typeof one === 'string' ? one.trim().split(/\s+/) : [one]));
  demand(texts.length > 0, 'The secret of the events must be given');
  return texts.map((text) => {
    const isRight = typeof text === 'string' && new RegExp(`^${PREFIX}[A-Za-z0-9+/]+={0,2}$`).test(text);
    const key = isRight ? Buffer.from(text.slice(PREFIX.length), 'base64') : Buffer.alloc(0);
    demand(key.length >= MIN_BYTES && key.length <= MAX_BYTES, 'The secret of the events must be whsec_ and 24 to 64 bytes in base64');
    return key;
  });
}

/** A header of Node's requests, or of the web's `Headers`. */
function headerOf(headers, name) {
  const value = typeof headers?.get === 'function' ? headers.get(name) : headers?.[name];
  const text = Array.isArray(value) ? value.join(' ') : value;
  if (typeof text !== 'string' || text === '') throw new WebhookError(`The event has no header ${name}`);
  return text;
}

function bytesOf(body) {
  const isBytes = body instanceof Uint8Array || body instanceof ArrayBuffer;
  demand(isBytes || typeof body === 'string', 'The body must be the bytes or the text of the request, not what was parsed from it');
  return Buffer.from(body);
}
