// The client's view of the session: its messages, likes and viewers.

import { Timeline } from './timeline.js';

/** A message's id is its session's id times this, plus its number. */
export const NUMBERS_PER_SESSION = 100_000_000;

export class Room {
  #emit;
  #keep;
  #onShow;
  #deleted = new Set();

  /** `onShow` is called with each message before its event is emitted. */
  constructor({ emit, keep, onShow }) {
    this.#emit = emit;
    this.#keep = keep;
    this.#onShow = onShow;
    this.session = null;
    /** Whether the timeline has its starting point; from there on, missed messages are fetched. */
    this.hasBegun = false;
    this.messages = new Map();
    this.viewers = 0;
    this.likes = 0;
    this.timeline = new Timeline((message) => this.#show(message));
  }

  /** Enters the session from `status`. Everything starts over if it is a different one. */
  enter(session) {
    const isNew = this.session?.id !== session.id;
    this.session = session;
    if (isNew) {
      this.messages.clear();
      this.#deleted.clear();
      this.timeline.reset();
      this.hasBegun = false;
      this.likes = 0;
      this.#emit('session', { session });
    }
    this.setViewers(session.viewer_count);
    this.setLikes(session.total_likes);
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
      case 'message_deleted':
        return this.remove(event.message_id);
      case 'message_like_update':
        return this.setMessageLikes(event.message_id, event.likes);
      case 'session_like_update':
        return this.setLikes(event.total_likes);
      case 'viewer_count_update':
        return this.setViewers(event.viewer_count);
      case 'pong':
        this.setViewers(event.viewer_count);
        return this.setLikes(event.total_likes);
    }
  }

  /** Likes only grow: a lower number is an older one. */
  setLikes(likes) {
    if (likes > this.likes) this.#count('likes', 'total_likes', likes);
  }

  setViewers(viewers) {
    if (viewers !== this.viewers) this.#count('viewers', 'viewer_count', viewers);
  }

  setMessageLikes(messageId, likes) {
    const message = this.messages.get(messageId);
    const known = message ?? this.timeline.waiting(messageId);
    if (known && known.likes >= likes) return;
    if (known) known.likes = likes;
    this.#emit('messageLikes', { message_id: messageId, likes, message });
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
    this.#emit('deleted', { message_id: messageId, message, client_message_id: key ?? message?.client_message_id ?? undefined });
  }

  /** Compares with the page of the newest messages before a number, for likes and deletions that no event reported. */
  compare({ messages, session_id, has_more, last_seq }, before) {
    if (session_id !== this.session.id) return;
    const there = new Set(messages.map(({ id }) => id));
    const from = has_more ? (messages[0]?.seq ?? Infinity) : 0;
    const to = Math.min(before - 1, last_seq);
    for (const { id, seq } of [...this.messages.values()]) {
      if (seq >= from && seq <= to && !there.has(id)) this.remove(id);
    }
    for (const { id, likes } of messages) if (this.messages.has(id)) this.setMessageLikes(id, likes);
  }

  #show(message) {
    this.#onShow(message);
    if (this.#deleted.has(message.id)) return;
    this.messages.set(message.id, message);
    if (this.messages.size > this.#keep) this.messages.delete(this.messages.keys().next().value);
    this.#emit('message', message);
  }

  #count(name, field, value) {
    this[name] = value;
    this.#emit(name, { [field]: value });
  }
}
