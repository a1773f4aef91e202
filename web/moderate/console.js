// The console of one moderator: its parts, and what goes between them.

import { Acts } from './acts.js';
import { Announce } from './announce.js';
import { askFor } from './ask.js';
import { Card } from './card.js';
import { $, setText } from './elements.js';
import { Feed, isQuestion } from './feed.js';
import { Held } from './held.js';
import { Hosted } from './hosted.js';
import { VIEWS, meaningOf } from './keys.js';
import { Log } from './log.js';
import { Modes } from './modes.js';
import { Notice } from './notice.js';
import { People } from './people.js';
import { Preferences } from './preferences.js';
import { Reports } from './reports.js';
import { Rooms } from './rooms.js';
import { Sessions } from './sessions.js';
import { Settings } from './settings.js';
import { Signal } from './signal.js';
import { Terms } from './terms.js';
import { Views } from './views.js';
import { words } from './words.js';

/** How often lists are read while nothing tells of news. */
const POLL_MS = 15_000;
/** Reasons for which the chat ends for good: the token is of no use any more. */
const OVER = ['unauthorized', 'token_expired', 'token_unavailable', 'banned'];

export class Console {
  #chat;
  #rights;
  #onOver;
  #preferences = new Preferences();
  #people = new People();
  #notice = new Notice({ onUndo: () => this.#acts.undo() });
  #signal = new Signal(this.#preferences);
  #settings = new Settings({ preferences: this.#preferences, signal: this.#signal });
  #acts;
  #announce;
  #feed;
  #held;
  #hosted;
  #reports;
  #log;
  #card;
  #modes;
  #terms;
  #sessions;
  #views;
  #isOver = false;

