// The top of the page: the session, its state and time, and its numbers.

import { $, inNextFrame, setText } from './dom.js';
import { count, duration, roughDuration } from './format.js';
import { words } from './locale.js';
import { onTick } from './ticks.js';

/** A session that ends later than this counts as endless: the header shows how long it has been open. */
const NEVER_MS = 365 * 24 * 3_600_000;

export class Header {
  #chat;
  #state = 'ended';
  likes = 0;

  constructor({ chat, signal }) {
    this.#chat = chat;
    onTick(() => this.#showTime(), signal);
    $('numbers').hidden = true;
  }

  stop() {
    this.showState('ended');
    setText($('state-text'), '');
    setText($('time-left'), '');
    setText($('session-name'), words.title);
    document.title = words.title;
  }

  showSession() {
    const { name } = this.#chat.session;
    const isNamed = typeof name === 'string' && name.trim() !== '';
    setText($('session-name'), isNamed ? name : words.title);
    document.title = isNamed ? `${name} – ${words.title}` : words.title;
    $('numbers').hidden = false;
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
    $('state').dataset.state = state;
    const texts = { connecting: words.connecting, live: words.live, recovering: words.reconnecting, ended: words.closed };
    setText($('state-text'), texts[state]);
    this.#showTime();
  }

  #drawNumbers = () => {
    setText($('viewer-count'), count(this.#chat.viewers));
    setText($('like-count'), count(this.likes));
  };

  #showTime() {
    setText($('time-left'), this.#timeText());
  }

  #timeText() {
    const { session } = this.#chat;
    if (!session || this.#state === 'ended') return '';
    const now = Date.now();
    const left = Date.parse(session.end_time) - now;
    if (left <= NEVER_MS) return words.endsIn(duration(left));
    const open = now - Date.parse(session.start_time);
    if (Number.isNaN(open)) return '';
    return open < 60_000 ? words.justOpened : words.openFor(roughDuration(open));
  }
}
