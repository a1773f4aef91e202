// The audit log, the newest entry first.

import { plainName } from '../app/plain-text.js';
import { $, element, foreign, optionsOf, timeOf } from './elements.js';
import { ItemList } from './item-list.js';
import { format, textFor, words } from './words.js';

export class Log {
  #list;
  #moderate;
  #before;
  #heard = [];

  constructor({ chat, onKey, onError }) {
    this.#moderate = chat.moderate;
    this.#list = new ItemList('log', { makeRow, onKey });
    const filter = $('log-filter');
    filter.append(new Option(words.allActs, ''), ...optionsOf(words.acts));
    filter.addEventListener('change', () => this.load().catch(onError));
    $('log-more').addEventListener('click', () => this.#loadMore().catch(onError));
    chat.addEventListener('moderation', ({ detail: { action: entry } }) => this.#hear(entry));
  }

  get list() {
    return this.#list;
  }

  async load() {
    this.#heard = [];
    const page = await this.#moderate.log({ action: this.#filter, limit: 50 });
    // What was heard meanwhile is newer than the page, or on it.
    const known = new Map([...this.#heard, ...page.actions].map((entry) => [entry.id, entry]));
    this.#list.set([...known.values()].sort((a, b) => (a.id < b.id ? 1 : -1)).map((entry) => [entry.id, entry]));
    this.#continues(page);
  }

  get #filter() {
    return $('log-filter').value || undefined;
  }

  async #loadMore() {
    const page = await this.#moderate.log({ action: this.#filter, limit: 50, before: this.#before });
    for (const entry of page.actions) this.#list.put(entry.id, entry);
    this.#continues(page);
  }

  #continues({ has_more: hasMore, next_before: before }) {
    this.#before = before;
    $('log-more').hidden = !hasMore;
  }

  #hear(entry) {
    if (this.#filter !== undefined && this.#filter !== entry.action) return;
    this.#heard.push(entry);
    if (!this.#list.get(entry.id)) this.#list.put(entry.id, entry, { isFirst: true });
  }
}

function makeRow({ at, action, actor, actor_type: kind, target, reason, explanation, until, changes }) {
  const row = element('div', 'item');
  const by = actor?.username ?? actor?.user_id ?? textFor(words.actorTypes, kind);
  const head = element('p', 'head', element('strong', '', textFor(words.acts, action)), ' ');
  const whom = target.username ?? target.user_id;
  if (whom) head.append(foreign('bdi', 'name', plainName(whom)), ' ');
  if (target.message_ids) head.append(element('span', 'quiet', words.onMessages(target.message_ids.length)), ' ');
  head.append(foreign('bdi', 'quiet', words.by(plainName(by))), ' ', timeOf(at));
  row.append(head);
  const more = [
    until && words.until(format.messageTime(new Date(until))),
    target.note,
    reason,
    explanation,
    changes?.name,
    changes?.modes && listed(changes.modes),
    action === 'shield' && (changes?.on ? words.shieldUp : words.shieldDown),
  ];
  const text = more.filter(Boolean).join(' · ');
  if (text) row.append(foreign('p', 'why', text));
  return row;
}

const listed = (modes) => Object.entries(modes).map(([name, value]) => `${textFor(words, name)}: ${value}`).join(', ');
