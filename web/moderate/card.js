// A person: what holds, what was written, and what can be done about it.

import { plainName, plainText } from '../app/plain-text.js';
import { $, button, element, foreign, setText, timeOf } from './elements.js';
import { format, textFor, words } from './words.js';

/** The buttons of a card: the act, its words, and whether hosts alone have it. */
const BUTTONS = [
  ['timeout', 'timeoutAct'],
  ['ban', 'banAct'],
  ['banHere', 'banHereAct'],
  ['shadowBan', 'shadowBanAct'],
  ['lift', 'liftAct'],
  ['disconnect', 'disconnectAct'],
  ['purge', 'purgeAct'],
  ['revokeTokens', 'revokeAct', true],
];

export class Card {
  #moderate;
  #acts;
  #rights;
  #onError;
  #userId;

  constructor({ chat, acts, rights, onError }) {
    this.#moderate = chat.moderate;
    this.#acts = acts;
    this.#rights = rights;
    this.#onError = onError;
    $('find').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#find().catch(onError);
    });
    $('note').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#saveNote();
    });
    for (const [act, text, isForHosts] of BUTTONS) {
      if (!isForHosts || rights.manage) $('card-acts').append(button(words[text], () => this.#act(act)));
    }
  }

  /** Shows a user; resolves when the card is there. */
  async show(userId) {
    this.#userId = userId;
    $('found').hidden = true;
    try {
      const card = await this.#moderate.user(userId);
      if (this.#userId === userId) this.#fill(card);
    } catch (error) {
      this.#onError(error);
    }
  }

  /** An act of staff may concern the user who is shown. */
  hear({ target }) {
    if (this.#userId !== undefined && target.user_id === this.#userId) this.show(this.#userId);
  }

  async #act(act) {
    const id = this.#userId;
    if (act === 'banHere') await this.#acts.ban([id], { sessionOnly: true });
    else if (act === 'revokeTokens') await this.#acts.revokeTokens(id);
    else await this.#acts[act]([id]);
    await this.show(id);
  }

  async #saveNote() {
    const text = $('note-text').value.trim();
    if (text === '' || this.#userId === undefined) return;
    await this.#acts.note(this.#userId, text);
    $('note-text').value = '';
    await this.show(this.#userId);
  }

  async #find() {
    const name = $('find-name').value.trim();
    if (name === '') return;
    const { users } = await this.#moderate.users(name);
    const rows = users.map(({ user_id: id, username, last_seen: seen }) => {
      const choose = button('', () => this.show(id), 'link');
      choose.append(foreign('bdi', '', plainName(username)));
      return element('li', '', choose, ' ', timeOf(seen));
    });
    $('found').replaceChildren(...rows);
    $('found').hidden = rows.length === 0;
    setText($('card-none'), words.nobodyFound);
    $('card-none').hidden = rows.length > 0;
    $('card').hidden = true;
    this.#userId = undefined;
  }

  #fill({ user_id: id, username, roles, sanctions, notes, counts, messages, sockets }) {
    $('card-none').hidden = true;
    $('card').hidden = false;
    setText($('card-name'), plainName(username ?? id));
    setText($('card-id'), id);
    $('card-roles').replaceChildren(...roles.map((role) => element('span', 'chip', words[role] ?? role)));
    setText($('card-counts'), words.counts(counts, sockets));
    $('card-sanctions').replaceChildren(...sanctions.map(sanctionRow));
    $('card-notes').replaceChildren(
      ...notes.map(({ at, text, actor }) => element('li', '', foreign('p', 'text', text), by(actor), ' ', timeOf(at))),
    );
    $('card-notes-part').hidden = notes.length === 0;
    $('card-messages').replaceChildren(
      ...messages.map(({ created_at: at, message }) => element('li', '', timeOf(at), ' ', foreign('span', 'text', plainText(message)))),
    );
    $('card-messages-part').hidden = messages.length === 0;
  }
}

function sanctionRow({ state, until, reason, explanation, actor }) {
  const row = element('li', '', element('strong', '', textFor(words.states, state)), ' ');
  row.append(until ? words.until(format.messageTime(new Date(until))) : words.forEver, ' ', by(actor));
  for (const text of [reason, explanation].filter(Boolean)) row.append(foreign('p', 'text', text));
  return row;
}

const by = (actor) => foreign('bdi', 'quiet', words.by(plainName(actor?.username ?? actor?.user_id ?? words.actorTypes.system)));
