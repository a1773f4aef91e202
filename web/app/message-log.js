// The messages on the page: a window onto the chat of at most two hundred messages, in order and without gaps. Each element costs
// time in every frame, visible or not, and the length of the chat must not matter.
//
// At the end of the chat, the window follows new messages. When the visitor scrolls back, earlier pages are added at the top and
// the newest messages removed at the bottom; on the way down it is the other way round. All DOM changes are made together, in the
// next frame.

import { $, inNextFrame, setText } from './dom.js';
import { words } from './locale.js';
import { LogKeys } from './log-keys.js';
import { LogScroll } from './log-scroll.js';

const MOST_ITEMS = 200;
const PAGE = 50;
/** Drawing more often than this makes no visible difference, but slows down a small machine. */
const DRAW_PAUSE_MS = 100;

export class MessageLog {
  #list = $('messages');
  #history;
  #items;
  #onDraw;
  #scroll;
  /** The messages in the window by id, each with its element. */
  #shown = new Map();
  #arrived = [];
  /** How many messages arrived since the last frame, possibly more than are kept. */
  #arrivals = 0;
  #hasOlder = false;
  #hasNewer = false;
  #isLoading = false;
  /** Whether earlier messages could not be loaded: then they are only fetched again when the visitor asks for it. */
  #hasFailed = false;
  #hasBegun = false;
  #unseen = 0;
  #drawing;
  #drewAt = 0;
  /** Counts up whenever the window starts over: responses to earlier requests are then discarded. */
  #generation = 0;

