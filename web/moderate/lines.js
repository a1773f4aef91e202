// The messages of the feed, in the order of `seq`. Those that are gone stay, with what is known of why.

import { folded } from './folded.js';

/** How many are kept; while the feed stands still, some more. */
const MOST = 2_000;

export class Lines {
  #all = [];
  #byId = new Map();

  get all() {
    return this.#all;
  }

  get(id) {
    return this.#byId.get(id);
  }

  clear() {
    this.#all = [];
    this.#byId.clear();
  }

  /** Adds a message, or lets it stand again. Returns its line. */
  put(message) {
    const known = this.#byId.get(message.id);
    if (known) {
      known.gone = null;
      return known;
    }
    const line = { id: message.id, seq: message.seq, userId: message.user_id, message, text: folded(message.message), gone: null };
    this.#byId.set(line.id, line);
    let at = this.#all.length;
    while (at > 0 && this.#all[at - 1].seq > line.seq) at -= 1;
    this.#all.splice(at, 0, line);
    return line;
  }

  /** Forgets the oldest ones; returns how many. */
  trim() {
    const surplus = Math.max(0, this.#all.length - MOST);
    for (const { id } of this.#all.splice(0, surplus)) this.#byId.delete(id);
    return surplus;
  }

  /** Marks lines as gone; returns those that were standing. */
  strike(isMeant, gone = {}) {
    const struck = this.#all.filter((line) => line.gone === null && isMeant(line));
    for (const line of struck) line.gone = { ...gone };
    return struck;
  }

  /** Notes who let lines go of which nobody is known yet; returns these lines. */
  credit(isMeant, by) {
    const credited = this.#all.filter((line) => line.gone && !line.gone.by && isMeant(line));
    for (const line of credited) line.gone.by = by;
    return credited;
  }

  standing(isMeant) {
    return this.#all.filter((line) => line.gone === null && isMeant(line));
  }
}
