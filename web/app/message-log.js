// The messages on the page: a window onto the chat of at most two hundred messages, in order and without gaps. Each element costs
// time in every frame, visible or not, and the length of the chat must not matter.
//
// At the end of the chat, the window follows new messages, unless the visitor's hand is at one: then it is paused. When the visitor
// scrolls back, earlier pages are added at the top and the newest messages removed at the bottom; on the way down it is the other way
// round. All DOM changes are made together, in the next frame.

import { Arrivals } from './arrivals.js';
import { inNextFrame, setText } from './dom.js';
import { EarlierNote } from './earlier.js';
import { EndButton } from './end-button.js';
import { LogHold } from './log-hold.js';
import { LogKeys } from './log-keys.js';
import { LogRows } from './log-rows.js';
import { LogScroll } from './log-scroll.js';
import { onTick } from './ticks.js';

const MOST_ITEMS = 200;
const PAGE = 50;

export class MessageLog {
  #view;
  #history;
  #rows;
  #onDraw;
  #scroll;
  #hold;
  #arrivals = new Arrivals(MOST_ITEMS);
  #hasOlder = false;
  #hasNewer = false;
  #isLoading = false;
  /** The ids of messages that were deleted since the page that is on its way was asked for. */
  #goneMeanwhile = new Set();
  #earlier;
  #button;
  #pending;
  #nothing;
  #hasBegun = false;
  #unseen = 0;
  /** The newest message when the visitor left the newest ones, by scrolling up or to another tab. */
  #left;
  /** The day of which the times are shown without a date. */
  #day = new Date().toDateString();
  #drawing;
  #drewAt = 0;
  /** Counts up whenever the window starts over: responses to earlier requests are then discarded. */
  #generation = 0;

