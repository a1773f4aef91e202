// Own messages that are being sent: shown at once, dimmed; the message from the server replaces them.

import { fillAvatar } from './avatar.js';
import { contained, setText } from './dom.js';
import { Fold } from './fold.js';
import { textFor } from './locale.js';
import { plainText } from './plain-text.js';

/** Codes with which the chat says in its own words why it does not take a text, and what it says for want of such words. */
const EXPLAINED = ['term_blocked', 'review_denied'];
const NOT_EXPLAINED = 'This message is not allowed here';

export class PendingList {
  #view;
  #words;
  #list;
  #claims;
  #onRetry;
  #onEdit;
  #items = new Map();
  #settled = [];
  #fold;

  /**
   * `onRetry` returns whether the text was accepted for sending, `onEdit` puts it into the field, both with its details; `onUnfold` is
   * called when a long text is unfolded.
   */
  constructor({ view, claims, onRetry, onEdit, onUnfold }) {
    this.#view = view;
    this.#words = view.words;
    this.#list = view.$('pending');
    this.#claims = claims;
    this.#onRetry = onRetry;
    this.#onEdit = onEdit;
    this.#fold = new Fold({ words: view.words, onUnfold });
  }

  /** The texts that are not known to be stored. */
  get unsent() {
    const isUnsent = ([key, { messageId }]) => messageId === undefined && !this.#settled.includes(key);
    return [...this.#items].filter(isUnsent).map(([, { message }]) => message);
  }

  add({ client_message_id: key, message, reply_to: replyTo, mentions, kind }) {
    const item = this.#view.copyOf('pending-template');
    item.querySelector('.progress').textContent = this.#words.sending;
    item.querySelector('.text').textContent = plainText(message);
    this.#items.set(key, { item, message, details: { replyTo, mentions, kind } });
    this.#list.append(item);
    contained(() => this.#decorate(item, key));
  }

  /** The server has stored the message; it will arrive in a moment. */
  acknowledge(key, messageId) {
    const entry = this.#items.get(key);
    if (!entry) return;
    entry.messageId = messageId;
    entry.item.classList.add('stored');
    setText(entry.item.querySelector('.progress'), this.#words.sent);
  }

  /** The server holds the message until staff decide on it. */
  hold(key) {
    const entry = this.#items.get(key);
    if (!entry || entry.item.classList.contains('failed')) return;
    entry.messageId = null;
    setText(entry.item.querySelector('.progress'), this.#words.held);
  }

  /** The message itself has arrived. The pending item is removed when that message is drawn, so that nothing flickers. */
  settle(key) {
    if (this.#items.has(key)) this.#settled.push(key);
  }

  /** Removes the items whose messages are being drawn now. */
  drop() {
    for (const key of this.#settled.splice(0)) this.#drop(key);
  }

  fail({ client_message_id: key, code, error }) {
    const entry = this.#items.get(key);
    if (!entry) return;
    const { item, message, details } = entry;
    const isOther = code === 'not_found' && !details.replyTo;
    // There is nothing left to reply to.
    if (code === 'not_found') delete details.replyTo;
    item.classList.add('failed');
    item.querySelector('.progress').textContent = '';
    item.querySelector('.reason').textContent = `${this.#words.notSent} ${this.#why(isOther ? '' : code, error)}`;
    item.querySelector('.failure').hidden = false;
    item.querySelector('.discard').addEventListener('click', () => this.#drop(key));
    item.querySelector('.retry').addEventListener('click', () => {
      // Until the text is accepted, this is its only copy.
      if (this.#onRetry(message, details)) this.#drop(key);
    });
    item.querySelector('.edit').addEventListener('click', () => {
      this.#drop(key);
      this.#onEdit(message, details);
    });
  }

  /** A message was deleted, possibly before it or its `ack` arrived. */
  forget(messageId, messageKey) {
    for (const [key, entry] of this.#items) if (key === messageKey || entry.messageId === messageId) this.#drop(key);
  }

  clear() {
    for (const key of [...this.#items.keys()]) this.#drop(key);
  }

  /** Whatever of it fails, the text and its progress show. */
  #decorate(item, key) {
    const claims = this.#claims();
    const name = claims.name ?? '';
    item.querySelector('.name').textContent = name;
    this.#fold.prepare(item, key, name);
    this.#fold.measure([item]);
    fillAvatar(this.#view, item.querySelector('.avatar'), { name, userId: claims.sub, picture: claims.picture });
  }

  #why(code, error) {
    const explanation = EXPLAINED.includes(code) && error?.message !== NOT_EXPLAINED && error?.message;
    return explanation || (textFor(this.#words.failures, code) ?? this.#words.failedOtherwise);
  }

  #drop(key) {
    const item = this.#items.get(key)?.item;
    // Moves the keyboard focus to the log, so that it is not lost.
    const hadFocus = item?.contains(this.#view.active);
    item?.remove();
    this.#items.delete(key);
    if (hadFocus) this.#view.focusLog();
  }
}
