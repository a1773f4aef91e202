// The messages on the page: a window onto the chat of at most two hundred messages, in order and without gaps. Each element costs
// time in every frame, visible or not, and the length of the chat must not matter.
//
// At the end of the chat, the window follows new messages, unless the visitor's hand is at one: then it is paused. When the visitor
// scrolls back, earlier pages are added at the top and the newest messages removed at the bottom; on the way down it is the other way
// round. All DOM changes are made together, in the next frame.

import { $, contained, inNextFrame, setText } from './dom.js';
import { words } from './locale.js';
import { LogHold } from './log-hold.js';
import { LogKeys } from './log-keys.js';
import { LogScroll } from './log-scroll.js';
import { onTick } from './ticks.js';

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
  #hold;
  /** The messages in the window by id, each with its element. */
  #shown = new Map();
  /** The rows of deleted messages at which the visitor's hand still is. */
  #emptied = new Set();
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
  /** The day of which the times are shown without a date. */
  #day = new Date().toDateString();
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
      onArrive: () => this.#hold.drop('pointer', 'touch'),
      onResize: () => inNextFrame(this.#foldAll),
    });
    this.#hold = new LogHold({ signal, onHold: (row) => this.#pause(row), onRelease: () => this.#resume() });
    onTick(() => this.#lookAtClock(), signal);
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
    if (this.#hold.has(entry.item)) {
      this.#items.empty(entry.item);
      this.#emptied.add(entry.item);
    } else {
      this.#takeOut(entry.item);
    }
    this.#scroll.settle();
    inNextFrame(this.#draw);
  }

  /** A message has another number of likes; `isLiked`, if known, is whether the visitor's is among them. */
  setLikes(messageId, likes, isLiked) {
    const entry = this.#shown.get(messageId);
    if (!entry) return;
    entry.message.likes = likes;
    if (isLiked !== undefined) entry.message.user_liked = isLiked;
    this.showLikes(messageId);
  }

  /** Whether the visitor likes a message has changed, or its number of likes. */
  showLikes(messageId) {
    const entry = this.#shown.get(messageId);
    if (entry) inNextFrame((entry.draw ??= () => this.#items.showLikes(entry.item, entry.message)));
  }

  /** Likes of all messages are shown anew. */
  showAllLikes() {
    for (const id of this.#shown.keys()) this.showLikes(id);
  }

  /** The message's row stays where it is until the action is over. */
  async standStill(messageId, action) {
    const item = this.#shown.get(messageId)?.item;
    if (item) this.#hold.take('action', item);
    try {
      return await action();
    } finally {
      this.#hold.drop('action');
    }
  }

  /** Somebody unfolds a text to read it. */
  stay() {
    this.#scroll.stay();
    this.#showButton();
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
    this.#hold.letGo();
    this.#scroll.release();
    this.#replaceWith([]);
    $('nothing').hidden = true;
    this.#scroll.toEnd();
    this.#showButton();
  }

  /** Goes to the newest message, and follows. */
  toEnd() {
    this.#hold.letGo();
    this.#scroll.release();
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

  #pause(row) {
    this.#scroll.hold(row);
    this.#showButton();
    // The button must not come up under the hand.
    $('to-end').classList.toggle('above', this.#scroll.isPaused && this.#scroll.isLow(row));
  }

  #resume() {
    this.#scroll.release();
    if (this.#scroll.isFollowing) this.toEnd();
    else this.#showButton();
    inNextFrame(this.#draw);
  }

  #lookAtClock() {
    const today = new Date().toDateString();
    if (today === this.#day) return;
    this.#day = today;
    for (const { item, message } of this.#shown.values()) contained(() => this.#items.showTime(item, message));
    this.#scroll.settle();
  }

  #foldAll = () => {
    this.#items.fold([...this.#shown.values()]);
    this.#scroll.settle();
  };

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
    for (const item of this.#emptied) if (!this.#hold.has(item)) this.#bury(item);
    if (this.#scroll.isFollowing || this.#scroll.isHeldIn($('pending'))) this.#trimStart();
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
    this.#fold(messages);
  }

  #prepend(messages) {
    const later = [...this.#shown];
    this.#shown.clear();
    const items = messages.map((message) => this.#make(message));
    for (const [id, entry] of later) this.#shown.set(id, entry);
    this.#list.prepend(...items);
    this.#fold(messages);
  }

  #fold(messages) {
    this.#items.fold(messages.map(({ id }) => this.#shown.get(id)));
  }

  #make(message) {
    const item = this.#items.make(message);
    this.#shown.set(message.id, { message, item });
    return item;
  }

  #replaceWith(messages) {
    this.#shown.clear();
    this.#emptied.clear();
    this.#hasNewer = false;
    this.#hasOlder = messages.length > 0 && messages[0].seq > 1;
    this.#list.replaceChildren(...messages.map((message) => this.#make(message)));
    this.#fold(messages);
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

  #bury(item) {
    this.#emptied.delete(item);
    this.#takeOut(item);
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
    const { isFollowing, isPaused } = this.#scroll;
    const isAtNewest = (isFollowing || (isPaused && this.#unseen === 0)) && !this.#hasNewer;
    const button = $('to-end');
    button.hidden = isAtNewest;
    button.title = isPaused ? words.resume : '';
    button.classList.toggle('above', isPaused && button.classList.contains('above'));
    const ofNew = isPaused ? words.pausedNew : words.newMessages;
    setText($('to-end-text'), this.#unseen > 0 ? ofNew(this.#unseen) : words.toNewest);
  }
}
