// The input field: Enter sends, Shift+Enter starts a new line. After the session it keeps its draft, and says why it takes no more.

import { isOfInputMethod, setText } from './dom.js';
import { onTick } from './ticks.js';

/** From this share of the maximum length on, the counter draws attention. */
const NEARLY_FULL = 0.9;

export class Composer {
  #view;
  #$;
  #words;
  #form;
  #text;
  #chat;
  #onSend;
  #hasOpened = false;
  #companions = [];
  /** Why no text is accepted for some time, by cause: `{ until, why, left, onEnd }`. */
  #pauses = new Map();
  /** Why nothing can be written now. */
  #whyClosed = '';

  /** `onSend` returns whether the text was accepted; if not, it stays in the field. */
  constructor({ view, chat, signal, onSend }) {
    this.#view = view;
    this.#$ = view.$;
    this.#words = view.words;
    this.#form = view.$('composer');
    this.#text = view.$('text');
    this.#chat = chat;
    this.#onSend = onSend;
    this.#form.addEventListener('submit', (event) => this.#submit(event), { signal });
    this.#text.addEventListener('input', () => this.#count(), { signal });
    this.#text.addEventListener('keydown', (event) => this.#press(event), { signal });
    onTick(() => this.#showPause(), signal);
    this.#count();
    this.setMayLike(false);
  }

  /** How many characters a message may have. */
  get most() {
    return this.#chat.session?.max_message_length ?? this.#view.maxMessageLength;
  }

  /** The focus moves to the field once. */
  open() {
    const isFirst = !this.#hasOpened;
    this.#hasOpened = true;
    this.#form.hidden = false;
    if (this.#whyClosed) this.stop();
    // Another session may have another limit.
    this.#count();
    if (!isFirst || !this.#view.takesFocus) return;
    // On a phone, the keyboard would cover the messages.
    if (globalThis.matchMedia?.('(hover: hover)').matches) this.#text.focus();
    else this.#view.focusLog();
  }

  /** Nothing can be written for the time being. Neither the draft nor the focus is lost. */
  close(why) {
    const draft = this.#text.value.trim();
    this.stop();
    if (draft) this.#form.hidden = false;
    this.#setClosed(draft ? `${why} ${this.#words.draftStays}` : why);
    this.notify(this.#whyClosed);
  }

  stop() {
    const pauses = [...this.#pauses.values()];
    this.#pauses.clear();
    for (const { onEnd } of pauses) onEnd?.();
    this.#showPause();
    this.#setClosed('');
    this.notify('');
  }

  /** Puts texts before the one in the field. */
  takeBack(texts) {
    this.#text.value = [...texts, this.#text.value].filter(Boolean).join('\n');
  }

  setMayLike(mayLike) {
    this.#$('like').setAttribute('aria-disabled', String(!mayLike));
  }

  setLiked(isLiked) {
    this.#$('like').setAttribute('aria-pressed', String(isLiked));
  }

  /** Shows that something did not work, or cannot be done now. */
  notify(text) {
    setText(this.#$('notice'), text);
  }

  /** The server asks to wait: no text is accepted until then. */
  hold(milliseconds) {
    const until = Math.max(this.#pauses.get('rate_limited')?.until ?? 0, Date.now() + milliseconds);
    this.pause('rate_limited', { until, why: this.#words.slowDown, left: (ms) => this.#words.goesOutIn(Math.ceil(ms / 1000)) });
  }

  /**
   * No text is accepted for some time, though one can be written. `why` says so; if the pause `isQuiet`, only to whoever tries. `left`
   * makes words of the milliseconds that are left, and `onEnd` is called when they are over, or no longer matter.
   */
  pause(cause, { until, why, left, onEnd, isQuiet = false }) {
    this.#pauses.set(cause, { until, why, left, onEnd });
    if (!isQuiet) this.notify(why);
    this.#showPause();
  }

  /** A pause is over before its time. */
  resume(cause) {
    if (!this.#pauses.delete(cause)) return;
    this.notify('');
    this.#showPause();
  }

  /** A companion adds to what is sent: `of(text)` gives its details, `sent()` is called after that, `edited(details)` once they are back. */
  join(companion) {
    this.#companions.push(companion);
  }

  /** A text that was not sent is in the field again, to be changed. */
  edit(text, details) {
    this.takeBack([text]);
    for (const companion of this.#companions) companion.edited(details);
    this.#text.focus();
    this.#count();
  }

  /** The pause that lasts longest. */
  get #pause() {
    return [...this.#pauses.values()].sort((a, b) => b.until - a.until)[0];
  }

  #showPause() {
    const now = Date.now();
    for (const [cause, { until, onEnd }] of this.#pauses) {
      if (until > now) continue;
      this.#pauses.delete(cause);
      this.notify('');
      onEnd?.();
    }
    const pause = this.#pause;
    // The sentence before it is announced once: an alert every second would be unbearable.
    setText(this.#$('wait'), pause ? pause.left(pause.until - now) : '');
    this.#form.classList.toggle('held', pause !== undefined);
  }

  /** A field that is read-only keeps the focus, and its text can be copied; a disabled one loses both. */
  #setClosed(why) {
    this.#whyClosed = why;
    this.#text.readOnly = why !== '';
    this.#$('send').setAttribute('aria-disabled', String(why !== ''));
    this.#form.classList.toggle('closed', why !== '');
  }

  #press(event) {
    // Enter also confirms a character in Chinese, Japanese and Korean input methods.
    if (event.key !== 'Enter' || event.shiftKey || isOfInputMethod(event)) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  #submit(event) {
    event.preventDefault();
    if (this.#whyClosed) return this.notify(this.#whyClosed);
    const text = this.#text.value.trim();
    this.#showPause();
    if (!text) return;
    if ([...text].length > this.most) return this.notify(this.#words.tooLong([...text].length - this.most));
    if (this.#pause) return this.notify(this.#pause.why);
    if (!this.#onSend(text, Object.assign({}, ...this.#companions.map((companion) => companion.of(text))))) return;
    for (const companion of this.#companions) companion.sent();
    this.#text.value = '';
    this.#count();
    this.notify('');
    this.#text.focus();
  }

  /** Counts as the server does: Unicode characters, without surrounding white space. */
  #count() {
    const used = [...this.#text.value.trim()].length;
    const left = this.most - used;
    const counter = this.#$('counter');
    counter.hidden = used === 0;
    counter.classList.toggle('nearly-full', used >= this.most * NEARLY_FULL);
    counter.classList.toggle('too-long', left < 0);
    setText(counter, used === 0 ? '' : `${used}/${this.most}`);
    if (left < 0) {
      this.#text.setAttribute('aria-invalid', 'true');
      this.notify(this.#words.tooLong(-left));
    } else if (this.#text.getAttribute('aria-invalid')) {
      this.#text.removeAttribute('aria-invalid');
      this.notify('');
    }
  }
}
