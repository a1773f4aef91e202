// The client's view of the session: its messages, likes and viewers.

import { Likes } from './likes.js';
import { NUMBERS_PER_SESSION } from './numbers.js';
import { Notices } from './notices.js';
import { findQuote, loseQuote } from './quotes.js';
import { Timeline } from './timeline.js';

/** The standing of a user of whom nothing holds. */
const FREE = { state: 'ok' };
/** What holds in the session and changes while it is open: the event of each, and its field in `status`. */
const RULES = { modes: 'modes', clickableLinks: 'clickable_links', pins: 'pins', poll: 'polls', draw: 'draw', reactions: 'reactions' };
/** The versions of those that frames tell, which `pong` has, too: `pins_version` and so on. */
const VERSION = /_version$/;

/** What a host may change of a session without a notice. */
const CHANGING = ['name', 'end_time', 'max_message_length'];

export class Room {
  #emit;
  #keep;
  #onShow;
  #onNumbered;
  #deleted = new Set();
  #notices;

  /** `onShow` is called with each message before its event is emitted, `onNumbered` with each numbered event that is no message. */
  constructor({ emit, keep, onShow, onNumbered }) {
    this.#emit = emit;
    this.#keep = keep;
    this.#onShow = onShow;
    this.#onNumbered = onNumbered;
    this.#notices = new Notices({ emit: (type, detail) => this.#notify(type, detail) });
    this.session = null;
    /** What holds of this user; null before the first `status`. */
    this.standing = null;
    /** Whether the timeline has its starting point; from there on, missed messages are fetched. */
    this.hasBegun = false;
    this.messages = new Map();
    this.viewers = 0;
    this.likes = new Likes({ emit, shown: (id) => this.messages.get(id), waiting: (id) => this.timeline.waiting(id) });
    /** The number of the first message that the application asked for. */
    this.first = 1;
    this.timeline = new Timeline((entry) => this.#take(entry), (message, copy) => this.likes.copied(message, copy));
  }

  /** Enters the session from `status`. Everything starts over if it is a different one. */
  enter(session) {
    const isNew = this.session?.id !== session.id;
    const known = isNew ? [] : Object.values(RULES).map((field) => [field, this.session[field]]);
    this.session = isNew ? session : { ...session, ...Object.fromEntries(known) };
    if (isNew) {
      this.messages.clear();
      this.#deleted.clear();
      this.timeline.reset();
      this.hasBegun = false;
      this.likes.reset();
      this.#emit('session', { session });
    }
    this.setViewers(session.viewer_count);
    this.likes.read(session.total_likes);
    this.learnRules(session);
  }

  /**
   * The rules as `status` tells them: nothing repeats a notice that was missed. A rule that is another object than in `known` stays:
   * its notice came after `status` was asked.
   */
  learnRules(session, known = this.session) {
    for (const [type, field] of Object.entries(RULES)) {
      const [rule, next] = [this.session[field], session[field]];
      // An older server, which may still answer some calls, has no such rule.
      if (next === undefined || rule !== known[field] || JSON.stringify(rule) === JSON.stringify(next)) continue;
      this.#notify(type, { [field]: next });
    }
    for (const field of CHANGING) this.session[field] = session[field] ?? this.session[field];
    this.#learnVersion(session);
  }

  /** Notes the versions, but of those that are older than the known ones; `false` if there was one. */
  #learnVersion(told) {
    let isNew = true;
    for (const name in told) {
      if (!VERSION.test(name)) continue;
      if (told[name] < this.session[name]) isNew = false;
      else this.session[name] = told[name];
    }
    return isNew;
  }

  /** Whether a `pong` knows of pins, polls or draws that were missed. */
  lacksNews(pong) {
    return Object.keys(pong).some((name) => VERSION.test(name) && pong[name] > (this.session[name] ?? 0));
  }

  /** The standing as `status` tells it, which leaves it out if nothing holds. */
  setStanding(standing = FREE) {
    const isNews = JSON.stringify(standing) !== JSON.stringify(this.standing ?? FREE);
    this.standing = standing;
    if (isNews) this.#notify('standing', { standing });
  }

  /** The id of the session's message with a number. */
  messageId(seq) {
    return this.session.id * NUMBERS_PER_SESSION + seq;
  }

