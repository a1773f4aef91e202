// Own messages that are on their way: shown at once, dimmed; the message from the server takes their place.

import { fillAvatar } from './avatar.js';
import { $, copyOf, setText } from './dom.js';
import { words } from './locale.js';

export class PendingList {
  #list;
  #claims;
  #onRetry;
  #items = new Map();
  #settled = [];

  /** `onRetry` answers whether the text was taken for sending. */
  constructor({ list, claims, onRetry }) {
    this.#list = list;
    this.#claims = claims;
    this.#onRetry = onRetry;
  }

  /** The texts that are not stored, as far as is known. */
  get unsent() {
    const isUnsent = ([key, { messageId }]) => messageId === undefined && !this.#settled.includes(key);
    return [...this.#items].filter(isUnsent).map(([, { message }]) => message);
  }

  add({ client_message_id: key, message }) {
    const item = copyOf('pending-template');
    const claims = this.#claims();
    const name = nameOf(claims);
    fillAvatar(item.querySelector('.avatar'), { name, userId: String(claims.sub), picture: claims.picture });
    item.querySelector('.name').textContent = name;
    item.querySelector('.progress').textContent = words.sending;
    item.querySelector('.text').textContent = message;
    this.#items.set(key, { item, message });
    this.#list.append(item);
  }

  /** The server has stored it; it will be heard of in a moment. */
  acknowledge(key, messageId) {
    const entry = this.#items.get(key);
    if (!entry) return;
    entry.messageId = messageId;
    entry.item.classList.add('stored');
    setText(entry.item.querySelector('.progress'), words.sent);
  }

  /** The message itself has come. This one goes when that one is drawn, so that nothing flickers. */
  settle(key) {
    if (this.#items.has(key)) this.#settled.push(key);
  }

  /** Takes those out whose message is drawn now. */
  drop() {
    for (const key of this.#settled.splice(0)) this.#drop(key);
  }

  fail({ client_message_id: key, code }) {
    const entry = this.#items.get(key);
    if (!entry) return;
    const { item, message } = entry;
    item.classList.add('failed');
    item.querySelector('.progress').textContent = '';
    const why = words.failures[code] ?? words.failedOtherwise;
    item.querySelector('.reason').textContent = `${words.notSent} ${why}`;
    const failure = item.querySelector('.failure');
    failure.hidden = false;
    item.querySelector('.discard').addEventListener('click', () => this.#drop(key));
    item.querySelector('.retry').addEventListener('click', () => {
      // As long as nobody takes it, this is the only place where the text still is.
      if (this.#onRetry(message)) this.#drop(key);
    });
  }

  /** A message was deleted, maybe before it came, and maybe before its answer did. */
  forget(messageId, messageKey) {
    for (const [key, entry] of this.#items) if (key === messageKey || entry.messageId === messageId) this.#drop(key);
  }

  clear() {
    for (const key of [...this.#items.keys()]) this.#drop(key);
  }

  #drop(key) {
    const { item } = this.#items.get(key) ?? {};
    // The keyboard's focus goes to the log rather than nowhere.
    const hadFocus = item?.contains(document.activeElement);
    item?.remove();
    this.#items.delete(key);
    if (hadFocus) $('log').focus({ preventScroll: true });
  }
}

/** The name that the server will show, by the same claims. */
function nameOf({ name, preferred_username: preferred, username, email, sub }) {
  return name || preferred || username || email?.split('@')[0] || `User${sub}`;
}