  /** `onDraw` is called when messages that arrived are drawn, in the same frame. */
  constructor({ view, history, items, signal, onDraw }) {
    this.#view = view;
    this.#history = history;
    this.#rows = new LogRows({ view, items });
    this.#showLayout();
    this.#earlier = new EarlierNote(view);
    this.#pending = view.$('pending');
    this.#nothing = view.$('nothing');
    this.#onDraw = onDraw;
    this.#scroll = new LogScroll({
      view,
      signal,
      mayFollow: () => !this.#hasNewer,
      onFollow: () => this.#showButton(),
      onMove: () => this.#moved(),
      onArrive: () => this.#hold.drop('pointer', 'touch'),
      onResize: () => inNextFrame(this.#foldAll),
    });
    this.#hold = new LogHold({ view, signal, onHold: (row) => this.#pause(row), onRelease: () => this.#resume() });
    onTick(() => this.#lookAtClock(), signal);
    document.addEventListener('visibilitychange', () => document.hidden && this.#leave(), { signal });
    new LogKeys({ view, signal, toEnd: () => this.toEnd() });
    this.#button = new EndButton({ view, signal, onPress: () => this.#returnToEnd() });
  }

  /** The newest message. */
  add(message) {
    this.#arrivals.add(message);
    this.#drawSoon();
  }

  remove(messageId) {
    this.#arrivals.drop(({ id }) => id === messageId);
    this.#goneMeanwhile.add(messageId);
    this.#rows.loseQuotesOf(messageId);
    const row = this.#rows.get(messageId);
    if (!row) return;
    this.#rows.remove(messageId, this.#hold.has(row));
    this.#scroll.settle();
    inNextFrame(this.#draw);
  }

  /** Takes out all messages that a purge or a clear covers. */
  removeCovered(isCovered) {
    this.#arrivals.drop(isCovered);
    for (const message of this.#rows.messages.filter(isCovered)) this.#rows.remove(message.id, this.#hold.has(this.#rows.get(message.id)));
    this.#rows.loseQuotes(isCovered);
    // A page that is on its way may have been read before.
    this.#startOver();
    if (this.#rows.size === 0) this.#replaceWith(this.#history.newest(PAGE));
    this.#scroll.settle();
    inNextFrame(this.#draw);
  }

  /** Shows the messages in the view's present layout. */
  showInLayout() {
    this.#scroll.keepPlace(() => {
      this.#showLayout();
      this.#rows.foldAll();
    });
  }

  /** Shows the links that the view has now. */
  showLinks() {
    this.#scroll.keepPlace(() => this.#rows.showTexts());
  }

  /** One message came back: it shows in its place, and the visitor stays where they read. Beyond the window, paging shows it. */
  putBack(message) {
    this.#goneMeanwhile.delete(message.id);
    this.#rows.findQuotes(message);
    const { firstId = Infinity, lastId } = this.#rows;
    const isBeyond = (message.id < firstId && this.#hasOlder) || (message.id > lastId && this.#hasNewer);
    if (isBeyond || this.#rows.get(message.id)) return;
    this.#scroll.keepPlace(() => this.#rows.insert(message));
    inNextFrame(this.#draw);
  }

  /** Messages came back in between: the window starts over at the newest. */
  reload() {
    this.#startOver();
    this.#hold.letGo();
    this.#scroll.release();
    this.#arrivals.clear();
    this.#replaceWith(this.#history.newest(PAGE));
    this.#scroll.toEnd();
    inNextFrame(this.#draw);
  }

  /** A message has another number of likes; `isLiked`, if known, is whether the visitor's is among them. */
  setLikes(messageId, likes, isLiked) {
    this.#rows.setLikes(messageId, likes, isLiked);
  }

  /** Whether the visitor likes a message has changed. */
  showLikes(messageId) {
    this.#rows.showLikes(messageId);
  }

  setMayLike(mayLike) {
    this.#rows.setMayLike(mayLike);
  }

  /** Somebody is muted: their messages leave the page at once. */
  showMuted() {
    this.#hold.letGo();
    this.#scroll.keepPlace(() => this.#rows.showMuted());
    if (this.#view.active?.closest('.message')?.hidden) this.#view.focusLog();
    this.#resume();
  }

  /** The message's row stays where it is until the action is over. */
  async standStill(messageId, action) {
    const row = this.#rows.get(messageId);
    if (row) this.#hold.take('action', row);
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

  /** Goes to a message; returns whether it is on the page. */
  goTo(messageId) {
    const row = this.#rows.get(messageId);
    if (!row || row.hidden) return false;
    this.stay();
    row.focus({ preventScroll: true });
    this.#scroll.toMiddle(row);
    return true;
  }

  /** The ids of the messages that are on the page, in order. */
  shownIds() {
    return this.#rows.ids;
  }

  /** The newest messages have arrived: from now on, earlier ones may be fetched. */
  begun() {
    this.#hasBegun = true;
    inNextFrame(this.#draw);
  }

  clear() {
    this.#startOver();
    this.#hasBegun = false;
    this.#arrivals.clear();
    this.#hold.letGo();
    this.#scroll.release();
    this.#hasNewer = false;
    this.#hasOlder = false;
    this.#rows.clear();
    this.#nothing.hidden = true;
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

  #showLayout() {
    this.#view.$('log').classList.toggle('compact', this.#view.layout === 'compact');
  }

  #startOver() {
    this.#generation += 1;
    this.#isLoading = false;
    this.#earlier.say('');
  }

  #returnToEnd() {
    this.toEnd();
    this.#view.focusLog();
  }

  #pause(row) {
    this.#scroll.hold(row);
    this.#button.keepAway(this.#scroll.isLow(row));
    this.#showButton();
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
    this.#rows.showTimes();
    this.#scroll.settle();
  }

  #foldAll = () => {
    this.#rows.foldAll();
    this.#scroll.settle();
  };

  /** The first message shows in the next frame; messages that arrive in quick succession show together. */
  #drawSoon() {
    this.#drawing ??= setTimeout(() => inNextFrame(this.#draw), this.#drewAt + this.#arrivals.pauseMs - performance.now());
  }

  #draw = () => {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    this.#drewAt = performance.now();
    this.#showArrived();
    this.#onDraw();
    this.#rows.removeEmptied((row) => this.#hold.has(row));
    if (this.#scroll.isFollowing || this.#scroll.isHeldByPending) this.#trimStart();
    else this.#trimEnd();
    this.#scroll.settle();
    this.#showButton();
    const isEmpty = this.#hasBegun && this.#rows.size === 0 && !this.#hasOlder;
    this.#nothing.hidden = !isEmpty;
    setText(this.#nothing, isEmpty ? this.#view.words.nothingYet : '');
    if (this.#hasBegun) this.#moved();
  };

  #showArrived() {
    const { lastId } = this.#rows;
    const { count, messages, isGap } = this.#arrivals.take();
    const fresh = messages.filter(({ id }) => id > lastId);
    if (!this.#scroll.isFollowing) this.#unseen += count;
    if (!this.#scroll.isFollowing && !this.#scroll.isPaused && count > 0) this.#leave();
    if (this.#scroll.isFollowing && isGap) this.#replaceWith(fresh);
    // A visitor who reads further up gets them as pages on the way down.
    else if (isGap) this.#hasNewer = true;
    else if (!this.#hasNewer) this.#append(fresh);
  }

  #leave() {
    if (this.#rows.size > 0) this.#left ??= this.#rows.lastId;
  }

  /** The visitor sees the newest messages again. */
  #returnFrom() {
    if (this.#left === undefined || document.hidden || this.#left === this.#rows.lastId) return;
    this.#rows.markNew(this.#left);
    this.#left = undefined;
  }

  /** Near an end of the window, the next page is fetched. */
  #moved() {
    if (this.#isLoading || !this.#hasBegun || this.#rows.size === 0) return;
    // A window full of messages that are hidden has no room for more.
    const isFull = this.#scroll.isFollowing && this.#rows.size >= MOST_ITEMS;
    if (this.#scroll.isNearStart && this.#hasOlder && !isFull && !this.#earlier.hasFailed) this.#loadOlder();
    else if (this.#scroll.isNearEnd && this.#hasNewer) this.#loadNewer();
  }

  /** Fetches a page and shows it, unless the window started over meanwhile. */
  async #load(ask, show, fail) {
    this.#isLoading = true;
    this.#goneMeanwhile.clear();
    const generation = this.#generation;
    const page = await ask().catch(() => undefined);
    if (generation !== this.#generation) return;
    this.#isLoading = false;
    if (!page) return fail();
    show(page);
    inNextFrame(this.#draw);
  }

  #loadOlder() {
    const { firstId } = this.#rows;
    this.#earlier.say(this.#view.words.loadingEarlier);
    const ask = () => this.#history.older(firstId, PAGE);
    this.#load(ask, (page) => this.#showOlder(page, firstId), () => this.#earlier.tellFailure(() => this.#isLoading || this.#loadOlder()));
  }

  #showOlder({ messages, hasMore }, firstId) {
    this.#hasOlder = hasMore && messages.length > 0;
    this.#scroll.keepPlace(() => {
      this.#rows.prepend(messages.filter(({ id }) => id < firstId && !this.#goneMeanwhile.has(id)));
      this.#earlier.say(this.#hasOlder ? '' : this.#view.words.beginning);
    });
    if (!this.#scroll.isFollowing) this.#trimEnd();
  }

  #loadNewer() {
    // After a failure, the next scroll tries again.
    this.#load(() => this.#history.newer(this.#rows.lastId, PAGE), (page) => this.#showNewer(page), () => {});
  }

  #showNewer({ messages, hasMore }) {
    this.#hasNewer = hasMore;
    const { lastId } = this.#rows;
    this.#append(messages.filter(({ id }) => id > lastId && !this.#goneMeanwhile.has(id)));
    this.#scroll.keepPlace(() => this.#trimStart());
    this.#scroll.look();
  }

  #append(messages) {
    if (messages.length === 0) return;
    if (this.#rows.size === 0) this.#hasOlder = messages[0].seq > 1;
    this.#rows.append(messages);
  }

  #replaceWith(messages) {
    this.#hasNewer = false;
    this.#hasOlder = messages.length > 0 && messages[0].seq > 1;
    this.#rows.replaceWith(messages);
  }

  #trimStart() {
    if (!this.#rows.trim(MOST_ITEMS, true)) return;
    this.#hasOlder = true;
    this.#earlier.say('');
  }

  #trimEnd() {
    if (this.#rows.trim(MOST_ITEMS, false)) this.#hasNewer = true;
  }

  #showButton() {
    if (this.#scroll.isFollowing && !this.#hasNewer) {
      this.#unseen = 0;
      this.#returnFrom();
    }
    // Own messages belong at the end, which may not be on the page now.
    this.#pending.hidden = this.#hasNewer;
    const { isFollowing, isPaused } = this.#scroll;
    const isAtNewest = (isFollowing || (isPaused && this.#unseen === 0)) && !this.#hasNewer;
    this.#button.show({ isAtNewest, isPaused, unseen: this.#unseen });
  }
}