  /** Handles an event from a socket. Unknown types are meant for newer clients. */
  hear(event) {
    switch (event.type) {
      case 'new_message':
        return this.timeline.takeLive(event.message);
      case 'user_purged':
      case 'chat_cleared':
      case 'messages_restored':
      case 'event':
        return this.timeline.takeLive(event);
      case 'message_deleted':
        return this.remove(event.message_id);
      case 'message_restored':
        return this.#restore(event.message);
      case 'message_like_update':
        return this.likes.hearOf(event.message_id, event.likes);
      case 'session_like_update':
        return this.likes.hear(event.total_likes);
      case 'viewer_count_update':
        return this.setViewers(event.viewer_count);
      case 'reactions':
        return this.#notify('reactions', { reactions: event.totals, counts: event.counts });
      case 'pong':
        this.setViewers(event.viewer_count);
        this.learnRules({ ...this.session, reactions: event.reactions });
        return this.likes.read(event.total_likes);
      default:
        // A broadcast that was killed may have left an older state under way.
        if (this.#learnVersion(event)) this.#notices.hear(event);
    }
  }

  setViewers(viewers) {
    if (viewers === this.viewers || !Number.isFinite(viewers)) return;
    this.viewers = viewers;
    this.#emit('viewers', { viewer_count: viewers });
  }

  /** An own message was stored. If it was deleted before it arrived, `deleted` is emitted, or the application would wait in vain. */
  expect({ message_id: messageId, client_message_id: key }) {
    const seq = messageId - this.messageId(0);
    if (seq > 0 && seq < NUMBERS_PER_SESSION) this.timeline.expect(seq, () => this.remove(messageId, key));
  }

  remove(messageId, key) {
    if (this.#deleted.has(messageId)) return;
    this.#deleted.add(messageId);
    this.timeline.forget(messageId);
    const message = this.messages.get(messageId);
    this.messages.delete(messageId);
    this.#loseQuotes(({ id }) => id === messageId);
    this.#emit('deleted', { message_id: messageId, message, client_message_id: key ?? message?.client_message_id ?? undefined });
  }

  /** Takes out messages that a purge or a clear covers, and returns them. */
  takeOut(isCovered) {
    const covered = [...this.messages.values()].filter(isCovered);
    for (const { id } of covered) this.messages.delete(id);
    this.#loseQuotes(isCovered);
    return covered;
  }

  /** Puts restored messages back in order; returns those that were missing, and are among the messages that are kept. */
  putBack(messages) {
    const missing = messages.filter(({ id }) => !this.messages.has(id) && !this.#deleted.has(id));
    const all = [...this.messages.values(), ...missing].sort((a, b) => a.seq - b.seq).slice(-this.#keep);
    this.messages.clear();
    for (const message of all) {
      this.messages.set(message.id, message);
      for (const back of missing) findQuote(message, back);
    }
    return missing.filter(({ id }) => this.messages.has(id));
  }

  /** A message that was hidden is back. The socket has pushed every number before it that there is. */
  #restore(message) {
    this.#deleted.delete(message.id);
    if (message.seq > this.timeline.last) return this.timeline.takeLive(message);
    if (this.messages.has(message.id)) return this.likes.hearOf(message.id, message.likes);
    // The application may show earlier pages than the client holds, so the message comes with the event in any case.
    if (message.seq >= this.first) this.putBack([message]);
    for (const reply of this.messages.values()) findQuote(reply, message);
    this.#emit('restored', { from_seq: message.seq, up_to_seq: message.seq, messages: [message] });
  }

  #take(entry) {
    if (entry.type === undefined) this.#show(entry);
    else this.#onNumbered(entry);
  }

  #show(message) {
    this.#onShow(message);
    if (this.#deleted.has(message.id)) return;
    // The answer that has it may be older than the deletion.
    loseQuote(message, ({ id }) => this.#deleted.has(id));
    this.messages.set(message.id, message);
    if (this.messages.size > this.#keep) this.messages.delete(this.messages.keys().next().value);
    this.#emit('message', message);
  }

  #loseQuotes(isGone) {
    for (const message of this.messages.values()) loseQuote(message, isGone);
  }

  #notify(type, detail) {
    const rule = RULES[type];
    if (rule && this.session) this.session[rule] = detail.poll ? withPoll(detail.poll, this.session.polls) : detail[rule];
    if (type === 'standing') this.standing = detail.standing;
    const question = type === 'question' && this.messages.get(detail.message_id);
    if (question) question.answered = detail.answered;
    this.#emit(type, detail);
  }
}

/** Polls with a newer form of one of them, or a further one, the newest first. What this user has voted, frames do not tell. */
const withPoll = (poll, polls = []) =>
  [{ ...polls.find(({ id }) => id === poll.id), ...poll }, ...polls.filter(({ id }) => id !== poll.id)].sort((a, b) => b.id - a.id);
