// The entrance. Whoever brings a token only sees that the page is connecting. Others get a form: for a name if the gateway issues
// development tokens, otherwise for a token.

import { claimsOf, cleanName } from './claims.js';
import { element } from './dom.js';
import { textFor } from './locale.js';
import { noMoreTokens } from './no-token.js';
import { $, words } from './page.js';
import { NO_DOOR, developmentToken, mayHaveDoor, visitor } from './tokens.js';

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
    $('name').value = visitor().name ?? '';
  }

  /** Whether the page is connecting with a token, or waits for one. */
  get isWaiting() {
    return !$('loading').hidden;
  }

  /** Whether a visitor may come in with a name alone. */
  get takesNames() {
    return mayHaveDoor();
  }

  /** For a visitor who brings a token. */
  wait() {
    this.#form.hidden = true;
    $('loading').replaceChildren(element('p', '', words.connecting));
    $('loading').hidden = false;
  }

  open(error = '') {
    $('loading').hidden = true;
    this.#form.hidden = false;
    this.#show(error);
  }

  /** For a visitor who was in the room and whose token is no longer accepted. */
  openAgain(error) {
    if (error.code === NO_DOOR) this.#hasDoor = false;
    this.#byName = this.#hasDoor;
    // A visitor who enters with a name never sees a token.
    this.open((this.#byName && textFor(words.failures, error.code)) || this.wordsFor(error));
  }

  hide() {
    $('loading').hidden = this.#form.hidden = true;
  }

  close() {
    this.hide();
    $('token').value = '';
  }

  /** The text for an error on entering. */
  wordsFor({ code }) {
    if (code === NO_DOOR) return words.noDoor;
    return textFor(words.refusals, code) ?? words.cannotReach;
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
    const name = cleanName($('name').value);
    if (!name) return this.#refuse(words.nameMissing);
    const first = await developmentToken(name);
    if (first === undefined) {
      this.#hasDoor = this.#byName = false;
      return this.#show(words.noDoor);
    }
    let next = first;
    const source = async () => {
      const given = next ?? (await developmentToken(name));
      next = undefined;
      if (given === undefined) throw noMoreTokens(NO_DOOR, 'This gateway no longer issues development tokens');
      return given;
    };
    await this.#onToken(source, first);
  }

  async #joinByToken() {
    // Some programs break a long line.
    const token = $('token').value.replace(/\s+/g, '');
    if (!token) return this.#refuse(words.tokenMissing);
    if (!claimsOf(token)) return this.#refuse(words.tokenMalformed);
    await this.#onToken(token);
  }

  #refuse(error) {
    this.#say(error);
    (this.#byName ? $('name') : $('token')).focus();
  }
}
