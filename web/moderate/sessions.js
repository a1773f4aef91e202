// The sessions of all rooms: a list, and what opens, changes and ends them.

import { plainName } from '../app/plain-text.js';
import { ask } from './ask.js';
import { $, optionsOf } from './elements.js';
import { wordsFor } from './notice.js';
import { SessionForm } from './session-form.js';
import { rowOf } from './session-row.js';
import { words } from './words.js';

/** Entries of the log after which the list is another. */
const CHANGES = ['create_session', 'update_session', 'end_session'];
const PAGE = 20;
const MOST = 100;

export class Sessions {
  #sessions;
  #notice;
  #acts = {};
  /** Those that are shown, with what their rows are made of. */
  #rows = new Map();
  #before;
  /** Counts what was asked for: an answer that is not the last one's is late. */
  #asked = 0;

  constructor({ chat, rights, room, notice }) {
    this.#sessions = chat.sessions;
    this.#notice = notice;
    $('session-state').append(new Option(words.allStates, ''), ...optionsOf(words.sessionStates));
    $('session-state').addEventListener('change', () => this.#try(() => this.load()));
    $('sessions-more').addEventListener('click', () => this.#try(() => this.#loadMore()));
    chat.addEventListener('moderation', ({ detail: { action } }) => CHANGES.includes(action.action) && this.refresh());
    $('new-session').hidden = !rights.manage;
    if (!rights.manage) return;
    const form = new SessionForm({ sessions: chat.sessions, room, onDone: (session, isNew) => this.#saved(session, isNew) });
    $('new-session').addEventListener('click', () => form.open());
    this.#acts = { onEdit: (session) => form.open(session), onEnd: (session) => this.#try(() => this.#end(session)) };
  }

  /** Reads the list from its beginning. */
  async load(limit = PAGE) {
    const page = await this.#ask({ limit });
    if (!page) return;
    const wanted = new Set(page.sessions.map(({ id }) => id));
    const oldest = page.next_before === null ? 0 : Math.min(...wanted);
    for (const [id, { row }] of this.#rows) {
      // Older ones stay until they are read again.
      if (wanted.has(id) || (id < oldest && limit > PAGE)) continue;
      row.remove();
      this.#rows.delete(id);
    }
    this.#put(page.sessions);
    this.#continues(page);
  }

  /** Reads what is shown again, if somebody sees it; `tells` of a failure. */
  refresh({ tells = false } = {}) {
    if ($('view-sessions').hidden || document.hidden) return undefined;
    const load = () => this.load(Math.min(MOST, Math.max(PAGE, this.#rows.size)));
    // The state of the connection is told elsewhere.
    return tells ? this.#try(load) : load().catch(() => {});
  }

  async #loadMore() {
    const page = await this.#ask({ limit: PAGE, before: this.#before });
    if (!page) return;
    this.#put(page.sessions);
    this.#continues(page);
  }

  /** A page of those that are to be shown; undefined if something else was asked for meanwhile. */
  async #ask(request) {
    const asked = ++this.#asked;
    const page = await this.#sessions.list({ ...request, state: $('session-state').value || undefined });
    return asked === this.#asked ? page : undefined;
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
    await this.#sessions.end(id);
    this.#notice.say(words.sessionEnded[state](plainName(name)));
    $('view-sessions').focus();
    await this.refresh();
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
