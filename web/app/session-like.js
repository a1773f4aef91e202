// The heart beside the field: the visitor's like of the session.

import { SESSION } from './own-likes.js';

export class SessionLike {
  #chat;
  #likes;
  #hearts;
  #announcer;
  #mayLike;
  #words;
  /** The session for which it is known whether this visitor likes it. */
  #knownOf;

  /** `mayLike` tells whether likes are open. */
  constructor({ view, chat, likes, hearts, announcer, mayLike, signal }) {
    this.#chat = chat;
    this.#likes = likes;
    this.#hearts = hearts;
    this.#announcer = announcer;
    this.#mayLike = mayLike;
    this.#words = view.words;
    view.$('like').addEventListener('click', () => this.#toggle(), { signal });
  }

  /** This visitor may have liked the session before the page was loaded. */
  async show() {
    const { session } = this.#chat;
    if (this.#knownOf === session.id) return;
    this.#knownOf = session.id;
    try {
      const { user_liked: isLiked } = await this.#chat.getLikes({ session_id: session.id });
      if (isLiked && this.#chat.session.id === session.id) this.#likes.learn(SESSION, true);
    } catch {
      // Liking again does no harm: each user counts once.
      this.#knownOf = undefined;
    }
  }

  async #toggle() {
    if (!this.#mayLike()) return;
    const wasLiked = this.#likes.isLiked(SESSION);
    // Each user counts once. More hearts are just for fun.
    if (wasLiked && !this.#likes.canTakeBack) return this.#hearts.rise(1);
    await this.#likes.toggle(SESSION, wasLiked);
    const isLiked = this.#likes.isLiked(SESSION);
    if (isLiked !== wasLiked) this.#announcer.say(isLiked ? this.#words.liked : this.#words.unliked);
  }
}
