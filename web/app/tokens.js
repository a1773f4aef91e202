// The source of the token: the host application (by postMessage or the URL's fragment), the development endpoint of a local
// gateway, or a visitor who pastes it.

const HOST_DEADLINE_MS = 10_000;
const REMEMBERED = 'live-chat-visitor';
/** The error code if the application that opened the page sends no token. */
export const NO_HOST_TOKEN = 'no_host_token';
/** The error code if the gateway no longer issues development tokens. */
export const NO_DOOR = 'no_door';

/** A token's claims; undefined if it is not a token. */
export function claimsOf(token) {
  try {
    const payload = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === 'object' && claims?.sub !== undefined ? claims : undefined;
  } catch {
    return undefined;
  }
}

/** Removes `#token=…` from the URL at once, so that it ends up neither in the history nor in a copied link. */
export function takeFromAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token !== null) history.replaceState(history.state, '', location.pathname + location.search);
  return token || undefined;
}

/** The application that opened this page: it may send `{ type: 'live-chat-token', token, starts_at? }`. */
export class Host {
  #window = window.opener ?? (window.parent === window ? null : window.parent);
  #origins;

  /** `origins` are those whose pages are trusted. */
  constructor(origins) {
    this.#origins = [...new Set([location.origin, ...origins])];
  }

  get isThere() {
    return this.#window !== null;
  }

  /** Calls back with each token that the application sends. */
  listen(onToken) {
    const listener = ({ data, origin, source }) => {
      if (source !== this.#window || !this.#origins.includes(origin)) return;
      if (data?.type === 'live-chat-token' && typeof data.token === 'string') onToken(data);
    };
    addEventListener('message', listener);
    this.ask();
    return () => removeEventListener('message', listener);
  }

  /** Asks the application for a token. */
  ask() {
    for (const origin of this.#origins) this.#window?.postMessage({ type: 'live-chat-token-needed' }, origin);
  }

  /** The next token that the application sends. */
  nextToken() {
    return new Promise((resolve, reject) => {
      const stop = this.listen(({ token }) => {
        clearTimeout(timer);
        stop();
        resolve(token);
      });
      const timer = setTimeout(() => {
        stop();
        reject(Object.assign(new Error('The application sent no token'), { code: NO_HOST_TOKEN }));
      }, HOST_DEADLINE_MS);
    });
  }
}

/** Whether the page may come from a gateway on this machine, which may issue development tokens. */
export const mayHaveDoor = () => ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);

/** A development token for a name; always the same user within a tab. Undefined if the gateway does not issue them. */
export async function developmentToken(name) {
  const body = JSON.stringify({ name, sub: remembered()?.sub });
  const response = await fetch('/dev/token', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  if ([403, 404, 405].includes(response.status)) return undefined;
  if (!response.ok) throw new Error(`POST /dev/token answered with status ${response.status}`);
  const { token, user_id: sub } = await response.json();
  sessionStorage.setItem(REMEMBERED, JSON.stringify({ name, sub }));
  return token;
}

/** The name and the user of this tab. */
export function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(REMEMBERED)) ?? undefined;
  } catch {
    return undefined;
  }
}
