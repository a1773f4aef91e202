// The top of the page: the session, its state and time, and its numbers.

import { inNextFrame, setText } from './dom.js';
import { duration, roughDuration } from './format.js';
import { onTick } from './ticks.js';

/** A session that ends later than this counts as endless: the header shows how long it has been open. */
const NEVER_MS = 365 * 24 * 3_600_000;

export class Header {
  #view;
  #$;
  #words;
  #chat;
  #onName;
  #state = 'ended';
  likes = 0;

  /** `onName` is called with the session's name, and with nothing once there is none. */
  constructor({ view, chat, signal, onName }) {
    this.#view = view;
    this.#$ = view.$;
    this.#words = view.words;
    this.#chat = chat;
    this.#onName = onName;
    onTick(() => this.#showTime(), signal);
    this.#$('numbers').hidden = true;
  }

  stop() {
    this.showState('ended');
    setText(this.#$('state-text'), '');
    setText(this.#$('time-left'), '');
    this.#showName();
  }

  showSession() {
    const { name } = this.#chat.session;
    const isNamed = typeof name === 'string' && name.trim() !== '';
    this.#showName(isNamed ? name : undefined);
    this.#$('numbers').hidden = false;
    this.likes = 0;
    this.showLikes(this.#chat.likes);
    this.showViewers();
  }

  showViewers() {
    inNextFrame(this.#drawNumbers);
  }

  showLikes(likes) {
    this.likes = likes;
    inNextFrame(this.#drawNumbers);
  }

  showState(state) {
    this.#state = state;
    this.#$('state').dataset.state = state;
    const { connecting, live, reconnecting, closed } = this.#words;
    const texts = { connecting, live, recovering: reconnecting, ended: closed };
    setText(this.#$('state-text'), texts[state]);
    this.#showTime();
  }

  #showName(name) {
    setText(this.#$('session-name'), name ?? this.#words.title);
    this.#onName(name);
  }

  #drawNumbers = () => {
    setText(this.#$('viewer-count'), this.#view.format.count(this.#chat.viewers));
    setText(this.#$('like-count'), this.#view.format.count(this.likes));
  };

  #showTime() {
    setText(this.#$('time-left'), this.#timeText());
  }

  #timeText() {
    const { session } = this.#chat;
    if (!session || this.#state === 'ended') return '';
    const now = Date.now();
    const left = Date.parse(session.end_time) - now;
    if (left <= NEVER_MS) return this.#words.endsIn(duration(left));
    const open = now - Date.parse(session.start_time);
    if (Number.isNaN(open)) return '';
    return open < 60_000 ? this.#words.justOpened : this.#words.openFor(roughDuration(open));
  }
}
