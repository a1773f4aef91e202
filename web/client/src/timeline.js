// The order of messages: each goes out once, in the order of `seq`.
//
// What a socket tells live is complete and in order: a number that it skips stays unused for good. Only what happened while
// no socket was open has to be asked for. Such an answer may hold messages above `last_seq`, below which others can still
// appear; those wait here until it is sure that nothing comes before them.

export class Timeline {
  #deliver;
  #early = new Map();
  #expected = new Map();

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
    this.#expected.clear();
  }

  /** Begins after a number: what is up to there is history that nobody asked for, and not missing. */
  beginAfter(last) {
    this.last = last;
    for (const seq of this.#expected.keys()) if (seq <= last) this.#expected.delete(seq);
  }

  /** Takes messages that were asked for: the answer holds all after the number `after` up to the number `settled`. */
  take(messages, settled, after) {
    for (const message of messages) if (message.seq > this.last) this.#wait(message);
    // An answer that begins further up says nothing of a number that was open when the answer before it was made.
    if (after <= this.last) {
      this.#deliverEarlyUpTo(settled);
      this.last = Math.max(this.last, settled);
    }
    while (this.#early.has(this.last + 1)) this.#deliverEarlyUpTo(this.last + 1);
    this.#tellMissing();
  }

  /** Takes a message that an open socket told: nothing below it can come any more. */
  takeLive(message) {
    if (message.seq <= this.last) return;
    this.#wait(message);
    this.#deliverEarlyUpTo(message.seq);
    while (this.#early.has(this.last + 1)) this.#deliverEarlyUpTo(this.last + 1);
    this.#tellMissing();
  }

  /** A message with this number was stored and has not been delivered. If it never will be, `onMissing` is called. */
  expect(seq, onMissing) {
    this.#expected.set(seq, onMissing);
    this.#tellMissing();
  }

  /** A message that waits for lower numbers. */
  waiting(messageId) {
    for (const message of this.#early.values()) if (message.id === messageId) return message;
    return undefined;
  }

  /** Forgets a message that was deleted before its turn. */
  forget(messageId) {
    for (const [seq, { id }] of this.#early) if (id === messageId) this.#early.delete(seq);
  }

  /** Likes only grow: a copy that came later may have been made earlier. */
  #wait(message) {
    const likes = this.#early.get(message.seq)?.likes ?? 0;
    if (likes > message.likes) message.likes = likes;
    this.#early.set(message.seq, message);
  }

  #tellMissing() {
    for (const [seq, onMissing] of this.#expected) {
      if (seq > this.last) continue;
      this.#expected.delete(seq);
      onMissing();
    }
  }

  #deliverEarlyUpTo(bound) {
    const due = [...this.#early.keys()].filter((seq) => seq <= bound).sort((a, b) => a - b);
    for (const seq of due) {
      const message = this.#early.get(seq);
      this.#early.delete(seq);
      this.last = seq;
      this.#expected.delete(seq);
      this.#deliver(message);
    }
  }
}
