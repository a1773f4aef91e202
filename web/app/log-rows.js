// The rows of the messages on the page, in order, and the DOM changes to them.

import { findQuote, loseQuote } from '../client/src/quotes.js';
import { contained, inNextFrame } from './dom.js';

export class LogRows {
  #view;
  #list;
  #items;
  /** The messages by id, each with its element. */
  #shown = new Map();
  /** The rows of deleted messages at which the visitor's hand still is. */
  #emptied = new Set();
  /** The ids of messages that were deleted, and are not back: a page that is on its way may still quote them. */
  #deleted = new Set();

  constructor({ view, items }) {
    this.#view = view;
    this.#list = view.$('messages');
    this.#items = items;
  }

  get size() {
    return this.#shown.size;
  }

  /** The ids, in order. */
  get ids() {
    return [...this.#shown.keys()];
  }

  /** The messages, in order. */
  get messages() {
    return [...this.#shown.values()].map(({ message }) => message);
  }

  get firstId() {
    return this.#shown.keys().next().value;
  }

  get lastId() {
    return Number(this.#list.lastElementChild?.dataset.id ?? 0);
  }

  get(messageId) {
    return this.#shown.get(messageId)?.item;
  }

  append(messages) {
    this.#list.append(...messages.map((message) => this.#make(message)));
    this.#relate(messages);
    this.#fold(messages);
  }

  prepend(messages) {
    const later = [...this.#shown];
    this.#shown.clear();
    const items = messages.map((message) => this.#make(message));
    for (const [id, entry] of later) this.#shown.set(id, entry);
    this.#list.prepend(...items);
    this.#relate(messages);
    this.#relateRow(later[0]?.[1].item);
    this.#fold(messages);
  }

  /** Puts a message between those around it. */
  insert(message) {
    const later = [...this.#shown].filter(([id]) => id > message.id);
    for (const [id] of later) this.#shown.delete(id);
    this.#list.insertBefore(this.#make(message), later[0]?.[1].item ?? null);
    for (const [id, entry] of later) this.#shown.set(id, entry);
    this.#relate([message]);
    this.#relateRow(later[0]?.[1].item);
    this.#fold([message]);
  }

  /** The keyboard's focus in a row that goes is in the log then. */
  replaceWith(messages) {
    const hadFocus = this.#list.contains(this.#view.active);
    this.#shown.clear();
    this.#emptied.clear();
    this.#list.replaceChildren(...messages.map((message) => this.#make(message)));
    if (hadFocus) this.#view.focusLog();
    this.#relate(messages);
    this.#fold(messages);
  }

  /** Another session begins. */
  clear() {
    this.replaceWith([]);
    this.#deleted.clear();
  }

  /** Takes out a deleted message. If its row is still needed, that stays for now, without the message. */
  remove(messageId, isNeeded) {
    const { item } = this.#shown.get(messageId);
    this.#shown.delete(messageId);
    if (!isNeeded) return this.#takeOut(item);
    this.#items.empty(item);
    this.#emptied.add(item);
    this.#relateRow(item.nextElementSibling);
  }

  /** Takes out the rows without a message that are no longer needed. */
  removeEmptied(isNeeded) {
    for (const item of this.#emptied) {
      if (isNeeded(item)) continue;
      this.#emptied.delete(item);
      this.#takeOut(item);
    }
  }

  /** Takes out the first or the last ones beyond a number; returns whether there were any. */
  trim(most, isAtStart) {
    const surplus = Math.max(0, this.size - most);
    const ids = isAtStart ? this.ids.slice(0, surplus) : this.ids.slice(this.size - surplus);
    for (const id of ids) this.remove(id, false);
    return surplus > 0;
  }

  /** `isLiked`, if known, is whether the visitor's like is among them. */
  setLikes(messageId, likes, isLiked) {
    const entry = this.#shown.get(messageId);
    if (!entry) return;
    entry.message.likes = likes;
    if (isLiked !== undefined) entry.message.user_liked = isLiked;
    this.showLikes(messageId);
  }

  showLikes(messageId) {
    const entry = this.#shown.get(messageId);
    if (entry) inNextFrame((entry.draw ??= () => this.#items.showLikes(entry.item, entry.message)));
  }

  /** Whether the visitor may like. */
  setMayLike(mayLike) {
    this.#items.setMayLike(mayLike);
    for (const id of this.#shown.keys()) this.showLikes(id);
  }

  /** A message was deleted: what quotes it shows nothing of it any more, on this page and on those to come. */
  loseQuotesOf(messageId) {
    this.#deleted.add(messageId);
    this.loseQuotes(({ id }) => id === messageId);
  }

  /** The same for messages that a purge or a clear covers. */
  loseQuotes(isGone) {
    this.#changeQuotes((message) => loseQuote(message, isGone));
  }

  /** A message is back, and so is what quotes it. */
  findQuotes(back) {
    this.#deleted.delete(back.id);
    this.#changeQuotes((message) => findQuote(message, back));
  }

  #changeQuotes(change) {
    for (const { item, message } of this.#shown.values()) {
      if (!message.reply_to) continue;
      change(message);
      this.#items.showQuote(item, message);
    }
  }

  /** Hides the messages of muted people. */
  showMuted() {
    for (const { item, message } of this.#shown.values()) this.#items.showMuted(item, message);
  }

  /** Shows the times anew: another day has begun. */
  showTimes() {
    for (const { item, message } of this.#shown.values()) contained(() => this.#items.showTime(item, message));
    this.#relate(this.messages);
  }

  /** Shows the texts anew: other addresses in them are links. */
  showTexts() {
    for (const { item, message } of this.#shown.values()) this.#items.showText(item, message);
  }

  /** Folds long texts anew: the rows have another width. */
  foldAll() {
    this.#items.fold([...this.#shown.values()]);
  }

  /** Marks the first message after an id as the first that the visitor has not seen, instead of the one that was. */
  markNew(messageId) {
    this.#list.querySelector('.first-new')?.classList.remove('first-new');
    for (const { item, message } of this.#shown.values()) {
      if (message.id > messageId) return item.classList.add('first-new');
    }
  }

  #relate(messages) {
    for (const { id } of messages) this.#relateRow(this.#shown.get(id).item);
  }

  /** Shows how a row's message relates to the one before it. */
  #relateRow(item) {
    const messageOf = (row) => this.#shown.get(Number(row?.dataset.id))?.message;
    const [message, previous] = [messageOf(item), messageOf(item?.previousElementSibling)];
    if (message) contained(() => this.#items.relate(item, message, previous));
  }

  #fold(messages) {
    this.#items.fold(messages.map(({ id }) => this.#shown.get(id)));
  }

  #make(message) {
    // It is back, though nothing told so.
    this.#deleted.delete(message.id);
    loseQuote(message, ({ id }) => this.#deleted.has(id));
    const item = this.#items.make(message);
    this.#shown.set(message.id, { message, item });
    return item;
  }

  /** Moves the keyboard focus to the log, so that it is not lost. */
  #takeOut(item) {
    const next = item.nextElementSibling;
    const hadFocus = item.contains(this.#view.active);
    item.remove();
    this.#relateRow(next);
    if (hadFocus) this.#view.focusLog();
  }
}
