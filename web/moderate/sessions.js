// The sessions of all rooms: a list, and the acts that open, change and end them.

import { plainName } from '../app/plain-text.js';
import { ask } from './ask.js';
import { $, optionsOf } from './elements.js';
import { ExportForm } from './export.js';
import { wordsFor } from './notice.js';
import { SessionForm } from './session-form.js';
import { rowOf } from './session-row.js';
import { words } from './words.js';

/** Entries of the log after which the list is another. */
const CHANGES = ['create_session', 'update_session', 'end_session'];
const PAGE = 20;
const MOST = 100;
/** Pages that are read for one question. */
const MOST_PAGES = 10;

export class Sessions {
  #sessions;
  #notice;
  #acts = {};
  /** The shown sessions: each one's row, and its data as text. */
  #rows = new Map();
  #before;
  /** Questions are asked one after the other, so that no answer comes late. */
  #last = Promise.resolve();

  constructor({ chat, rights, room, notice }) {
    this.#sessions = chat.sessions;
    this.#notice = notice;
    $('session-state').append(new Option(words.allStates, ''), ...optionsOf(words.sessionStates));
    $('session-state').addEventListener('change', () => this.#try(() => this.load()));
    $('sessions-more').addEventListener('click', () => this.#try(() => this.#inTurn(() => this.#loadMore())));
    chat.addEventListener('moderation', ({ detail: { action } }) => CHANGES.includes(action.action) && this.refresh());
    $('new-session').hidden = !rights.manage;
    if (!rights.manage) return;
    const form = new SessionForm({ sessions: chat.sessions, room, onDone: (session, isNew) => this.#saved(session, isNew) });
    $('new-session').addEventListener('click', () => form.open());
    const exportForm = new ExportForm({ sessions: chat.sessions, onDone: ({ name }) => this.#notice.say(words.exported(plainName(name))) });
    this.#acts = { onEdit: (session) => form.open(session), onEnd: (session) => this.#try(() => this.#end(session)), onExport: (session) => exportForm.open(session) };
  }

  /** Reads the list from its beginning. */
  load(limit = () => PAGE) {
    return this.#inTurn(() => this.#load(limit()));
  }

  async #load(limit) {
    const page = await this.#ask({ limit });
    const wanted = new Set(page.sessions.map(({ id }) => id));
    for (const [id, { row }] of this.#rows) {
      // Older ones stay until they are read again.
      if (wanted.has(id) || (id < page.next_before && limit > PAGE)) continue;
      row.remove();
      this.#rows.delete(id);
    }
    this.#put(page.sessions);
    this.#continues(page);
  }

  /** Reads the shown sessions again, if somebody sees them; `tells` of a failure. */
  refresh({ tells = false } = {}) {
    if ($('view-sessions').hidden || document.hidden) return undefined;
    const load = () => this.load(() => Math.min(MOST, Math.max(PAGE, this.#rows.size)));
    // The state of the connection is told elsewhere.
    return tells ? this.#try(load) : load().catch(() => {});
  }

  async #loadMore() {
    const page = await this.#ask({ limit: PAGE, before: this.#before });
    this.#put(page.sessions);
    this.#continues(page);
  }

  /** So many of those that are to be shown, if there are so many. */
  async #ask({ limit, before }) {
    const found = { sessions: [], next_before: before };
    // A page of one state may be empty although there are more.
    for (let pages = 0; pages < MOST_PAGES && found.next_before !== null && found.sessions.length < limit; pages += 1) {
      const left = limit - found.sessions.length;
      const page = await this.#sessions.list({ limit: left, before: found.next_before, state: $('session-state').value || undefined });
      found.sessions.push(...page.sessions);
      found.next_before = page.next_before;
    }
    return found;
  }

  #continues({ next_before: before }) {
    const shown = [...this.#rows.keys()];
    // After a refresh of the newest, older ones may be there already.
    this.#before = before === null ? null : Math.min(before, ...shown);
    $('sessions-more').hidden = this.#before === null;
    $('sessions-empty').hidden = shown.length > 0;
  }

  /** Rows that have not changed stay, with the focus that may be in them. */
  #put(sessions) {
    for (const session of sessions) {
      const made = JSON.stringify(session);
      const old = this.#rows.get(session.id);
      if (old?.made === made) continue;
      const row = rowOf(session, this.#acts);
      const hadFocus = old?.row.contains(document.activeElement);
      this.#rows.set(session.id, { row, made });
      if (old) old.row.replaceWith(row);
      else this.#place(session.id, row);
      if (hadFocus) (row.querySelector('button, a') ?? $('view-sessions')).focus();
    }
  }

  /** The newest comes first. */
  #place(id, row) {
    const [older] = [...this.#rows.keys()].filter((other) => other < id).sort((a, b) => b - a);
    $('sessions').insertBefore(row, older === undefined ? null : this.#rows.get(older).row);
  }

  #saved({ name, state }, isNew) {
    this.#notice.say((isNew && words.sessionMade[state]?.(plainName(name))) || words.sessionChanged);
    this.refresh();
  }

  async #end({ id, name, state }) {
    const { title, text, yes } = words.askEnd[state];
    if (!(await ask(title(plainName(name)), text, yes, { isGrave: true }))) return;
    // What was to be called off may have begun meanwhile.
    const now = await this.#sessions.get(id);
    if (now.state !== state && now.state in words.askEnd) return this.#end(now);
    await this.#sessions.end(id);
    this.#notice.say(words.sessionEnded[state](plainName(name)));
    $('view-sessions').focus();
    await this.refresh();
  }

  #inTurn(act) {
    const done = this.#last.then(act);
    this.#last = done.catch(() => {});
    return done;
  }

  async #try(act) {
    try {
      await act();
    } catch (error) {
      if (!error.code) console.error(error);
      this.#notice.say(wordsFor(error, words.sessionFailures), { isError: true });
    }
  }
}
