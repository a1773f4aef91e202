// What the chat asks of a visitor who writes: the modes of the session, the pause of slow mode, and a timeout.

import { duration } from './format.js';
import { Modes } from './modes.js';

export class Rules {
  #view;
  #words;
  #chat;
  #composer;
  #isExempt;
  #modes;
  #fresh = 0;

  /** `isExempt` tells whether the visitor is of the staff, whom no mode binds. */
  constructor({ view, chat, composer, announcer, isExempt, signal }) {
    this.#view = view;
    this.#words = view.words;
    this.#chat = chat;
    this.#composer = composer;
    this.#isExempt = isExempt;
    this.#modes = new Modes({ view, announcer });
    const on = (type, action) => chat.addEventListener(type, ({ detail }) => action(detail), { signal });
    this.#modes.show(chat.session?.modes);
    on('session', ({ session }) => this.#modes.show(session.modes));
    on('modes', ({ modes }) => this.#change(modes));
    on('standing', () => this.show());
    on('failed', ({ code, error }) => code === 'slow_mode' && this.#slowDown(error.retryAfterMs));
    signal.addEventListener('abort', () => {
      this.#modes.show();
      this.#hide();
    });
  }

  /** Shows what holds of the visitor, for example after the composer was closed. */
  show() {
    const { state, until } = this.#chat.standing ?? {};
    const end = Date.parse(until);
    if (state !== 'timed_out' || !(end > Date.now())) {
      this.#composer.resume('timed_out');
      return this.#hide();
    }
    const why = this.#words.timedOutUntil(this.#view.format.messageTime(new Date(end)));
    this.#composer.pause('timed_out', { until: end, why, left: (ms) => this.#words.writeAgainIn(timeOf(ms)), onEnd: () => this.#hide() });
    this.#explain(this.#chat.standing);
  }

  /** An own message was taken: slow mode asks for a pause after it. */
  sent() {
    const seconds = this.#chat.session?.modes?.slow_seconds;
    if (seconds > 0 && !this.#isExempt()) this.#slowDown(seconds * 1000);
  }

  #change(modes) {
    this.#modes.show(modes, { isNews: this.#chat.state === 'live' });
    if (!(modes?.slow_seconds > 0)) this.#composer.resume('slow_mode');
  }

  #slowDown(milliseconds = 1000) {
    const why = this.#words.failures.slow_mode;
    this.#composer.pause('slow_mode', { until: Date.now() + milliseconds, why, left: (ms) => this.#words.writeAgainIn(timeOf(ms)), isQuiet: true });
  }

  /** Few need it, so its code is loaded on demand; without it, the composer still says until when. */
  async #explain(standing) {
    const asked = ++this.#fresh;
    const { reasonsOf } = await import('./standing.js').catch(() => ({ reasonsOf: () => [] }));
    if (asked !== this.#fresh) return;
    const nodes = reasonsOf(this.#view, standing);
    this.#view.$('standing').replaceChildren(...nodes);
    this.#view.$('standing').hidden = nodes.length === 0;
  }

  #hide() {
    this.#fresh += 1;
    this.#view.$('standing').hidden = true;
    this.#view.$('standing').replaceChildren();
  }
}

/** Seconds below a minute; a second that has begun counts. */
const timeOf = (ms) => (ms < 60_000 ? `${Math.ceil(ms / 1000)} s` : duration(ms));
