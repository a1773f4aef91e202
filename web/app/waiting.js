// While no session is open: shows that, checks from time to time, and enters once one is open.

import { duration } from './format.js';
import { onTick } from './ticks.js';

const ASK_MS = 30_000;
/** All visitors wait for the same moment: their entries are spread over this time. */
const SPREAD_MS = 5_000;
/** For this long after its scheduled time, a start is still expected at any moment. */
const OVERDUE_MS = 10 * 60_000;

export class Waiting {
  #words;
  #chat;
  #banner;
  #startsAt;
  #isOn = false;
  #hasEnded = false;
  #hasAsked = false;
  #isDisabled = false;
  #asking;
  #askAt = Infinity;
  #ticking = new AbortController();

  constructor({ words, chat, banner, startsAt }) {
    this.#words = words;
    this.#chat = chat;
    this.#banner = banner;
    this.#startsAt = timeOf(startsAt);
  }

  /** `goesOn` is whether another session may open. */
  start({ hasEnded, goesOn }) {
    this.stop();
    this.#isOn = true;
    this.#hasEnded = hasEnded;
    if (!goesOn) return this.#banner.show('info', hasEnded ? this.#words.bannerEnded : this.#words.bannerNotOpen);
    this.#show();
    this.#ticking = new AbortController();
    onTick(() => this.#tick(), this.#ticking.signal);
    // A chat that has just ended need not be checked at once; one that is not open yet may say when it opens.
    if (hasEnded || this.#hasAsked) this.#askLater();
    else this.#ask();
  }

  stop() {
    this.#isOn = false;
    clearTimeout(this.#asking);
    this.#askAt = Infinity;
    this.#ticking.abort();
  }

  /** A timer does not count the time that a computer sleeps. */
  #tick() {
    this.#show();
    if (Date.now() >= this.#askAt) this.#ask();
  }

  #show() {
    const left = this.#startsAt - Date.now();
    const words = this.#words;
    const detail = words.joinsByItself;
    if (this.#isDisabled) this.#banner.show('info', words.bannerDisabled);
    else if (left > 0) this.#banner.show('info', this.#hasEnded ? words.opensAgainIn : words.opensIn, { time: duration(left), detail });
    else if (left > -OVERDUE_MS) this.#banner.show('info', words.opensSoon, { detail });
    else if (this.#hasEnded) this.#banner.show('info', words.bannerEnded);
    else this.#banner.show('info', words.bannerNotOpen, { detail });
  }

  #askLater() {
    clearTimeout(this.#asking);
    if (!this.#isOn) return;
    const untilStart = this.#startsAt - Date.now() + Math.random() * SPREAD_MS;
    const wait = ASK_MS * (1 + Math.random());
    const pause = untilStart > 0 ? Math.min(wait, untilStart) : wait;
    this.#askAt = Date.now() + pause;
    this.#asking = setTimeout(() => this.#ask(), pause);
  }

  async #ask() {
    this.#hasAsked = true;
    this.#askAt = Infinity;
    clearTimeout(this.#asking);
    try {
      const status = await this.#chat.getStatus();
      if (!this.#isOn) return;
      this.#isDisabled = status.enabled === false;
      // The server's time takes precedence over the one from the application that opened the page.
      const next = [status.next_start_time, status.session?.start_time].map(timeOf).find((time) => time > Date.now());
      if (next !== undefined) this.#startsAt = next;
      // If connecting fails again, the resulting state shows it.
      if (status.is_active) return this.#chat.connect().catch(() => {});
      this.#show();
    } catch {
      // The next check may succeed.
    }
    this.#askLater();
  }
}

/** In milliseconds since 1970; NaN for anything but a date as text. */
function timeOf(text) {
  return typeof text === 'string' ? Date.parse(text) : NaN;
}
