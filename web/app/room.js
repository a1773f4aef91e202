// The room: one chat, and the parts of a view that show it.

import { LiveChat } from '../client/src/index.js';
import { Announcer } from './announcer.js';
import { Banner } from './banner.js';
import { claimsOf, identityOf } from './claims.js';
import { Composer } from './composer.js';
import { confirmDeletion } from './confirm.js';
import { contained } from './dom.js';
import { Header } from './header.js';
import { Loss } from './loss.js';
import { OwnLikes, SESSION } from './own-likes.js';
import { partsOf } from './parts.js';
import { PendingList } from './pending-list.js';
import { plainName } from './plain-text.js';

const MAY_DELETE = ['host', 'moderator'];
/** Codes of a chat that is not open: every other code that ends it is due to the token. */
const NOT_OPEN = ['chat_not_active', 'session_ended', 'not_found'];

export class Room {
  #view;
  #words;
  #chat;
  #listeners = new AbortController();
  #onShow;
  #onRefused;
  /** The checked claims of the newest token. */
  #claims = {};
  #banner;
  #loss;
  #composer;
  #log;
  #pending;
  #announcer;
  #header;
  #likes;
  #parts;
  #wasLive = false;
  #mayLike = false;
  #isShown = false;
  /** The session for which the page has checked whether this visitor likes it. */
  #likeKnownOf;

  /**
   * `first` is the first token, if `token` is a function that fetches them. `onShow` is called when the room is shown, `onName` with
   * the name of its session, and `onRefused` with why it ended.
   */
  constructor({ view, token, first = token, startsAt, onShow, onName, onRefused }) {
    const { signal } = this.#listeners;
    const { words } = view;
    this.#view = view;
    this.#words = words;
    this.#onShow = onShow;
    this.#onRefused = onRefused;
    this.#learn(first);
    const source = async () => {
      const next = await token();
      await this.#learn(next);
      this.#loss.tokenCame();
      return next;
    };
    this.#chat = new LiveChat({ baseUrl: view.baseUrl, sessionId: view.sessionId, token: typeof token === 'string' ? token : source });
    const chat = this.#chat;
    const isOwn = (message) => message.user_id === chat.userId;
    const onUnfold = () => this.#log.stay();
    this.#likes = new OwnLikes({
      chat,
      baseUrl: view.baseUrl,
      signal,
      onChange: (target, isLiked) => (target === SESSION ? this.#composer.setLiked(isLiked) : this.#log.showLikes(target)),
      onFailure: (isLiked) => this.#composer.notify(isLiked ? words.likeFailed : words.unlikeFailed),
    });
    const ofLog = {
      isOwn,
      mayDelete: (message) => isOwn(message) || this.#claims.roles?.some((role) => MAY_DELETE.includes(role)),
      likes: this.#likes,
      me: () => plainName(this.#claims.name ?? ''),
      onDelete: (message) => this.#delete(message),
      onUnfold,
      onDraw: () => this.#pending.drop(),
    };
    this.#announcer = new Announcer(view);
    this.#pending = new PendingList({ view, claims: () => this.#claims, onRetry: (text) => this.#send(text), onUnfold });
    this.#composer = new Composer({ view, signal, onSend: (text) => this.#send(text) });
    this.#header = new Header({ view, chat, signal, onName });
    this.#banner = new Banner(view);
    this.#loss = new Loss({ words, banner: this.#banner });
    const onMissing = (error) => this.#loss.missPart(error);
    const onLoaded = () => chat.state === 'live' && this.#banner.hide();
    this.#parts = partsOf({ view, chat, banner: this.#banner, startsAt, signal, onMissing, onLoaded, ofLog });
    this.#log = this.#parts.log;
    this.#listen(signal);
  }

  get chat() {
    return this.#chat;
  }

  /** The user who is here, as in `identityOf`. */
  get visitor() {
    return this.#claims;
  }

  /** Shows that something did not work. */
  notify(text) {
    this.#composer.notify(text);
  }

  /** Resolves once the room is shown; rejects if the token is refused. A chat that is not open yet is shown, too. */
  async enter() {
    try {
      await this.#chat.connect();
    } catch (error) {
      if (!NOT_OPEN.includes(error.code)) throw error;
      this.#show();
    }
  }

  /** The view has another `layout`, or other `links`. */
  adapt(setting) {
    if (setting === 'links') this.#log.showLinks();
    else this.#log.showInLayout();
  }

  /** Unsent texts return to the composer and are not lost. */
  leave() {
    this.#composer.takeBack(this.#pending.unsent);
    this.#listeners.abort();
    this.#parts.waiting.stop();
    this.#header.stop();
    this.#composer.stop();
    this.#announcer.stop();
    this.#log.clear();
    this.#pending.clear();
    this.#banner.hide();
    this.#chat.close();
    for (const id of ['composer', 'room', 'numbers']) this.#view.$(id).hidden = true;
  }

