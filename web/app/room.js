// The room: one chat, and the parts of a view that show it.

import { LiveChat } from '../client/src/index.js';
import { Announcer } from './announcer.js';
import { Ban } from './ban.js';
import { Banner } from './banner.js';
import { claimsOf, identityOf } from './claims.js';
import { Composer } from './composer.js';
import { contained } from './dom.js';
import { Header } from './header.js';
import { Loss } from './loss.js';
import { Menus } from './menus.js';
import { Outgoing } from './outgoing.js';
import { OwnLikes, SESSION } from './own-likes.js';
import { partsOf } from './parts.js';
import { plainName } from './plain-text.js';
import { mayModerate } from './rights.js';

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
  #likes;
  #parts;
  #menus;
  #ban;
  #wasLive = false;
  #mayLike = false;
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
    this.#chat = new LiveChat({ baseUrl: view.baseUrl, sessionId: view.sessionId, room: view.room, token: typeof token === 'string' ? token : source });
    const chat = this.#chat;
    const isOwn = (message) => message.user_id === chat.userId;
    // A deployment may keep roles in claims of its own, so the server's word counts. It says none to viewers; an older server, which tells
    // no links either, to nobody.
    const isStaff = () => chat.capabilities?.includes('moderate') ?? (!chat.session?.clickable_links && mayModerate(this.#claims));
    const onUnfold = () => this.#log.stay();
    this.#likes = new OwnLikes({
      chat,
      baseUrl: view.baseUrl,
      signal,
      onChange: (target, isLiked) => (target === SESSION ? this.#composer.setLiked(isLiked) : this.#log.showLikes(target)),
      onFailure: (isLiked) => this.#composer.notify(isLiked ? words.likeFailed : words.unlikeFailed),
    });
    this.#announcer = new Announcer(view);
    this.#composer = new Composer({ view, chat, signal, onSend: (...message) => this.#outgoing.send(...message) });
    const [composer, announcer] = [this.#composer, this.#announcer];
    this.#menus = new Menus({
      view,
      chat,
      signal,
      isStaff,
      composer,
      announcer,
      log: () => this.#log,
      onMute: () => announcer.forget((message) => this.#menus.isMuted(message)),
    });
    const ofLog = {
      composer,
      announcer,
      isOwn,
      mayDelete: (message) => isOwn(message) || isStaff(),
      isMuted: (message) => this.#menus.isMuted(message),
      likes: this.#likes,
      me: () => plainName(this.#claims.name ?? ''),
      onMenu: (message, button) => this.#menus.open(message, button),
      onUnfold,
      onDraw: () => this.#outgoing.drop(),
    };
    this.#outgoing = new Outgoing({
      view,
      chat,
      signal,
      composer,
      claims: () => this.#claims,
      onAdd: () => this.#log.toEnd(),
      onTaken: () => this.#parts.rules.sent(),
      onUnfold,
    });
    this.#ban = new Ban({ view, chat, signal, onShow: () => this.#makeWay(), onFailure: onRefused });
    this.#header = new Header({ view, chat, signal, onName });
    this.#banner = new Banner(view);
    this.#loss = new Loss({ words, banner: this.#banner });
    const onMissing = (error) => this.#loss.missPart(error);
    const onLoaded = () => chat.state === 'live' && this.#banner.hide();
    const ofRules = { composer, announcer, isExempt: isStaff };
    const ofLike = { likes: this.#likes, announcer, mayLike: () => this.#mayLike };
    this.#parts = partsOf({ view, chat, banner: this.#banner, startsAt, signal, onMissing, onLoaded, ofLog, ofRules, ofLike });
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
      // The end of the chat has brought its screen already.
      if (error.code === BANNED) return;
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
    this.#outgoing.takeBack();
    this.#listeners.abort();
    this.#parts.waiting.stop();
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
      // The client sends what is written now as soon as it has a socket.
      this.#composer.open();
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
      if (from_seq !== up_to_seq) this.#log.reload();
      else if (message) this.#log.putBack(message);
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
      // A ban had taken their place.
      this.#view.$('numbers').hidden = false;
      this.#parts.rules.show();
      this.#log.begun();
      this.#parts.sessionLike.show();
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
    this.#parts.waiting.start({ hasEnded: this.#wasLive || code === 'session_ended', goesOn: this.#view.sessionId === undefined });
  }

  #banned(reason) {
    this.#parts.waiting.stop();
    this.#banner.hide();
    this.#outgoing.takeBack();
    this.#ban.show(reason);
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
}