  /** `onOver(error)` is told if the chat no longer accepts the token. */
  constructor({ chat, rights, room, onOver }) {
    this.#chat = chat;
    this.#rights = rights;
    this.#onOver = onOver;
    const onError = (error) => this.#notice.fail(error);
    const onKey = (list) => (event) => this.#press(list, event);
    const counter = (what) => (size) => this.#count(what, size);
    const onNews = () => this.#signal.news();
    this.#acts = new Acts({ moderate: chat.moderate, notice: this.#notice, preferences: this.#preferences, onDone: (act, what) => this.#done(act, what) });
    this.#announce = new Announce({ moderate: chat.moderate, onDone: (id, { pin }) => this.#acts.announced(id, { pin }), onFail: onError });
    this.#feed = new Feed({ chat, people: this.#people, onKey: onKey('feed') });
    this.#held = new Held({ chat, onKey: onKey('held'), onCount: counter('held'), onNews });
    this.#hosted = new Hosted({ chat, notice: this.#notice });
    this.#reports = new Reports({ chat, onKey: onKey('reports'), onCount: counter('reports'), onNews, onError });
    this.#log = new Log({ chat, onKey: onKey('log'), onError });
    this.#card = new Card({ chat, acts: this.#acts, rights, onError });
    this.#modes = new Modes({ chat, acts: this.#acts, rights, room, notice: this.#notice });
    this.#terms = new Terms({ chat, rights, notice: this.#notice });
    this.#sessions = new Sessions({ chat, rights, room, notice: this.#notice });
    new Rooms({ chat, room, notice: this.#notice });
    this.#views = new Views({ available: rights.moderate ? VIEWS : ['log'], onShow: (view) => this.#shown(view) });
    this.#listen();
  }

  start() {
    $('console').hidden = false;
    for (const node of document.querySelectorAll('[data-needs]')) node.hidden = !this.#rights[node.dataset.needs];
    this.#views.show(this.#rights.moderate ? 'feed' : 'log', { takesFocus: true });
    if (this.#rights.moderate) this.#connect();
    else this.#log.load().catch((error) => this.#notice.fail(error));
    setInterval(() => this.#poll(), POLL_MS);
  }

  #listen() {
    const chat = this.#chat;
    chat.addEventListener('state', ({ detail }) => this.#tellState(detail));
    chat.addEventListener('session', ({ detail: { session } }) => setText($('session'), session.name));
    chat.addEventListener('viewers', ({ detail }) => setText($('viewers'), words.viewers(detail.viewer_count)));
    chat.addEventListener('moderation', ({ detail: { action } }) => {
      this.#people.hear(action);
      this.#feed.credit(action);
      this.#card.hear(action);
      if (action.action === 'update_session' && action.session_id === chat.session?.id && action.changes?.name) setText($('session'), action.changes.name);
      if (action.action === 'put_terms') this.#terms.refresh().catch((error) => this.#notice.fail(error));
    });
    $('console').addEventListener('click', ({ target }) => {
      const pressed = target.closest('[data-act]');
      if (!pressed) return;
      const list = pressed.closest('[data-list]')?.dataset.list ?? 'feed';
      this.#do(list, pressed.dataset.act);
    });
  }

  #connect() {
    // `state` tells what became of it.
    this.#chat.connect().catch(() => {});
  }

  #tellState({ state, reason }) {
    const node = $('state');
    node.dataset.state = state;
    if (state === 'live') {
      setText(node, words.live);
      this.#load();
    } else if (state !== 'ended') setText(node, words[state]);
    else if (OVER.includes(reason?.code)) this.#end(reason);
    else {
      setText(node, reason?.code === 'forbidden' ? words.mayNotRead : words.noSession);
      this.#load();
    }
  }

  #end(reason) {
    this.#isOver = true;
    this.#onOver(reason);
  }

  #poll() {
    if (this.#isOver || document.hidden) return undefined;
    this.#sessions.refresh();
    if (this.#chat.state === 'live') return undefined;
    if (!this.#rights.moderate) return this.#log.load().catch((error) => this.#notice.fail(error));
    // A session may have opened; a chat that reconnects does so by itself.
    if (this.#chat.state === 'ended') this.#connect();
    return undefined;
  }

  /** Reads what a socket does not repeat. */
  async #load() {
    const parts = [this.#held.load(), this.#reports.load(), this.#log.load(), this.#people.load(this.#chat.moderate)];
    const failed = (await Promise.allSettled(parts)).find(({ status, reason }) => status === 'rejected' && reason.code !== 'chat_not_active');
    if (failed) this.#notice.fail(failed.reason);
  }

  #shown(view) {
    if (view === 'sessions') this.#sessions.refresh({ tells: true });
    // Nobody hears of acts in rooms without a session.
    if (view === 'log' && this.#chat.state !== 'live') this.#log.load().catch((error) => this.#notice.fail(error));
    if (view === 'terms') this.#terms.refresh().catch((error) => this.#notice.fail(error));
  }

  #count(what, size) {
    setText($(`${what}-count`), size > 0 ? size : '');
    $(`${what}-count`).hidden = size === 0;
    this.#signal.count(what, size);
  }

  #press(list, event) {
    if (!this.#preferences.get('keys')) return;
    const meaning = meaningOf(list, event);
    if (!meaning) return;
    event.preventDefault();
    if (meaning.view) this.#views.show(meaning.view, { takesFocus: true });
    else this.#do(list, meaning.act);
  }

  async #do(list, act) {
    const everywhere = {
      undo: () => this.#acts.undo(),
      shield: () => this.#modes.toggleShield(),
      pause: () => this.#feed.window.toggle(),
      help: () => this.#settings.open(),
      clear: () => this.#acts.clear(),
      questions: () => this.#feed.selectQuestions() === 0 && this.#notice.say(words.noOpenQuestions),
      announce: () => this.#rights.announce && this.#announce.open(),
      hosted: () => this.#rights.announce && this.#hosted.open(),
    };
    if (Object.hasOwn(everywhere, act)) return everywhere[act]();
    const targets = this.#targetsOf(list);
    if (targets.length === 0) return this.#notice.say(words.chooseFirst);
    const ids = targets.map(({ id }) => id);
    const userIds = [...new Set(targets.map(({ userId }) => userId))].filter(Boolean);
    const acts = {
      delete: () => this.#acts.delete(ids),
      timeout: () => this.#acts.timeout(userIds),
      ban: () => this.#acts.ban(userIds),
      shadow: () => this.#acts.shadowBan(userIds),
      lift: () => this.#acts.lift(userIds),
      card: () => this.#showCard(userIds[0]),
      same: () => (list === 'held' ? this.#held : this.#feed).selectSame(),
      withTerm: () => this.#selectWith(targets[0]),
      ofPerson: () => this.#feed.selectOf(userIds[0]),
      approve: () => this.#acts.decide('approve', ids),
      deny: () => this.#acts.decide('deny', ids),
      dismiss: () => this.#acts.dismiss(ids),
      pin: () => this.#acts.pin(ids[0], this.#chat.pins),
      answer: () => this.#answer(targets.map(({ message }) => message).filter(isQuestion)),
      reverse: () => this.#acts.reverse(targets[0].entry),
    };
    return acts[act]();
  }

  /** What an act is about, as `{ id, userId }`. */
  #targetsOf(list) {
    const targets = {
      feed: () => this.#feed.targets,
      held: () => this.#held.list.targets.map(({ held_id: id, user_id: userId }) => ({ id, userId })),
      reports: () => this.#reports.list.targets.map(({ message_id: id, user_id: userId }) => ({ id, userId })),
      log: () => this.#log.list.targets.map((entry) => ({ id: entry.id, userId: entry.target.user_id, entry })),
    };
    return targets[list]();
  }

  #answer(questions) {
    if (questions.length === 0) return this.#notice.say(words.noQuestion);
    return this.#acts.answer(questions);
  }

  #showCard(userId) {
    if (userId === undefined) return undefined;
    this.#views.show('person', { takesFocus: true });
    return this.#card.show(userId);
  }

  /** Proposes the term that matches the message; where none does, the moderator says one. */
  async #selectWith({ message }) {
    const text = message.message;
    const { matches } = await this.#chat.moderate.testTerms([...text].slice(0, 4_000).join('')).catch(() => ({ matches: [] }));
    const [match] = matches;
    const proposed = match ? [...text].slice(match.start, match.end).join('') : String(getSelection());
    const term = await askFor(words.askTerm, proposed);
    if (term !== undefined) this.#feed.selectWith(term);
  }

  /** The chat has acknowledged an act; its frames may come later. */
  #done(act, { ids = [], userIds = [], takesMessages }) {
    if (act === 'delete') this.#feed.strike(ids);
    if (takesMessages) this.#feed.strikeOf(userIds);
    if (['delete', 'dismiss_reports'].includes(act)) this.#reports.drop(ids);
    if (['approve', 'deny', 'decided'].includes(act)) this.#held.drop(ids);
    $('undo').setAttribute('aria-disabled', String(!this.#acts.canUndo));
  }
}
