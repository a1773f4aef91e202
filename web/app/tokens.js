// The source of the token: the host application (by postMessage or the URL's fragment), what the tab keeps of it, the development
// endpoint of a local gateway, or a visitor who pastes it.

import { claimsOf } from './claims.js';
import { forget, recall, remember } from './storage.js';

const VISITOR = 'live-chat-visitor';
const TOKEN = 'live-chat-token';
/** The error code if the gateway no longer issues development tokens. */
export const NO_DOOR = 'no_door';

/** Removes `#token=…` from the URL at once, so that it ends up neither in the history nor in a copied link. */
export function takeFromAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token !== null) history.replaceState(history.state, '', location.pathname + location.search);
  // Some programs break a long line.
  return token?.replace(/\s+/g, '') || undefined;
}

/** Keeps a token for this tab, so that a reload or Back enters again. One that does not tell its end would be kept for ever. */
export function keepToken(token) {
  if (isValid(token)) remember(TOKEN, token);
  else forgetToken();
}

export const forgetToken = () => forget(TOKEN);

/** The token that this tab keeps; `isValid` tells whether it still is. Undefined if there is none. */
export function keptToken() {
  const token = recall(TOKEN);
  return claimsOf(token) && { token, isValid: isValid(token) };
}

/** By this machine's clock. */
export const isValid = (token) => claimsOf(token)?.expiresAt > Date.now();

/** Whether the page may come from a gateway on this machine, which may issue development tokens. */
export const mayHaveDoor = () => ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);

/** A development token for a name; always the same user within a tab. Undefined if the gateway does not issue them. */
export async function developmentToken(name) {
  const body = JSON.stringify({ name, sub: visitor().sub });
  const response = await fetch('/dev/token', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  if ([403, 404, 405].includes(response.status)) return undefined;
  if (!response.ok) throw new Error(`POST /dev/token answered with status ${response.status}`);
  const { token } = await response.json();
  const claims = claimsOf(token);
  if (!claims) throw new Error('POST /dev/token answered without a token');
  remember(VISITOR, { name, sub: claims.sub });
  return token;
}

/** The name and the user with which this tab last entered, as far as it knows them. */
export function visitor() {
  const { name, sub } = recall(VISITOR) ?? {};
  const text = (value) => (typeof value === 'string' && value !== '' ? value : undefined);
  return { name: text(name), sub: text(sub) };
}
