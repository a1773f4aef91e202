// What purges and clears take out of the room, and what comes back when one is taken back.
//
// Their frames have numbers and are applied in order with the messages, so a message that comes after an act is never covered by it.
// Only pages that bring restored messages may have been answered before a later act: they are held against the acts since.

import { failLoading } from './chat-error.js';

/** All clients hear of it at the same moment, and each page costs the server. */
const SPREAD_MS = 5_000;
const RETRY_MS = 15_000;
const TRIES = 3;

export class Covers {
  #room;
  #rest;
  #clock;
  #random;
  #emit;
  /** Acts that covered something, in order, since the first restore that is under way. */
  #acts = [];
  #restoring = 0;

  constructor({ room, rest, clock, random, emit }) {
    this.#room = room;
    this.#rest = rest;
    this.#clock = clock;
    this.#random = random;
    this.#emit = emit;
  }

  /** Applies a numbered event. Unknown types are meant for newer clients. */
  apply(event) {
    const { type, user_id, up_to_seq } = event;
    if (type === 'user_purged') this.#cover('purged', { user_id, up_to_seq }, (message) => message.user_id === user_id && message.seq <= up_to_seq);
    else if (type === 'chat_cleared') this.#cover('cleared', { up_to_seq }, (message) => message.seq <= up_to_seq);
    else if (type === 'messages_restored') this.#restore(event);
  }

  #cover(name, detail, isCovered) {
    if (this.#restoring > 0) this.#acts.push(isCovered);
    this.#emit(name, { ...detail, messages: this.#room.takeOut(isCovered) });
  }

  #restore({ from_seq, up_to_seq }) {
    const { session } = this.#room;
    const actsBefore = this.#acts.length;
    this.#restoring += 1;
    const attempt = async (triesLeft) => {
      if (this.#room.session !== session) return this.#end();
      try {
        const { pagesOf } = await import('./restored.js').catch(failLoading);
        const pages = await pagesOf(this.#rest, session.id, Math.max(from_seq, this.#room.first), up_to_seq);
        if (this.#room.session !== session) return this.#end();
        const since = this.#acts.slice(actsBefore);
        const messages = this.#room.putBack(pages.filter((message) => !since.some((isCovered) => isCovered(message))));
        this.#end();
        this.#emit('restored', { from_seq, up_to_seq, messages });
      } catch (error) {
        this.#emit('error', error);
        if (triesLeft === 0) return this.#end();
        this.#clock.setTimeout(() => attempt(triesLeft - 1), RETRY_MS * (1 + this.#random()));
      }
    };
    this.#clock.setTimeout(() => attempt(TRIES - 1), SPREAD_MS * this.#random());
  }

  #end() {
    this.#restoring -= 1;
    if (this.#restoring === 0) this.#acts = [];
  }
}
