// The live feed: what is written, and what became of it.

import { plainName, plainText } from '../app/plain-text.js';
import { findQuote, loseQuote } from '../client/src/quotes.js';
import { $, element, foreign, setText, timeOf } from './elements.js';
import { FeedWindow } from './feed-window.js';
import { folded } from './folded.js';
import { Lines } from './lines.js';
import { textFor, words } from './words.js';

/** The acts that let all messages of a user go, if their entries say so. */
const OF_A_USER = ['purge', 'timeout', 'ban'];

export class Feed {
  #lines = new Lines();
  #window;
  #people;

  /** `people` tells what holds of a user; `onKey` gets the keys of the list. */
  constructor({ chat, people, onKey }) {
    this.#people = people;
    this.#window = new FeedWindow($('feed'), {
      lines: this.#lines,
      makeRow: (line) => this.#row(line),
      onPause: (isPaused, waiting) => this.#tellPause(isPaused, waiting),
      onKey,
      onChange: () => this.#tellSelection(),
    });
    $('go-on').addEventListener('click', () => {
      this.#window.goOn();
      this.box.focus();
    });
    this.#listen(chat);
    people.addEventListener('change', ({ userId }) => this.#redraw((line) => userId === undefined || line.userId === userId));
  }

  get box() {
    return this.#window.box;
  }

  get window() {
    return this.#window;
  }

  /** The lines that an act is about. */
  get targets() {
    return this.box.targets.map((id) => this.#lines.get(id)).filter(Boolean);
  }

  get current() {
    return this.#lines.get(this.box.current);
  }

  line(id) {
    return this.#lines.get(id);
  }

  /** Selects all standing messages with the text of the current one; returns how many. */
  selectSame() {
    const { text } = this.current ?? {};
    return text === undefined ? 0 : this.#selectAll((line) => line.text === text);
  }

  /** The same with a term in it. */
  selectWith(term) {
    const wanted = folded(term);
    return wanted === '' ? 0 : this.#selectAll((line) => line.text.includes(wanted));
  }

  /** The questions that wait for an answer. */
  selectQuestions() {
    return this.#selectAll(({ message }) => isQuestion(message) && !message.answered);
  }

  selectOf(userId) {
    return this.#selectAll((line) => line.userId === userId);
  }

  /** These messages are gone; the room will say so, too. */
  strike(ids) {
    const gone = new Set(ids);
    this.#redrawThese(this.#lines.strike((line) => gone.has(line.id), { cause: 'delete' }));
  }

  strikeOf(userIds) {
    const gone = new Set(userIds);
    this.#redrawThese(this.#lines.strike((line) => gone.has(line.userId), { cause: 'purge' }));
  }

  /** An act of staff: it says who let messages go. */
  credit({ action, actor, actor_type: kind, target }) {
    const by = actor?.username ?? textFor(words.actorTypes, kind);
    const ids = new Set(target.message_ids);
    const isMeant = (line) =>
      ids.has(line.id) || (OF_A_USER.includes(action) && line.userId === target.user_id) || (action === 'clear' && line.gone.cause === 'clear');
    this.#redrawThese(this.#lines.credit(isMeant, by));
  }

  #selectAll(isMeant) {
    const found = this.#lines.standing(isMeant);
    this.box.unselect();
    this.box.select(found.map(({ id }) => id));
    return found.length;
  }

  #listen(chat) {
    const on = (type, listen) => chat.addEventListener(type, ({ detail }) => listen(detail));
    on('session', () => {
      this.#lines.clear();
      this.#window.clear();
    });
    on('message', (message) => {
      this.#lines.put(message);
      this.#window.came();
    });
    on('deleted', ({ message_id: id }) => {
      this.strike([id]);
      this.#loseQuotes((quoted) => quoted.id === id);
    });
    on('purged', ({ user_id: userId, up_to_seq: last }) => {
      this.#redrawThese(this.#lines.strike((line) => line.userId === userId && line.seq <= last, { cause: 'purge' }));
      this.#loseQuotes((quoted) => quoted.user_id === userId && quoted.seq <= last);
    });
    on('cleared', ({ up_to_seq: last }) => {
      this.#redrawThese(this.#lines.strike((line) => line.seq <= last, { cause: 'clear' }));
      this.#loseQuotes((quoted) => quoted.seq <= last);
    });
    on('question', ({ message_id: id, answered }) => {
      const line = this.#lines.get(id);
      if (!line) return;
      line.message.answered = answered;
      this.#redrawThese([line]);
    });
    on('restored', ({ messages }) => {
      this.#changeQuotes((message) => messages.forEach((back) => findQuote(message, back)));
      const isNew = messages.some(({ id }) => !this.#lines.get(id));
      const back = messages.map((message) => this.#lines.put(message));
      if (isNew) this.#window.refill();
      this.#redrawThese(back);
    });
  }

  #loseQuotes(isGone) {
    this.#changeQuotes((message) => loseQuote(message, isGone));
  }

  /** What replies show has changed; the client has done the same for those that it keeps. */
  #changeQuotes(change) {
    const replies = this.#lines.all.filter(({ message }) => message.reply_to);
    for (const { message } of replies) change(message);
    this.#redrawThese(replies);
  }

  #redraw(isMeant) {
    this.#redrawThese(this.#lines.all.filter(isMeant));
  }

  #redrawThese(lines) {
    const gone = lines.filter((line) => line.gone && this.box.selected.has(line.id)).map(({ id }) => id);
    if (gone.length > 0) this.box.unselect(gone);
    for (const line of lines) this.#window.changed(line);
  }

  #row(line) {
    const { message, gone, userId } = line;
    const row = element('div', gone ? 'line gone' : 'line');
    const name = foreign('bdi', 'name', plainName(message.username));
    const chips = [
      message.is_host && words.host,
      message.is_moderator && words.moderator,
      message.resembles_staff && words.resemblesStaff,
      message.message_type === 'announcement' && words.announcement,
      isQuestion(message) && (message.answered ? words.answered : words.question),
      message.shadowed && words.shadowed,
      this.#people.stateOf(userId) && textFor(words.states, this.#people.stateOf(userId)),
    ];
    row.append(timeOf(message.created_at), ' ', name, ' ');
    for (const chip of chips.filter(Boolean)) row.append(element('span', 'chip', chip), ' ');
    if (message.reply_to) row.append(foreign('bdi', 'quote', quoted(message.reply_to)), ' ');
    row.append(foreign(gone ? 's' : 'span', 'text', plainText(message.message)));
    if (gone) row.append(' ', element('span', 'fate', gone.by ? words.goneBy(gone.by) : words.gone));
    return row;
  }

  #tellPause(isPaused, waiting) {
    $('go-on').hidden = !isPaused;
    setText($('go-on-text'), waiting > 0 ? words.pausedNew(waiting) : words.paused);
    $('nothing').hidden = this.#lines.all.length > 0;
  }

  #tellSelection() {
    const { size } = this.box.selected;
    setText($('selected'), size > 0 ? words.selected(size) : '');
  }
}

/** Whether staff can mark it as answered. */
export const isQuestion = ({ message_type: type }) => type === 'question';

/** What a reply shows of the message that it replies to. */
const quoted = ({ username, excerpt }) => (excerpt === null ? words.quoteGone : words.replyTo(plainName(username), plainText(excerpt)));
