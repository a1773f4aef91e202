// A visit: a token first, then the chat. The token comes from the address, from the application around the page, from what the tab
// keeps, or by the entrance.

import { claimsOf, identityOf } from './claims.js';
import { HOST_DEADLINE_MS, Host } from './host.js';
import { NO_TOKEN, noMoreTokens } from './no-token.js';
import { chat, showTitle, words } from './page.js';
import { forgetToken, isValid, keepToken, keptToken, takeFromAddress } from './tokens.js';

/** Codes with which the chat refuses a token for good. */
const REFUSED = ['unauthorized', 'token_expired', 'forbidden'];

export class Visit {
  #entrance;
  #mayJoinAs;
  #host = new Host();
  /** The token with which the chat was entered by a link, and a newer one of the same user. */
  #current;
  #successor;
  /** The users as whom the application offered to go on in this chat; the visitor is asked once about each. */
  #offered = new Set();
  /** What was decided about the last token that was brought. */
  #decided = Promise.resolve();

  /** `mayJoinAs` decides whether a token of another user takes over a running chat. */
  constructor({ entrance, mayJoinAs }) {
    this.#entrance = entrance;
    this.#mayJoinAs = mayJoinAs;
  }

  start() {
    chat.addEventListener('live-chat-ready', () => this.#entrance.hide());
    chat.addEventListener('live-chat-name', ({ detail }) => showTitle(detail.name));
    chat.addEventListener('live-chat-ended', ({ detail }) => this.#refused(detail));
    addEventListener('hashchange', () => this.#enterByAddress());
    const isEntering = this.#enterByAddress() || this.#enterAgain();
    if (!this.#host.isThere) {
      if (!isEntering) this.#entrance.open();
      return;
    }
    if (!isEntering) this.#entrance.wait();
    this.#host.listen((offer) => this.#enterByHost(offer));
    // Any page may have opened this one, also one that knows nothing of tokens.
    setTimeout(() => !chat.user && this.#entrance.isWaiting && this.#entrance.open(), HOST_DEADLINE_MS);
  }

  /** Enters with a pasted token, or with a function that fetches one for a name. */
  async enterByForm(token, first = token) {
    if (!(await this.#enter(token, { first }))) return;
    if (token === first) keepToken(token);
    else forgetToken();
  }

  /**
   * Enters with a token, or with a function that fetches one and begins with the token `first`. Resolves with whether the chat is open.
   * Rejects if the chat does not accept the token, unless that was handled.
   */
  async #enter(token, { first, startsAt }) {
    const entering = chat.connect({ token, first, startsAt });
    this.#current = this.#successor = undefined;
    this.#offered = new Set();
    // Otherwise, another token arrived meanwhile, or the entrance is open again.
    const isIn = await entering;
    if (isIn) this.#entrance.close();
    return isIn;
  }

  /** The chat no longer accepts the visitor's token. */
  #refused(error) {
    const next = isValid(this.#successor) ? this.#successor : undefined;
    if (next) return this.#enterWith(next);
    forgetToken();
    this.#entrance.openAgain(error);
  }

  /** If an application opened the page, it is asked for the next token once this one has expired. */
  #renewable(token) {
    if (!this.#host.isThere) return token;
    const { sub } = claimsOf(token);
    let first = token;
    return async () => {
      const given = first ?? this.#successor ?? (await this.#nextToken((next) => claimsOf(next).sub === sub));
      first = this.#successor = undefined;
      return given;
    };
  }

  /** The application's next token. Without one, a visitor who can enter with a name does that instead. */
  async #nextToken(isWanted) {
    try {
      return await this.#host.nextToken(isWanted);
    } catch (error) {
      throw error.code === NO_TOKEN && this.#entrance.takesNames ? noMoreTokens('token_expired', error.message) : error;
    }
  }

  async #enterWith(token, startsAt) {
    this.#entrance.wait();
    const entering = this.#enter(this.#renewable(token), { first: token, startsAt });
    this.#current = token;
    try {
      await entering;
    } catch (error) {
      if (REFUSED.includes(error.code)) forgetToken();
      this.#entrance.open(this.#entrance.wordsFor(error));
    }
  }

  /** Whether a token is one for `renewal` in the running chat, or else may be used to `enter`: another user's only if `mayJoinAs` says so. */
  #useOf(token) {
    const decide = async () => {
      const next = await identityOf(token);
      const now = chat.user;
      if (now?.sub === next.sub) return 'renewal';
      return !now || (await this.#mayJoinAs(next, now)) ? 'enter' : 'nothing';
    };
    // One after the other: a question does not change while somebody is about to answer it.
    this.#decided = this.#decided.then(decide);
    return this.#decided;
  }

  async #enterByHost({ token, startsAt }) {
    const { sub } = claimsOf(token);
    if (chat.user && this.#offered.has(sub)) return;
    this.#offered.add(sub);
    // An open chat asks for its user's tokens itself.
    if ((await this.#useOf(token)) === 'enter') this.#enterWith(token, startsAt);
  }

  async #enterByLink(token) {
    const use = await this.#useOf(token);
    if (use === 'enter') {
      keepToken(token);
      this.#enterWith(token);
    } else if (use === 'renewal' && token !== this.#current && isValid(token)) {
      keepToken(token);
      // The chat goes on. This token is for the time when the chat refuses the first one.
      this.#successor = token;
    }
  }

  /** Enters with a token in the address; returns whether there was one. */
  #enterByAddress() {
    const token = takeFromAddress();
    if (token === undefined) return false;
    if (claimsOf(token)) this.#enterByLink(token);
    else if (chat.user) chat.notify(words.tokenMalformed);
    else this.#entrance.open(words.tokenMalformed);
    return true;
  }

  /** Enters again after a reload or Back; returns whether there is nothing else to do. */
  #enterAgain() {
    const kept = keptToken();
    if (kept?.isValid) this.#enterWith(kept.token);
    // The application has a newer one.
    else if (!kept || this.#host.isThere) return false;
    else this.#refused({ code: 'token_expired' });
    return true;
  }
}
