// What a visitor can do about a message of somebody else, and what staff can. Loaded when the first menu is opened.

import { textFor } from './locale.js';
import { logWords } from './log-words.js';
import { Menu } from './menu.js';
import { MOST_PINS } from './pinning.js';
import { plainName } from './plain-text.js';
import { Reply } from './reply.js';
import { Report } from './report.js';
import { inParts, liftAll, restore } from './staff-acts.js';
import { Toast } from './toast.js';

const TIMEOUT_MINUTES = [1, 10, 60];

export class MessageMenu {
  #words;
  #chat;
  #muted;
  #toast;
  #reply;
  #isStaff;
  #menu;
  #report;

  /** `isStaff` tells whether the visitor is of the staff. */
  constructor({ view, chat, muted, announcer, composer, signal, isStaff }) {
    this.#words = { ...view.words, ...logWords(view) };
    this.#chat = chat;
    this.#muted = muted;
    this.#toast = new Toast({ view, announcer, signal });
    this.#reply = new Reply({ view, chat, composer, announcer, signal });
    this.#isStaff = isStaff;
    this.#menu = new Menu({ view, signal });
    this.#report = new Report({ view, chat, signal });
  }

  /** Opens the menu of a message at its button; resolves once what was chosen is done, or nothing was. */
  async open(message, button) {
    const words = this.#words;
    const name = plainName(message.username);
    const items = message.user_id === this.#chat.userId ? this.#itemsOfHost(message) : [
      // To everybody but its author, there is no such message.
      ...(message.shadowed ? [] : [{ text: words.reply, act: () => this.#reply.to(message) }]),
      { text: words.report, act: () => this.#report.ask(message) },
      { text: words.mute(name), act: () => this.#mute(message.user_id, name) },
      ...this.#itemsOfHost(message),
      ...(this.#isStaff() ? this.#itemsOfStaff(message, name) : []),
    ];
    const act = await this.#menu.choose(button, words.menuOf(name), items);
    await act?.();
  }

  /** What those can do who speak for the host. */
  #itemsOfHost({ id, shadowed }) {
    const words = this.#words;
    const { moderate, capabilities, pins } = this.#chat;
    if (shadowed || !capabilities?.includes('announce')) return [];
    const [pin, unpin] = [async () => done(await moderate.pin(id)), async () => done(await moderate.unpin(id))];
    const failures = pins.length < MOST_PINS ? words.actFailures : { ...words.actFailures, conflict: words.pinsFull };
    if (pins.some((pinned) => pinned.id === id)) return [{ text: words.unpin, act: () => this.#act(words.unpinned, unpin, pin) }];
    return [{ text: words.pin, act: () => this.#act(words.pinned, pin, unpin, failures) }];
  }

  #itemsOfStaff({ id, user_id: userId }, name) {
    const words = this.#words;
    return [
      { text: words.delete, act: () => this.#delete(id), isGrave: true, isFirst: true },
      ...TIMEOUT_MINUTES.map((minutes) => ({ text: words.timeOut(minutes), act: () => this.#timeOut(userId, name, minutes), isGrave: true })),
      { text: words.ban(name), act: () => this.#ban(userId, name), isGrave: true },
    ];
  }

  #mute(userId, name) {
    this.#muted.mute(userId, name);
    this.#toast.say(this.#words.muted(name), () => this.#muted.unmute(userId));
  }

  #delete(id) {
    const { moderate } = this.#chat;
    return this.#act(this.#words.deleted, () => inParts([id], (ids) => moderate.delete(ids)), (actions) => restore(moderate, actions));
  }

  #timeOut(userId, name, minutes) {
    return this.#sanction(this.#words.timedOut(name, minutes), userId, (ids, options) =>
      this.#chat.moderate.timeout(ids, { ...options, seconds: minutes * 60 }),
    );
  }

  #ban(userId, name) {
    return this.#sanction(this.#words.banned(name), userId, (ids, options) => this.#chat.moderate.ban(ids, options));
  }

  /** As in the console by default, the person's messages go as well. */
  #sanction(said, userId, call) {
    const options = { deleteMessages: true };
    return this.#act(said, () => inParts([userId], (ids) => call(ids, options)), (actions) => liftAll(this.#chat.moderate, actions, true));
  }

  async #act(said, act, undo, failures) {
    try {
      const { actions, refused } = await act();
      if (refused.length > 0) return this.#fail(refused[0]);
      this.#toast.say(said, () => this.#takeBack(said, () => undo(actions)));
    } catch (error) {
      this.#fail(error, failures);
    }
  }

  async #takeBack(said, undo) {
    try {
      await undo();
      this.#toast.say(this.#words.takenBack(said));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error, failures = this.#words.actFailures) {
    if (!error.code) console.error(error);
    this.#toast.say(textFor(failures, error.code) ?? this.#words.actFailed);
  }
}

/** What `inParts` resolves with, of one entry. */
const done = (entry) => ({ actions: [entry], refused: [] });
