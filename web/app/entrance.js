// The form at the entrance: for a name if the gateway issues development tokens, otherwise for a token.

import { $ } from './dom.js';
import { words } from './locale.js';
import { NO_DOOR, claimsOf, developmentToken, mayHaveDoor, remembered } from './tokens.js';

export class Entrance {
  #onToken;
  #form = $('enter');
  #submit = this.#form.querySelector('[type=submit]');
  #hasDoor = mayHaveDoor();
  #byName = this.#hasDoor;

  constructor({ onToken }) {
    this.#onToken = onToken;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#join();
    });
    $('enter-other').addEventListener('click', () => {
      this.#byName = !this.#byName;
      this.#show();
    });
    $('name').value = remembered()?.name ?? '';
  }

  open(error = '') {
    this.#form.hidden = false;
    this.#show(error);
  }

  /** For a visitor who was in the room and whose token is no longer accepted. */
  openAgain(error) {
    if (error.code === NO_DOOR) this.#hasDoor = false;
    this.#byName = this.#hasDoor;
    // A visitor who enters with a name never sees a token.
    this.open((this.#byName && words.failures[error.code]) || this.wordsFor(error));
  }

  close() {
    this.#form.hidden = true;
    $('token').value = '';
  }

  /** The text for an error on entering. */
  wordsFor({ code }) {
    if (code === NO_DOOR) return words.noDoor;
    return words.refusals[code] ?? words.cannotReach;
  }

  #show(error = '') {
    $('name-field').hidden = !this.#byName;
    $('token-field').hidden = this.#byName;
    $('enter-hint').textContent = this.#byName ? words.joinHint : words.tokenHint;
    $('enter-other').textContent = this.#byName ? words.haveToken : words.haveName;
    $('enter-other').hidden = !mayHaveDoor();
    this.#say(error);
    (this.#byName ? $('name') : $('token')).focus();
  }

  #say(error) {
    $('enter-error').textContent = error;
    const field = this.#byName ? $('name') : $('token');
    if (error) field.setAttribute('aria-invalid', 'true');
    else field.removeAttribute('aria-invalid');
  }

  async #join() {
    if (this.#submit.disabled) return;
    this.#say('');
    this.#submit.disabled = true;
    this.#submit.textContent = words.joining;
    try {
      await (this.#byName ? this.#joinByName() : this.#joinByToken());
    } catch (error) {
      this.#say(this.wordsFor(error));
    } finally {
      this.#submit.disabled = false;
      this.#submit.textContent = words.join;
    }
  }

  async #joinByName() {
    const name = $('name').value.trim();
    if (!name) return this.#refuse(words.nameMissing);
    let first = await developmentToken(name);
    if (first === undefined) {
      this.#hasDoor = this.#byName = false;
      return this.#show(words.noDoor);
    }
    await this.#onToken(async () => {
      const given = first ?? (await developmentToken(name));
      first = undefined;
      if (given === undefined) throw Object.assign(new Error('This gateway no longer issues development tokens'), { code: NO_DOOR });
      return given;
    });
  }

  async #joinByToken() {
    const token = $('token').value.trim();
    if (!token) return this.#refuse(words.tokenMissing);
    if (!claimsOf(token)) return this.#refuse(words.tokenMalformed);
    await this.#onToken(token);
  }

  #refuse(error) {
    this.#say(error);
    (this.#byName ? $('name') : $('token')).focus();
  }
}