  #show() {
    this.#isShown = true;
    this.#onShow();
    this.#view.$('room').hidden = false;
  }

  #listen(signal) {
    const chat = this.#chat;
    const on = (type, action) => chat.addEventListener(type, ({ detail }) => action(detail), { signal });
    on('state', (change) => this.#changeState(change));
    on('session', () => {
      this.#log.clear();
      this.#likes.clear();
      this.#composer.setLiked(false);
      this.#show();
      this.#header.showSession();
      // The client sends what is written now as soon as it has a socket.
      this.#composer.open();
    });
    on('message', (message) => {
      this.#pending.settle(message.client_message_id);
      this.#log.add(message);
      if (this.#wasLive && message.user_id !== chat.userId) contained(() => this.#announcer.hear(message));
    });
    on('pending', (message) => {
      this.#pending.add(message);
      this.#log.toEnd();
    });
    on('failed', (failure) => this.#pending.fail(failure));
    on('denied', ({ client_message_id, reason }) => this.#pending.fail({ client_message_id, code: reason }));
    on('deleted', ({ message_id, client_message_id }) => {
      this.#pending.forget(message_id, client_message_id);
      this.#log.remove(message_id);
    });
    on('purged', ({ user_id, up_to_seq }) => this.#removeCovered((message) => message.user_id === user_id && message.seq <= up_to_seq));
    on('cleared', ({ up_to_seq }) => this.#removeCovered((message) => message.seq <= up_to_seq));
    on('restored', ({ from_seq, up_to_seq, messages: [message] }) => {
      if (from_seq === up_to_seq && message) this.#log.putBack(message);
      else if (from_seq !== up_to_seq) this.#log.reload();
    });
    on('messageLikes', ({ message_id, likes }) => this.#log.setLikes(message_id, likes));
    on('likes', ({ total_likes }) => {
      if (this.#wasLive) this.#parts.hearts.rise(total_likes - this.#header.likes);
      this.#header.showLikes(total_likes);
    });
    on('viewers', () => this.#header.showViewers());
    on('rateLimited', ({ retry_after_ms }) => this.#composer.hold(retry_after_ms));
    on('error', (error) => {
      const cause = chat.state === 'live' ? undefined : error.cause;
      if (cause?.endsChat) this.#onRefused(cause);
      else this.#loss.fail(chat.state, error, cause);
    });
    this.#view.$('like').addEventListener('click', () => this.#likeSession(), { signal });
    for (const type of ['online', 'offline']) addEventListener(type, () => chat.state === 'recovering' && this.#loss.show(), { signal });
  }

  #removeCovered(isCovered) {
    this.#log.removeCovered(isCovered);
    this.#announcer.forget(isCovered);
  }

  #changeState({ state, previous, reason }) {
    this.#header.showState(state);
    if (state === 'live') {
      this.#parts.waiting.stop();
      this.#show();
      this.#setMayLike(true);
      this.#composer.open();
      this.#log.begun();
      this.#showOwnLike();
      if (previous === 'recovering') this.#recovered();
      else this.#banner.hide();
      this.#wasLive = true;
    } else if (state === 'recovering') {
      this.#loss.show();
    } else if (state === 'ended') {
      this.#setMayLike(false);
      if (NOT_OPEN.includes(reason.code)) this.#closed(reason);
      else if (this.#isShown) this.#onRefused(reason);
    }
  }

  #closed({ code }) {
    this.#composer.close(code === 'session_ended' ? this.#words.sessionEnded : this.#words.failures.chat_not_active);
    this.#parts.waiting.start({ hasEnded: this.#wasLive || code === 'session_ended', goesOn: this.#view.sessionId === undefined });
  }

  #setMayLike(mayLike) {
    this.#mayLike = mayLike;
    this.#composer.setMayLike(mayLike);
    this.#log.setMayLike(mayLike);
  }

  /** Takes the claims of a token; the name may follow in a moment. */
  async #learn(token) {
    this.#claims = claimsOf(token) ?? {};
    this.#claims = (await identityOf(token)) ?? {};
  }

  #recovered() {
    this.#banner.show('success', this.#words.bannerRecovered, { forMs: 2500 });
    // After a failed call, some likes stay out of date.
    this.#parts.refreshOlder().catch(() => {});
  }

  /** Returns whether the chat has accepted the text; if so, the event `pending` has shown it. */
  #send(text) {
    if (this.#chat.state === 'ended') return false;
    // The event `failed` shows a failure.
    this.#chat.sendMessage(text).then((ack) => this.#acknowledged(ack), () => {});
    return true;
  }

  #acknowledged({ client_message_id, message_id, status }) {
    if (status === 'held') this.#pending.hold(client_message_id);
    else if (status === 'denied' || status === 'expired') this.#pending.fail({ client_message_id, code: status });
    else this.#pending.acknowledge(client_message_id, message_id);
  }

  /** This visitor may have liked the session before the page was loaded. */
  async #showOwnLike() {
    const { session } = this.#chat;
    if (this.#likeKnownOf === session.id) return;
    this.#likeKnownOf = session.id;
    try {
      const { user_liked: isLiked } = await this.#chat.getLikes({ session_id: session.id });
      if (isLiked && this.#chat.session.id === session.id) this.#likes.learn(SESSION, true);
    } catch {
      // Liking again does no harm: each user counts once.
      this.#likeKnownOf = undefined;
    }
  }

  async #likeSession() {
    if (!this.#mayLike) return;
    const wasLiked = this.#likes.isLiked(SESSION);
    // Each user counts once. More hearts are just for fun.
    if (wasLiked && !this.#likes.canTakeBack) return this.#parts.hearts.rise(1);
    await this.#likes.toggle(SESSION, wasLiked);
    const isLiked = this.#likes.isLiked(SESSION);
    if (isLiked !== wasLiked) this.#announcer.say(isLiked ? this.#words.liked : this.#words.unliked);
  }

  async #delete(message) {
    if (!(await this.#log.standStill(message.id, () => confirmDeletion(this.#view, message)))) return;
    try {
      await this.#chat.deleteMessage(message.id);
      this.#announcer.say(this.#words.deleted);
      this.#view.focusLog();
    } catch (error) {
      // Another user deleted it first.
      if (error.code === 'not_found') this.#log.remove(message.id);
      else this.#composer.notify(this.#words.deleteFailed);
    }
  }
}