  /** `onDraw` is called when messages that arrived are drawn, in the same frame. */
  constructor({ history, items, signal, onDraw }) {
    this.#history = history;
    this.#items = items;
    this.#onDraw = onDraw;
    this.#scroll = new LogScroll({
      signal,
      mayFollow: () => !this.#hasNewer,
      onFollow: () => this.#showButton(),
      onMove: () => this.#moved(),
    });
    new LogKeys({ log: $('log'), list: this.#list, signal, toEnd: () => this.toEnd() });
    $('to-end').addEventListener('click', () => this.#returnToEnd(), { signal });
  }

  /** The newest message. */
  add(message) {
    this.#arrived.push(message);
    this.#arrivals += 1;
    // A page in the background draws no frames: messages that will never be shown are dropped.
    if (this.#arrived.length > MOST_ITEMS) this.#arrived.shift();
    this.#drawSoon();
  }

  remove(messageId) {
    this.#arrived = this.#arrived.filter(({ id }) => id !== messageId);
    const entry = this.#shown.get(messageId);
    if (!entry) return;
    this.#shown.delete(messageId);
    this.#takeOut(entry.item);
    inNextFrame(this.#draw);
  }

  setLikes(messageId, likes) {
    const entry = this.#shown.get(messageId);
    if (!entry) return;
    entry.message.likes = Math.max(likes, entry.message.likes);
    inNextFrame((entry.draw ??= () => this.#items.showLikes(entry.item, entry.message)));
  }

  /** The ids of the messages that are on the page, in order. */
  shownIds() {
    return [...this.#shown.keys()];
  }

  /** The newest messages have arrived: from now on, earlier ones may be fetched. */
  begun() {
    this.#hasBegun = true;
    inNextFrame(this.#draw);
  }

  clear() {
    this.#startOver();
    this.#hasBegun = false;
    this.#arrived = [];
    this.#arrivals = 0;
    this.#replaceWith([]);
    $('nothing').hidden = true;
    this.#scroll.toEnd();
    this.#showButton();
  }

  /** Goes to the newest message, and follows. */
  toEnd() {
    if (this.#hasNewer) {
      this.#startOver();
      this.#replaceWith(this.#history.newest(PAGE));
    }
    this.#unseen = 0;
    this.#scroll.toEnd();
    this.#showButton();
  }

  #startOver() {
    this.#generation += 1;
    this.#isLoading = false;
    this.#sayOfEarlier('');
  }

  #returnToEnd() {
    this.toEnd();
    $('log').focus({ preventScroll: true });
  }

  /** The first message shows in the next frame; messages that arrive in quick succession show together. */
  #drawSoon() {
    this.#drawing ??= setTimeout(() => inNextFrame(this.#draw), this.#drewAt + DRAW_PAUSE_MS - performance.now());
  }

  #draw = () => {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    this.#drewAt = performance.now();
    this.#showArrived();
    this.#onDraw();
    if (this.#scroll.isFollowing) this.#trimStart();
    else this.#trimEnd();
    this.#scroll.settle();
    this.#showButton();
    const isEmpty = this.#hasBegun && this.#shown.size === 0 && !this.#hasOlder;
    $('nothing').hidden = !isEmpty;
    setText($('nothing'), isEmpty ? words.nothingYet : '');
    if (this.#hasBegun) this.#moved();
  };

  #showArrived() {
    const lastId = this.#lastId();
    const fresh = this.#arrived.filter(({ id }) => id > lastId);
    const isGap = this.#arrivals > this.#arrived.length;
    if (!this.#scroll.isFollowing) this.#unseen += this.#arrivals;
    this.#arrived = [];
    this.#arrivals = 0;
    if (this.#scroll.isFollowing && isGap) this.#replaceWith(fresh);
    // A visitor who reads further up gets them as pages on the way down.
    else if (isGap) this.#hasNewer = true;
    else if (!this.#hasNewer) this.#append(fresh);
  }

  /** Near an end of the window, the next page is fetched. */
  #moved() {
    if (this.#isLoading || !this.#hasBegun || this.#shown.size === 0) return;
    if (this.#scroll.isNearStart && this.#hasOlder && !this.#hasFailed) this.#loadOlder();
    else if (this.#scroll.isNearEnd && this.#hasNewer) this.#loadNewer();
  }

  /** Fetches a page and shows it, unless the window started over meanwhile. */
  async #load(ask, show, fail) {
    this.#isLoading = true;
    const generation = this.#generation;
    const page = await ask().catch(() => undefined);
    if (generation !== this.#generation) return;
    this.#isLoading = false;
    if (!page) return fail();
    show(page);
    inNextFrame(this.#draw);
  }

  #loadOlder() {
    const firstId = this.#shown.keys().next().value;
    this.#sayOfEarlier(words.loadingEarlier);
    const ask = () => this.#history.older(firstId, PAGE);
    this.#load(ask, (page) => this.#showOlder(page, firstId), () => this.#tellFailure());
  }

  #showOlder({ messages, hasMore }, firstId) {
    this.#hasOlder = hasMore && messages.length > 0;
    this.#scroll.keepPlace(() => {
      this.#prepend(messages.filter(({ id }) => id < firstId));
      this.#sayOfEarlier(this.#hasOlder ? '' : words.beginning);
    });
    if (!this.#scroll.isFollowing) this.#trimEnd();
  }

  #loadNewer() {
    // After a failure, the next scroll tries again.
    this.#load(() => this.#history.newer(this.#lastId(), PAGE), (page) => this.#showNewer(page), () => {});
  }

  #showNewer({ messages, hasMore }) {
    this.#hasNewer = hasMore;
    const lastId = this.#lastId();
    this.#append(messages.filter(({ id }) => id > lastId));
    this.#scroll.keepPlace(() => this.#trimStart());
    this.#scroll.look();
  }

  #tellFailure() {
    this.#hasFailed = true;
    const place = $('earlier');
    const again = document.createElement('button');
    again.type = 'button';
    again.className = 'link';
    again.textContent = words.retry;
    again.addEventListener('click', () => {
      this.#sayOfEarlier('');
      if (!this.#isLoading) this.#loadOlder();
    });
    place.replaceChildren(`${words.earlierFailed} `, again);
  }

  /** Shows a note above the first message; it replaces the previous note, including one about a failure. */
  #sayOfEarlier(text) {
    this.#hasFailed = false;
    const place = $('earlier');
    const hadFocus = place.contains(document.activeElement);
    setText(place, text);
    if (hadFocus) $('log').focus({ preventScroll: true });
  }

  #lastId() {
    return Number(this.#list.lastElementChild?.dataset.id ?? 0);
  }

  #append(messages) {
    if (messages.length === 0) return;
    if (this.#shown.size === 0) this.#hasOlder = messages[0].seq > 1;
    this.#list.append(...messages.map((message) => this.#make(message)));
  }

  #prepend(messages) {
    const later = [...this.#shown];
    this.#shown.clear();
    const items = messages.map((message) => this.#make(message));
    for (const [id, entry] of later) this.#shown.set(id, entry);
    this.#list.prepend(...items);
  }

  #make(message) {
    const item = this.#items.make(message);
    this.#shown.set(message.id, { message, item });
    return item;
  }

  #replaceWith(messages) {
    this.#shown.clear();
    this.#hasNewer = false;
    this.#hasOlder = messages.length > 0 && messages[0].seq > 1;
    this.#list.replaceChildren(...messages.map((message) => this.#make(message)));
  }

  #trimStart() {
    const surplus = [...this.#shown].slice(0, Math.max(0, this.#shown.size - MOST_ITEMS));
    this.#drop(surplus);
    if (surplus.length > 0) {
      this.#hasOlder = true;
      this.#sayOfEarlier('');
    }
  }

  #trimEnd() {
    const surplus = [...this.#shown].slice(MOST_ITEMS);
    this.#drop(surplus);
    if (surplus.length > 0) this.#hasNewer = true;
  }

  #drop(entries) {
    for (const [id, { item }] of entries) {
      this.#shown.delete(id);
      this.#takeOut(item);
    }
  }

  /** Moves the keyboard focus to the log, so that it is not lost. */
  #takeOut(item) {
    const hadFocus = item.contains(document.activeElement);
    item.remove();
    if (hadFocus) $('log').focus({ preventScroll: true });
  }

  #showButton() {
    if (this.#scroll.isFollowing && !this.#hasNewer) this.#unseen = 0;
    // Own messages belong at the end, which may not be on the page now.
    $('pending').hidden = this.#hasNewer;
    $('to-end').hidden = this.#scroll.isFollowing && !this.#hasNewer;
    setText($('to-end-text'), this.#unseen > 0 ? words.newMessages(this.#unseen) : words.toNewest);
  }
}
