// What this visitor likes: known to all tabs of this browser, and taken back by a second click.

import { contained } from './dom.js';

const CHANNEL = 'live-chat-likes';
/** The session itself, beside the ids of its messages. */
export const SESSION = 'session';

export class OwnLikes {
  #chat;
  #onChange;
  #onFailure;
  /** Decisions of this visitor since the page was loaded, in any tab. They are newer than what the server told. */
  #wanted = new Map();
  #busy = new Set();
  #channel;

  /** `onChange` is called with what is liked now or no longer, `onFailure` with whether a like or its end did not arrive. */
  constructor({ chat, baseUrl, signal, onChange, onFailure }) {
    this.#chat = chat;
    this.#onChange = onChange;
    this.#onFailure = onFailure;
    contained(() => this.#listen(baseUrl, signal));
  }

  isLiked(target, toldByServer = false) {
    return this.#wanted.get(target) ?? toldByServer === true;
  }

  /** The server has told whether the visitor likes something. */
  learn(target, isLiked) {
    if (!this.#wanted.has(target)) this.#decide(target, isLiked);
  }

  /** Whether a like can be taken back: a client of an older version cannot. */
  get canTakeBack() {
    return typeof this.#chat.unlike === 'function' && typeof this.#chat.unlikeMessage === 'function';
  }

  /** Likes it, or takes that back. One call at a time: the last decision counts, however fast they follow each other. */
  async toggle(target, wasLiked) {
    if (wasLiked && !this.canTakeBack) return;
    this.#decide(target, !wasLiked);
    if (this.#busy.has(target)) return;
    this.#busy.add(target);
    const wanted = this.#wanted;
    try {
      for (let done = wasLiked; done !== wanted.get(target); ) done = await this.#settle(target, wanted, done);
    } finally {
      this.#busy.delete(target);
    }
  }

  /** Another session has other likes. */
  clear() {
    this.#wanted = new Map();
    this.#busy = new Set();
  }

  /** Tells the server the present decision, and returns it; or the previous one, if that failed. */
  async #settle(target, wanted, previous) {
    const isLiked = wanted.get(target);
    try {
      await this.#call(target, isLiked);
    } catch {
      if (wanted !== this.#wanted) return wanted.get(target);
      this.#decide(target, previous);
      this.#onFailure(isLiked);
      return previous;
    }
    if (wanted === this.#wanted) this.#share(target, isLiked);
    return isLiked;
  }

  #call(target, isLiked) {
    const chat = this.#chat;
    if (target === SESSION) return isLiked ? chat.likeSession() : chat.unlike();
    return isLiked ? chat.likeMessage(target) : chat.unlikeMessage(target);
  }

  #decide(target, isLiked) {
    this.#wanted.set(target, isLiked);
    this.#onChange(target, isLiked);
  }

  #share(target, isLiked) {
    const { userId, session } = this.#chat;
    contained(() => this.#channel?.postMessage({ user: userId, session: session.id, target, isLiked }));
  }

  #listen(baseUrl, signal) {
    const channel = new BroadcastChannel(`${CHANNEL} ${baseUrl}`);
    this.#channel = channel;
    channel.addEventListener('message', ({ data }) => this.#hear(data), { signal });
    signal.addEventListener('abort', () => channel.close());
  }

  #hear(news) {
    if (news?.user !== this.#chat.userId || news.session !== this.#chat.session?.id || typeof news.isLiked !== 'boolean') return;
    // A decision in this tab is on its way to the server.
    if (!this.#busy.has(news.target)) this.#decide(news.target, news.isLiked);
  }
}
