// After a loss: compares the messages that the application held before it with the server's, page by page, newest first.
// New messages are fetched by number; likes and deletions of old messages have no number to ask for. Neither have changes of the
// session's rules, of the own standing and of the capabilities: they are read last.

import { NUMBERS_PER_SESSION, numberOf } from './numbers.js';

/** Of more messages, only the newest are compared: all clients come back at the same time, and each page costs the server. */
const MOST = 500;
const USUAL_PAGE = 50;
const LARGE_PAGE = 100;
const MOST_FAILURES = 3;
/** The bounds of the random wait before each further page, for the same reason. */
const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 9_000;

export class Refresh {
  #rest;
  #room;
  #sessionId;
  #before;
  #from;
  #largePage = LARGE_PAGE;
  #failures = 0;
  #isDone;

  /** `last` is the number up to which the application knew everything when the connection was lost; without it, no message is compared. */
  constructor({ rest, room, last }) {
    this.#rest = rest;
    this.#room = room;
    this.#sessionId = room.session.id;
    this.#before = last + 1;
    const held = this.#held();
    this.#from = (held.at(-MOST) ?? held[0])?.seq;
    this.#isDone = last === undefined || held.length === 0;
  }

  /** Compares the newest page now and the others later, while the run has a socket and no newer refresh. */
  async go(run, { random, onError }) {
    let retryAfterMs = 0;
    try {
      if (!this.#isDone) await this.#nextPage();
    } catch (error) {
      if (!run.isOver) onError(error);
      retryAfterMs = error.retryAfterMs ?? 0;
      // Only a few likes are missing then, which is not worth further attempts.
      this.#isDone = ++this.#failures === MOST_FAILURES;
    }
    if (run.isOver || !run.current || run.refresh !== this) return;
    const wait = Math.max(SHORTEST_PAUSE_MS + random() * (LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS), retryAfterMs);
    run.after('refresh', wait, () => (this.#isDone ? this.#readStatus(run, onError) : this.go(run, { random, onError })));
  }

  /**
   * Looks whether the rules, the standing or the capabilities have changed; once, because newer notices tell each change of the former from now
   * on. Older servers have no modes.
   */
  async #readStatus(run, onError) {
    const { standing, session } = this.#room;
    const known = { ...session };
    if (known.modes === undefined) return;
    try {
      const status = await this.#rest.read('status', { session_id: this.#sessionId });
      if (run.isOver || run.refresh !== this) return;
      this.#room.capabilities = status.capabilities;
      // A notice that came meanwhile is newer than the answer, or tells the same.
      if (status.session) this.#learn(status.session, known);
      if (this.#room.standing === standing) this.#room.setStanding(status.standing);
    } catch (error) {
      if (!run.isOver) onError(error);
    } finally {
      if (run.refresh === this) run.refresh = undefined;
    }
  }

  /** Each poll is told by itself: one that was told meanwhile is newer than the answer, and the others are as it says. */
  #learn(session, known) {
    const { polls } = this.#room.session;
    const newer = (id) => polls?.find((poll) => poll.id === id && !known.polls?.includes(poll));
    const told = session.polls?.map((poll) => newer(poll.id) ?? poll);
    this.#room.learnRules({ ...session, polls: told }, { ...known, polls });
  }

  async #nextPage() {
    const left = this.#held().filter(({ seq }) => seq >= this.#from).length;
    const { told } = this.#room.likes;
    const page = await this.#fetch(left > USUAL_PAGE ? this.#largePage : undefined);
    const from = this.#compare(page, told);
    const isFurther = from < this.#before;
    if (isFurther) this.#before = from;
    this.#isDone = !isFurther || from <= this.#from;
  }

  /**
   * Compares with a page of messages, for likes and deletions that no event reported. `told` is the number of broadcasts of likes when the
   * page was asked for. Returns the number from which on the page is complete.
   */
  #compare({ messages, session_id, has_more, last_seq, next_before }, told) {
    const room = this.#room;
    if (session_id !== room.session.id) return Infinity;
    const there = new Set(messages.map(({ id }) => id));
    // The server may have looked further back than the oldest message of the page.
    const oldest = next_before ?? messages[0]?.id;
    const begins = oldest ? numberOf(oldest) : Infinity;
    const from = has_more ? begins : 0;
    const to = Math.min(this.#before - 1, last_seq);
    for (const { id, seq } of [...room.messages.values()]) {
      if (seq >= from && seq <= to && !there.has(id)) room.remove(id);
    }
    for (const message of messages) {
      const held = room.messages.get(message.id);
      if (!held) continue;
      room.likes.answerOf(message.id, message, told);
      // What it replies to is gone, and need not be among the messages that are compared.
      if (message.reply_to?.excerpt === null && held.reply_to?.excerpt) room.remove(message.reply_to.id);
    }
    return from;
  }

  async #fetch(limit) {
    const asked = { session_id: this.#sessionId, before: this.#sessionId * NUMBERS_PER_SESSION + this.#before };
    try {
      return await this.#rest.messages({ ...asked, limit });
    } catch (error) {
      if (limit === undefined || error.code !== 'invalid_request') throw error;
      // This deployment allows only smaller pages.
      this.#largePage = undefined;
      return this.#rest.messages(asked);
    }
  }

  #held() {
    return [...this.#room.messages.values()].filter(({ seq }) => seq < this.#before);
  }
}
