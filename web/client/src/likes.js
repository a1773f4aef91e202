// The likes of the session and of its messages. A like can be taken back, so a lower number is not always an older one.
//
// Broadcasts come in order, and one follows every change. The response to a call may be older than a broadcast that overtakes it.

export class Likes {
  #emit;
  #shown;
  #waiting;
  #told = 0;
  #totalToldAt = 0;
  #toldAt = new WeakMap();
  #isDoubted = false;

  /** `shown` and `waiting` find a message by its id: among those that the application has, and among those that come later. */
  constructor({ emit, shown, waiting }) {
    this.#emit = emit;
    this.#shown = shown;
    this.#waiting = waiting;
    /** The likes of the session. */
    this.total = 0;
  }

  /** How many broadcasts there were. Whoever asks for likes remembers it, so that the answer changes nothing that was told since. */
  get told() {
    return this.#told;
  }

  /** Starts over, for another session. */
  reset() {
    this.total = 0;
    this.#isDoubted = false;
  }

  /** A broadcast of the session's likes. */
  hear(total) {
    this.#totalToldAt = ++this.#told;
    this.#setTotal(total);
  }

  /** A response with the session's likes that nobody waited for. One lower number may be an old one; the second in a row is not. */
  read(total) {
    if (!Number.isFinite(total)) return;
    if (total >= this.total || this.#isDoubted) this.#setTotal(total);
    else this.#isDoubted = true;
  }

  /** The answer to an own call, made after `told` broadcasts. */
  answer(total, told) {
    if (this.#totalToldAt <= told) this.#setTotal(total);
  }

  /** A broadcast of a message's likes. */
  hearOf(messageId, likes) {
    this.#told += 1;
    const message = this.#find(messageId);
    if (message) this.#toldAt.set(message, this.#told);
    this.#setOf(messageId, { likes });
  }

  /** A response with a message's likes, asked for after `told` broadcasts. `user_liked` may be missing. */
  answerOf(messageId, { likes, user_liked }, told) {
    const message = this.#find(messageId);
    const isOvertaken = (this.#toldAt.get(message) ?? 0) > told;
    this.#setOf(messageId, { likes: isOvertaken ? message.likes : likes, user_liked });
  }

  /** Another copy of a message that waits. What was told is newer than any copy; otherwise, the higher number is. */
  copied(message, copy) {
    if (!this.#toldAt.has(message) && copy.likes > message.likes) message.likes = copy.likes;
  }

  #find(messageId) {
    return this.#shown(messageId) ?? this.#waiting(messageId);
  }

  #setTotal(total) {
    this.#isDoubted = false;
    if (total === this.total || !Number.isFinite(total)) return;
    this.total = total;
    this.#emit('likes', { total_likes: total });
  }

  #setOf(messageId, { likes, user_liked }) {
    const message = this.#find(messageId);
    const isLiked = user_liked ?? message?.user_liked;
    if (message && message.likes === likes && message.user_liked === isLiked) return;
    if (message) message.likes = likes;
    if (message && isLiked !== undefined) message.user_liked = isLiked;
    this.#emit('messageLikes', { message_id: messageId, likes, message: this.#shown(messageId) });
  }
}
