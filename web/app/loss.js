// Says in the banner that the chat cannot be reached, and why.

import { NO_TOKEN } from './no-token.js';

export class Loss {
  #words;
  #banner;
  /** Whether the chat waits for another token. */
  #needsToken = false;
  /** Whether the chat refuses a socket because its visitor has too many. */
  #hasTooManyTabs = false;
  #hasLostSocket = false;

  constructor({ words, banner }) {
    this.#words = words;
    this.#banner = banner;
  }

  tokenCame() {
    this.#needsToken = false;
  }

  /** Shows a failure of the connection. `cause` is that of the error, unless the chat is live all the same. */
  fail(state, error, cause) {
    this.#needsToken = cause?.code === NO_TOKEN;
    this.#hasTooManyTabs = error.refusedSocket === true && error.code === 'rate_limited';
    // While the connection is lost, the banner says so already, but not the reason.
    if (state === 'recovering') this.show();
    else if (state === 'connecting') this.#showFailure(error);
  }

  /** A part of the chat could not be loaded. */
  missPart(error) {
    console.error(error);
    this.#banner.show('warning', this.#words.bannerConnecting);
  }

  /** Shows that the connection is lost. */
  show() {
    const { bannerRecovering, bannerOffline } = this.#words;
    this.#banner.show('warning', navigator.onLine ? this.#reasonOr(bannerRecovering) : bannerOffline);
  }

  #showFailure({ code }) {
    // A socket does not say why it was refused, but the next attempt does, within a second.
    const isKnownSoon = code === 'connection_lost' && !this.#hasLostSocket;
    this.#hasLostSocket = true;
    if (!isKnownSoon) this.#banner.show('warning', this.#reasonOr(this.#words.bannerConnecting));
  }

  #reasonOr(otherwise) {
    if (this.#needsToken) return this.#words.bannerNoToken;
    return this.#hasTooManyTabs ? this.#words.bannerTooManyTabs : otherwise;
  }
}
