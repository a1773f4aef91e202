// The order of messages: each goes out once, in the order of `seq`.
//
// What a socket tells live is complete and in order: a number that it skips stays unused for good. Only what happened while
// no socket was open has to be asked for. Such an answer may hold messages above `last_seq`, below which others can still
// appear; those wait here until it is sure that nothing comes before them.

export class Timeline {
  #deliver;
  #early = new Map();

  constructor(deliver) {
    this.#deliver = deliver;
    /** Every message up to this number has been delivered, or never will exist. */
    this.last = 0;
  }

  /** Whether messages wait for lower numbers. */
  get isWaiting() {
    return this.#early.size > 0;
  }

  /** Starts over, for another session. */
  reset() {
    this.last = 0;
    this.#early.clear();
  }

  /** Takes messages that were asked for: the answer holds all after the number `after` up to the number `settled`. */
  take(messages, settled, after) {
    for (const message of messages) if (message.seq > this.last) this.#early.set(message.seq, message);
    // An answer that begins further up says nothing of a number that was open when the answer before it was made.
    if (after <= this.last) {
      this.#deliverEarlyUpTo(settled);
      this.last = Math.max(this.last, settled);
    }
    while (this.#early.has(this.last + 1)) this.#deliverEarlyUpTo(this.last + 1);
  }

  /** Takes a message that an open socket told: nothing below it can come any more. */
  takeLive(message) {
    if (message.seq <= this.last) return;
    this.#early.set(message.seq, message);
    this.#deliverEarlyUpTo(message.seq);
    while (this.#early.has(this.last + 1)) this.#deliverEarlyUpTo(this.last + 1);
  }

  /** Forgets a message that was deleted before its turn. */
  forget(messageId) {
    for (const [seq, { id }] of this.#early) if (id === messageId) this.#early.delete(seq);
  }

  #deliverEarlyUpTo(bound) {
    const due = [...this.#early.keys()].filter((seq) => seq <= bound).sort((a, b) => a - b);
    for (const seq of due) {
      const message = this.#early.get(seq);
      this.#early.delete(seq);
      this.last = seq;
      this.#deliver(message);
    }
  }
}
