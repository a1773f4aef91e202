// The input field: Enter sends, Shift+Enter starts a new line.

import { $, setText } from './dom.js';
import { words } from './locale.js';
import { maxMessageLength } from './settings.js';

/** From this share of the maximum length on, the counter draws attention. */
const NEARLY_FULL = 0.9;

export class Composer {
  #form = $('composer');
  #text = $('text');
  #most = maxMessageLength;
  #onSend;
  #heldUntil = 0;
  #holding;
  isLiked = false;

  /** `onSend` returns whether the text was accepted; if not, it stays in the field. */
  constructor({ signal, onSend }) {
    this.#onSend = onSend;
    this.#form.addEventListener('submit', (event) => this.#submit(event), { signal });
    this.#text.addEventListener('input', () => this.#count(), { signal });
    this.#text.addEventListener('keydown', (event) => this.#press(event), { signal });
    this.#count();
  }

  open({ focus }) {
    this.#form.hidden = false;
    if (!focus) return;
    // On a phone, the keyboard would cover the messages.
    if (matchMedia('(hover: hover)').matches) this.#text.focus();
    else $('log').focus({ preventScroll: true });
  }

  close() {
    this.#form.hidden = true;
  }

  stop() {
    clearInterval(this.#holding);
    this.#heldUntil = 0;
    this.#showHold();
    this.notify('');
  }

  /** Puts texts before the one in the field. */
  takeBack(texts) {
    this.#text.value = [...texts, this.#text.value].filter(Boolean).join('\n');
  }

  setLiked(isLiked) {
    this.isLiked = isLiked;
    $('like').setAttribute('aria-pressed', String(isLiked));
  }

  /** Shows that something did not work. */
  notify(text) {
    setText($('notice'), text);
  }

  /** The server asks to wait: no text is accepted until then. */
  hold(milliseconds) {
    this.#heldUntil = Date.now() + milliseconds;
    clearInterval(this.#holding);
    this.#holding = setInterval(() => this.#showHold(), 250);
    this.notify(words.slowDown(Math.ceil(milliseconds / 1000)));
    this.#showHold();
  }

  #showHold() {
    const seconds = Math.ceil((this.#heldUntil - Date.now()) / 1000);
    const isHeld = seconds > 0;
    // The button counts the seconds down. The sentence is announced once: an alert every second would be unbearable.
    $('send').dataset.wait = isHeld ? seconds : '';
    this.#form.classList.toggle('held', isHeld);
    if (isHeld) return;
    clearInterval(this.#holding);
    if (this.#heldUntil) this.notify('');
    this.#heldUntil = 0;
  }

  #press(event) {
    // Enter also confirms a character in Chinese, Japanese and Korean input methods.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  #submit(event) {
    event.preventDefault();
    const text = this.#text.value.trim();
    const wait = this.#heldUntil - Date.now();
    if (!text) return;
    if ([...text].length > this.#most) return this.notify(words.tooLong([...text].length - this.#most));
    if (wait > 0) return this.notify(words.slowDown(Math.ceil(wait / 1000)));
    if (!this.#onSend(text)) return;
    this.#text.value = '';
    this.#count();
    this.notify('');
    this.#text.focus();
  }

  /** Counts as the server does: Unicode characters, without surrounding white space. */
  #count() {
    const used = [...this.#text.value.trim()].length;
    const left = this.#most - used;
    const counter = $('counter');
    counter.hidden = used === 0;
    counter.classList.toggle('nearly-full', used >= this.#most * NEARLY_FULL);
    counter.classList.toggle('too-long', left < 0);
    setText(counter, used === 0 ? '' : `${used}/${this.#most}`);
    if (left < 0) {
      this.#text.setAttribute('aria-invalid', 'true');
      this.notify(words.tooLong(-left));
    } else if (this.#text.getAttribute('aria-invalid')) {
      this.#text.removeAttribute('aria-invalid');
      this.notify('');
    }
  }
}
