// Delivers each entry once, in the order of `seq`: messages, and numbered events that are none.
//
// Messages that a socket pushes are complete and in order: a number that it skips is never used. Only messages sent while no
// socket was open must be fetched. A response may contain messages above `last_seq`, and others with lower numbers can still
// appear; such messages wait here until it is certain that nothing comes before them.

export class Timeline {
  #deliver;
  #onCopy;
  #early = new Map();
  #expected = new Map();

  /** `onCopy` is called with a message that waits and with another copy of it. */
  constructor(deliver, onCopy = () => {}) {
    this.#deliver = deliver;
    this.#onCopy = onCopy;
    /** Every message up to this number has been delivered or will never exist. */
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

  /** Begins after a number: messages up to it are history that was not requested, and do not count as missing. */
  beginAfter(last) {
    this.last = last;
    for (const seq of this.#expected.keys()) if (seq <= last) this.#expected.delete(seq);
  }

  /** Takes fetched messages: the response holds all messages after the number `after` up to the number `settled`. */
  take(messages, settled, after) {
    for (const message of messages) if (message.seq > this.last) this.#wait(message);
    // A response that begins above `last` says nothing about numbers below it that were still open at the previous response.
    if (after <= this.last) {
      this.#deliverEarlyUpTo(settled);
      this.last = Math.max(this.last, settled);
    }
    while (this.#early.has(this.last + 1)) this.#deliverEarlyUpTo(this.last + 1);
    this.#tellMissing();
  }

  /** Takes a message that an open socket pushed: no lower number can appear after it. */
  takeLive(message) {
    if (message.seq <= this.last) return;
    this.#wait(message);
    this.#deliverEarlyUpTo(message.seq);
    while (this.#early.has(this.last + 1)) this.#deliverEarlyUpTo(this.last + 1);
    this.#tellMissing();
  }

  /** Expects a stored message that has not been delivered yet. `onMissing` is called if it never will be. */
  expect(seq, onMissing) {
    this.#expected.set(seq, onMissing);
    this.#tellMissing();
  }

  /** The message with this id, if it is waiting for lower numbers. */
  waiting(messageId) {
    for (const message of this.#early.values()) if (message.id === messageId) return message;
    return undefined;
  }

  /** Forgets a message that was deleted while it was waiting. */
  forget(messageId) {
    for (const [seq, { id }] of this.#early) if (id === messageId) this.#early.delete(seq);
  }

  /** The first copy stays: a copy that arrives later may be older. */
  #wait(message) {
    const earlier = this.#early.get(message.seq);
    if (earlier) this.#onCopy(earlier, message);
    else this.#early.set(message.seq, message);
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
