// What viewers have reported, most reports first.

import { plainName, plainText } from '../app/plain-text.js';
import { element, foreign, timeOf } from './elements.js';
import { ItemList } from './item-list.js';
import { textFor, words } from './words.js';

/** Acts after which the list may be a different one. */
const CHANGING = ['delete', 'purge', 'clear', 'restore', 'ban', 'timeout', 'hide'];
/** A raid is reported by many at once. */
const RELOAD_MS = 500;

export class Reports {
  #list;
  #moderate;
  #reload = null;
  #onError;

  constructor({ chat, onKey, onCount, onNews, onError }) {
    this.#moderate = chat.moderate;
    this.#onError = onError;
    this.#list = new ItemList('reports', { makeRow, onKey, onCount });
    chat.addEventListener('reported', () => {
      this.#loadSoon();
      onNews();
    });
    chat.addEventListener('deleted', ({ detail }) => this.#dropIfThere(detail.message_id));
    chat.addEventListener('moderation', ({ detail: { action: entry } }) => {
      if (entry.action === 'dismiss_reports') this.drop(entry.target.message_ids ?? []);
      if (CHANGING.includes(entry.action)) this.#loadSoon();
    });
  }

  get list() {
    return this.#list;
  }

  async load() {
    const { reports } = await this.#moderate.reports({ limit: 100 });
    this.#list.set(reports.map((report) => [report.message_id, report]));
  }

  drop(ids) {
    this.#list.drop(ids);
  }

  /** A hidden message was deleted for viewers only. */
  #dropIfThere(id) {
    if (this.#list.get(id)) this.#loadSoon();
  }

  #loadSoon() {
    this.#reload ??= setTimeout(() => {
      this.#reload = null;
      this.load().catch(this.#onError);
    }, RELOAD_MS);
  }
}

function makeRow({ message, username, at, reports, reasons, hidden }) {
  const row = element('div', 'item');
  const why = Object.entries(reasons).map(([reason, count]) => `${textFor(words.reportReasons, reason)} ${count}`);
  const head = element('p', 'head', foreign('bdi', 'name', plainName(username)), ' ', element('span', 'chip', words.reportCount(reports)), ' ');
  if (hidden) head.append(element('span', 'chip', words.hidden), ' ');
  head.append(timeOf(at));
  row.append(head, foreign('p', 'text', plainText(message)), element('p', 'why', why.join(', ')));
  return row;
}
