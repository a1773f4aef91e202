// The modes of the session, and its shield.

import { duration } from '../app/format.js';
import { only } from './acts.js';
import { $, element, optionsOf, setText } from './elements.js';
import { words } from './words.js';

const NUMBERS = ['slow_seconds', 'unique_seconds', 'account_age_minutes'];
const CHOICES = ['audience', 'links'];
const SWITCHES = ['emoji_only', 'review_all'];
/** What a mode is when it is off. */
const OFF = { slow_seconds: 0, unique_seconds: 0, account_age_minutes: 0, audience: 'everyone', links: 'allow', emoji_only: false, review_all: false };

export class Modes {
  #chat;
  #acts;
  #modes = { ...OFF, shield_until: null };

  constructor({ chat, acts, rights, room, notice }) {
    this.#chat = chat;
    this.#acts = acts;
    $('audience').append(...optionsOf(words.audiences));
    $('links').append(...optionsOf(words.linkModes));
    for (const name of [...NUMBERS, ...CHOICES, ...SWITCHES]) $(name).addEventListener('change', () => this.#change(name));
    $('shield').addEventListener('click', () => this.toggleShield());
    $('modes-form').addEventListener('submit', (event) => event.preventDefault());
    $('save-default').hidden = !rights.manage;
    $('save-default').addEventListener('click', () => {
      const modes = only(Object.keys(OFF), this.#modes);
      chat.moderate.putPresets({ default: modes }, { room: chat.session?.room ?? room }).then(
        () => notice.say(words.savedDefault),
        (error) => notice.fail(error),
      );
    });
    chat.addEventListener('modes', ({ detail }) => this.#show(detail.modes));
    chat.addEventListener('session', ({ detail }) => this.#show(detail.session.modes));
    this.#show(this.#modes);
    setInterval(() => this.#showChips(), 1_000);
  }

  toggleShield() {
    const until = this.#modes.shield_until;
    return this.#acts.shield(!this.#isShielded, { minutes: Number($('shield-minutes').value) || undefined, until });
  }

  get #isShielded() {
    return Date.parse(this.#modes.shield_until) > Date.now();
  }

  #change(name) {
    const field = $(name);
    if (!field.checkValidity()) return field.reportValidity();
    const value = SWITCHES.includes(name) ? field.checked : NUMBERS.includes(name) ? Number(field.value) : field.value;
    // What the chat does not take does not stay.
    this.#acts.setModes({ [name]: value }).then(() => this.#show(this.#chat.session?.modes ?? this.#modes));
  }

  #show(modes) {
    if (!modes) return;
    this.#modes = modes;
    for (const name of [...NUMBERS, ...CHOICES]) if ($(name) !== document.activeElement) $(name).value = String(modes[name] ?? OFF[name]);
    for (const name of SWITCHES) $(name).checked = modes[name] === true;
    this.#showChips();
  }

  #showChips() {
    const on = Object.keys(OFF).filter((name) => this.#modes[name] !== undefined && this.#modes[name] !== OFF[name]);
    const texts = on.map((name) => words.modeChips[name](this.#modes[name]));
    if (this.#isShielded) texts.unshift(words.shieldUntil(duration(Date.parse(this.#modes.shield_until) - Date.now())));
    const chips = $('chips');
    if ([...chips.children].map(({ textContent }) => textContent).join('\n') === texts.join('\n')) return;
    chips.replaceChildren(...texts.map((text) => element('li', 'chip', text)));
    setText($('shield'), this.#isShielded ? words.shieldDown : words.shieldUp);
    for (const node of document.querySelectorAll('[data-act=shield]')) node.setAttribute('aria-pressed', String(this.#isShielded));
  }
}
