// Where the token comes from: the host application (by postMessage or the fragment of the address), the development door of a
// local gateway, or a person who pastes it.

const HOST_DEADLINE_MS = 10_000;
const REMEMBERED = 'live-chat-visitor';
/** The code of the failure that the application which opened the page sends no token. */
export const NO_HOST_TOKEN = 'no_host_token';
/** The code of the failure that there is no door for development tokens any more. */
export const NO_DOOR = 'no_door';

/** What a token says of its user; nothing if it is none. */
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

/** Takes `#token=…` out of the address, at once, so that it is in no history and no copied link. */
export function takeFromAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token !== null) history.replaceState(history.state, '', location.pathname + location.search);
  return token || undefined;
}

/** The application that opened this page: it may send `{ type: 'live-chat-token', token, starts_at? }`. */
export class Host {
  #window = window.opener ?? (window.parent === window ? null : window.parent);
  #origins;

  /** `origins` are those whose pages are believed. */
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

  /** Tells the application that a token is needed. */
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

/** Whether a gateway on this machine may have a door for development tokens. */
export const mayHaveDoor = () => ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);

/** A development token for a name; in this tab, the same user each time. Undefined where there is no such door. */
export async function developmentToken(name) {
  const body = JSON.stringify({ name, sub: remembered()?.sub });
  const response = await fetch('/dev/token', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  if ([403, 404, 405].includes(response.status)) return undefined;
  if (!response.ok) throw new Error(`The door for tokens answered with status ${response.status}`);
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
