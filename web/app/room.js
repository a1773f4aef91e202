// The room: one chat, and the parts of a view that show it.

import { LiveChat } from '../client/src/index.js';
import { Announcer } from './announcer.js';
import { Ban } from './ban.js';
import { Banner } from './banner.js';
import { claimsOf, identityOf } from './claims.js';
import { Composer } from './composer.js';
import { Deletion } from './deletion.js';
import { contained } from './dom.js';
import { Header } from './header.js';
import { Hearts } from './hearts.js';
import { History } from './history.js';
import { refreshOlder } from './log-refresh.js';
import { Loss } from './loss.js';
import { offerNames } from './mentions.js';
import { Menus } from './menus.js';
import { MessageItems } from './message-items.js';
import { MessageLog } from './message-log.js';
import { Outgoing } from './outgoing.js';
import { OwnLikes, SESSION } from './own-likes.js';
import { plainName } from './plain-text.js';
import { rightsBy } from './rights.js';
import { Rules } from './rules.js';
import { SessionLike } from './session-like.js';
import { Waiting } from './waiting.js';

const BANNED = 'banned';
/** Codes of a chat that is not open: every other code that ends it is due to the token. */
const NOT_OPEN = ['chat_not_active', 'session_ended', 'not_found'];
/** What is shown of a chat, and of nothing else. */
const PARTS = ['composer', 'room', 'numbers'];

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
  #outgoing;
  #announcer;
  #header;
  #hearts;
  #items;
  #likes;
  #sessionLike;
  #menus;
  #rules;
  #ban;
  #deletion;
  #waiting;
  #wasLive = false;
  #isShown = false;

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
    this.#chat = new LiveChat({ baseUrl: view.baseUrl, token: typeof token === 'string' ? token : source });
    const chat = this.#chat;
    const isOwn = (message) => message.user_id === chat.userId;
    const mayModerate = () => rightsBy(this.#claims).moderate;
    const onUnfold = () => this.#log.stay();
    this.#likes = new OwnLikes({
      chat,
      baseUrl: view.baseUrl,
      signal,
      onChange: (target, isLiked) => (target === SESSION ? this.#composer.setLiked(isLiked) : this.#log.showLikes(target)),
      onFailure: (isLiked) => this.#composer.notify(isLiked ? words.likeFailed : words.unlikeFailed),
    });
    this.#announcer = new Announcer(view);
    this.#composer = new Composer({ view, signal, onSend: (text) => this.#outgoing.send(text) });
    this.#menus = new Menus({
      view,
      chat,
      signal,
      mayModerate,
      composer: this.#composer,
      announcer: this.#announcer,
      log: () => this.#log,
      onMute: () => this.#announcer.forget((message) => this.#menus.isMuted(message)),
    });
    this.#items = new MessageItems({
      view,
      isOwn,
      mayDelete: (message) => isOwn(message) || mayModerate(),
      isMuted: (message) => this.#menus.isMuted(message),
      likes: this.#likes,
      me: () => plainName(this.#claims.name ?? ''),
      onDelete: (message) => this.#deletion.of(message),
      onMenu: (message, button) => this.#menus.open(message, button),
      onUnfold,
    });
    this.#log = new MessageLog({ view, history: new History(chat), items: this.#items, signal, onDraw: () => this.#outgoing.drop() });
    this.#outgoing = new Outgoing({
      view,
      chat,
      signal,
      composer: this.#composer,
      claims: () => this.#claims,
      onAdd: () => this.#log.toEnd(),
      onTaken: () => this.#rules.sent(),
      onUnfold,
    });
    this.#deletion = new Deletion({ view, chat, log: this.#log, composer: this.#composer, announcer: this.#announcer });
    this.#ban = new Ban({ view, chat, signal, onShow: () => this.#makeWay(), onFailure: onRefused });
    this.#rules = new Rules({ view, chat, signal, composer: this.#composer, announcer: this.#announcer, isExempt: mayModerate });
    offerNames({ view, chat, signal, announcer: this.#announcer, isMuted: (message) => this.#menus.isMuted(message) });
    this.#hearts = new Hearts(view);
    this.#sessionLike = new SessionLike({ view, chat, signal, likes: this.#likes, hearts: this.#hearts, announcer: this.#announcer });
    this.#header = new Header({ view, chat, signal, onName });
    this.#banner = new Banner(view);
    this.#loss = new Loss({ words, banner: this.#banner });
    this.#waiting = new Waiting({ words, chat, banner: this.#banner, startsAt });
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
      // The end of the chat has brought its screen already.
      if (error.code === BANNED) return;
      if (!NOT_OPEN.includes(error.code)) throw error;
      this.#show();
    }
  }

  /** Unsent texts return to the composer and are not lost. */
  leave() {
    this.#outgoing.takeBack();
    this.#listeners.abort();
    this.#waiting.stop();
    this.#header.stop();
    this.#composer.stop();
    this.#announcer.stop();
    this.#log.clear();
    this.#banner.hide();
    this.#chat.close();
    this.#hide();
  }

  #hide() {
    for (const id of PARTS) this.#view.$(id).hidden = true;
  }

  #show() {
    this.#isShown = true;
    this.#onShow();
    this.#reveal();
  }

  #reveal() {
    this.#view.$('room').hidden = false;
    this.#ban.hide();
  }

  /** Something else takes the place of the chat. */
  #makeWay() {
    this.#isShown = true;
    this.#onShow();
    this.#hide();
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
    });
    on('message', (message) => {
      if (this.#menus.isMuted(message)) return;
      this.#log.add(message);
      if (this.#wasLive && message.user_id !== chat.userId) contained(() => this.#announcer.hear(message));
    });
    on('deleted', ({ message_id: id }) => this.#log.remove(id));
    on('purged', ({ user_id, up_to_seq }) => this.#removeCovered((message) => message.user_id === user_id && message.seq <= up_to_seq));
    on('cleared', ({ up_to_seq }) => this.#removeCovered((message) => message.seq <= up_to_seq));
    on('restored', ({ from_seq, up_to_seq, messages: [message] }) => {
      if (from_seq === up_to_seq && message) this.#log.putBack(message);
      else if (from_seq !== up_to_seq) this.#log.reload();
    });
    on('messageLikes', ({ message_id, likes }) => this.#log.setLikes(message_id, likes));
    on('likes', ({ total_likes }) => {
      if (this.#wasLive) this.#hearts.rise(total_likes - this.#header.likes);
      this.#header.showLikes(total_likes);
    });
    on('viewers', () => this.#header.showViewers());
    on('rateLimited', ({ retry_after_ms }) => this.#composer.hold(retry_after_ms));
    on('error', (error) => {
      const cause = chat.state === 'live' ? undefined : error.cause;
      if (cause?.endsChat) this.#onRefused(cause);
      else this.#loss.fail(chat.state, error, cause);
    });
    for (const type of ['online', 'offline']) addEventListener(type, () => chat.state === 'recovering' && this.#loss.show(), { signal });
  }

  #removeCovered(isCovered) {
    this.#log.removeCovered(isCovered);
    this.#announcer.forget(isCovered);
  }

  #changeState({ state, previous, reason }) {
    this.#header.showState(state);
    if (state === 'live') {
      this.#waiting.stop();
      this.#show();
      this.#setMayLike(true);
      this.#composer.open({ focus: !this.#wasLive });
      this.#rules.show();
      this.#log.begun();
      this.#sessionLike.show();
      if (previous === 'recovering') this.#recovered();
      else this.#banner.hide();
      this.#wasLive = true;
    } else if (state === 'recovering') {
      this.#loss.show();
    } else if (state === 'ended') {
      this.#setMayLike(false);
      if (reason.code === BANNED) this.#banned(reason);
      else if (NOT_OPEN.includes(reason.code)) this.#closed(reason);
      else if (this.#isShown) this.#onRefused(reason);
    }
  }

  #closed({ code }) {
    if (this.#isShown) this.#reveal();
    this.#composer.close(code === 'session_ended' ? this.#words.sessionEnded : this.#words.failures.chat_not_active);
    this.#waiting.start({ hasEnded: this.#wasLive });
  }

  #banned(reason) {
    this.#outgoing.takeBack();
    this.#ban.show(reason);
  }

  #setMayLike(mayLike) {
    this.#items.setMayLike(mayLike);
    this.#log.showAllLikes();
  }

  /** Takes the claims of a token; the name may follow in a moment. */
  async #learn(token) {
    this.#claims = claimsOf(token) ?? {};
    this.#claims = (await identityOf(token)) ?? {};
  }

  #recovered() {
    this.#banner.show('success', this.#words.bannerRecovered, { forMs: 2500 });
    // After a failed call, some likes stay out of date.
    refreshOlder({ chat: this.#chat, log: this.#log, signal: this.#listeners.signal }).catch(() => {});
  }
}
