// The token, and what it lets its holder do.

import { claimsOf } from '../app/claims.js';
import { mayManage } from '../app/rights.js';

const KEY = 'live-chat-console-token';
/** For a browser that blocks storage. */
let memory;

/** Removes `#token=…` from the address at once, so that it ends up neither in the history nor in a copied link. */
export function takeFromAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token !== null) history.replaceState(history.state, '', location.pathname + location.search);
  return token === null ? undefined : cleaned(token);
}

/** Some programs break a long line. */
export const cleaned = (token) => token.replace(/\s+/g, '');

export const isToken = (token) => claimsOf(token) !== undefined;

/** Keeps a token for this tab. */
export function keep(token) {
  memory = token;
  try {
    sessionStorage.setItem(KEY, token);
  } catch {
    // Kept in memory.
  }
}

export function kept() {
  try {
    return sessionStorage.getItem(KEY) ?? memory;
  } catch {
    return memory;
  }
}

/** The hash of an address that takes the token along, where this tab cannot keep it; else empty. */
export function carried() {
  try {
    if (sessionStorage.getItem(KEY) !== null) return '';
  } catch {
    // The memory of this page is all there is.
  }
  return memory === undefined ? '' : `token=${memory}`;
}

export function forget() {
  memory = undefined;
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // What cannot be reached was not stored.
  }
}

/**
 * `{ moderate, audit, manage, announce }` of a token (docs/contract.md, Who may do what). The chat is asked, since a deployment may keep roles in
 * claims of its own, and a sanction suspends some. Only `status` tells of `manage` and `announce`; an older server does not: there, what
 * needs `manage` is offered unless the token denies it, and the chat decides.
 */
export async function rightsOf(chat, token) {
  const [{ capabilities }, moderate, reads] = await Promise.all([
    chat.getStatus(),
    isAllowed(chat.moderate.testTerms('a')),
    isAllowed(chat.moderate.log({ limit: 1 })),
  ]);
  const manage = moderate && (capabilities?.includes('manage') ?? maybeManages(claimsOf(token)));
  return { moderate, audit: reads, manage, announce: moderate && Boolean(capabilities?.includes('announce')) };
}

function maybeManages(claims) {
  const isTold = claims.capabilities !== undefined || claims.roles.length > 0;
  return !isTold || mayManage(claims);
}

async function isAllowed(call) {
  try {
    await call;
    return true;
  } catch (error) {
    if (error.code === 'forbidden') return false;
    throw error;
  }
}
