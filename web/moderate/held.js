// The messages that wait for a decision, with the time that is left for it.

import { duration } from '../app/format.js';
import { plainName, plainText } from '../app/plain-text.js';
import { element, foreign, setText, timeOf } from './elements.js';
import { folded } from './folded.js';
import { ItemList } from './item-list.js';
import { textFor, words } from './words.js';

/** When a deadline is near. */
const NEAR_MS = 60_000;

export class Held {
  #list;
  #moderate;
  /** Decided on while a page was under way, which may still have them. */
  #decided = new Set();

  constructor({ chat, onKey, onCount, onNews }) {
    this.#moderate = chat.moderate;
    this.#list = new ItemList('held', { makeRow, onKey, onCount });
    chat.addEventListener('held', ({ detail: { held } }) => {
      if (this.#decided.has(held.held_id) || this.#list.get(held.held_id)) return;
      this.#list.put(held.held_id, held);
      onNews();
    });
    chat.addEventListener('heldResolved', ({ detail }) => this.drop([detail.held_id]));
    setInterval(() => this.#tick(), 1_000);
  }

  get list() {
    return this.#list;
  }

  async load() {
    const all = [];
    let after;
    do {
      const page = await this.#moderate.held({ limit: 100, after });
      all.push(...page.held);
      after = page.has_more ? page.next_after : undefined;
    } while (after);
    this.#list.set(all.filter(({ held_id: id }) => !this.#decided.has(id)).map((held) => [held.held_id, held]));
  }

  /** Somebody decided on these. */
  drop(ids) {
    for (const id of ids) this.#decided.add(id);
    this.#list.drop(ids);
  }

  /** Selects all with the text of the current one; returns how many. */
  selectSame() {
    const { current } = this.#list;
    if (!current) return 0;
    const text = folded(current.message);
    const same = this.#list.items.filter(({ message }) => folded(message) === text).map(({ held_id: id }) => id);
    this.#list.box.unselect();
    this.#list.box.select(same);
    return same.length;
  }

  #tick() {
    if (document.hidden) return;
    for (const { held_id: id, deadline } of this.#list.items) showTime(this.#list.box.row(id), deadline);
  }
}

function makeRow({ message, username, at, deadline, reason }) {
  const row = element('div', 'item');
  const left = element('span', 'left');
  left.dataset.part = 'left';
  const head = element('p', 'head', foreign('bdi', 'name', plainName(username)), ' ', element('span', 'chip', textFor(words.reasons, reason)), ' ');
  head.append(timeOf(at), ' ', left);
  row.append(head, foreign('p', 'text', plainText(message)));
  showTime(row, deadline);
  return row;
}

function showTime(row, deadline) {
  const left = row.querySelector('[data-part=left]');
  const ms = Date.parse(deadline) - Date.now();
  setText(left, ms > 0 ? words.leftToDecide(duration(ms)) : words.expired);
  left.classList.toggle('near', ms < NEAR_MS);
}
