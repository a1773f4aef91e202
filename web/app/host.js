// The application that opened this page or has it in a frame: it may send `{ type: 'live-chat-token', token, starts_at? }`.

import { claimsOf } from './claims.js';
import { NO_TOKEN } from './no-token.js';
import { trustedOrigins } from './settings.js';

/** How long the application may take to answer. */
export const HOST_DEADLINE_MS = 10_000;

const ANY_PORT = ':*';

export class Host {
  #window = window.opener ?? (window.parent === window ? null : window.parent);
  #origins = [...new Set([location.origin, ...trustedOrigins])];

  /** Whether there is an application that the page may trust. */
  get isThere() {
    return this.#window !== null && (trustedOrigins.length > 0 || this.#isOwn);
  }

  /** A page of another origin does not let this one look at it. */
  get #isOwn() {
    try {
      return this.#window.location.origin === location.origin;
    } catch {
      return false;
    }
  }

  /** Calls back with each token that the application sends. */
  listen(onToken) {
    const listener = ({ data, origin, source }) => {
      if (source !== this.#window || !this.#origins.some((known) => covers(known, origin))) return;
      if (data?.type === 'live-chat-token' && claimsOf(data.token)) onToken({ token: data.token, startsAt: data.starts_at });
    };
    addEventListener('message', listener);
    this.ask();
    return () => removeEventListener('message', listener);
  }

  /** Asks the application for a token. */
  ask() {
    // The question holds no secret, and a message cannot be addressed to any port of a host.
    const targets = this.#origins.some((known) => known.endsWith(ANY_PORT)) ? ['*'] : this.#origins;
    for (const origin of targets) this.#window?.postMessage({ type: 'live-chat-token-needed' }, origin);
  }

  /** The next token that the application sends and that `isWanted`. */
  nextToken(isWanted) {
    return new Promise((resolve, reject) => {
      const stop = this.listen(({ token }) => {
        if (!isWanted(token)) return;
        clearTimeout(timer);
        stop();
        resolve(token);
      });
      const timer = setTimeout(() => {
        stop();
        reject(Object.assign(new Error('The application sent no token'), { code: NO_TOKEN }));
      }, HOST_DEADLINE_MS);
    });
  }
}

function covers(known, origin) {
  return known === origin || known === origin.replace(/:\d+$/, '') + ANY_PORT;
}
