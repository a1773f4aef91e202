// What holds of a visitor, in words: why, under which reference, and where to object (docs/contract.md, Moderation). Loaded when
// something does.

import { element } from './dom.js';

/** The explanation, who decided, the reference and the way to object: each as far as the chat tells it. */
export function reasonsOf({ words }, { explanation, automated, reference, appeal_url: appeal }) {
  const lines = [
    explanation && Object.assign(element('p', 'explanation', explanation), { dir: 'auto' }),
    automated && element('p', '', words.automated),
    reference && element('p', 'reference', words.reference(reference)),
    isAddress(appeal) && paragraphOf(linkTo(appeal, words.appeal)),
  ];
  return lines.filter(Boolean);
}

/** The screen of a banned visitor, in place of the chat. */
export class BanScreen {
  #view;
  #place;
  #onRetry;
  #again;
  #status = element('p', 'again');

  /** `onRetry` enters the chat again; it rejects while the ban holds. */
  constructor({ view, signal, onRetry }) {
    this.#view = view;
    this.#onRetry = onRetry;
    this.#place = view.$('banned');
    this.#again = Object.assign(element('button', 'link', view.words.tryAgain), { type: 'button' });
    this.#status.setAttribute('role', 'status');
    this.#again.addEventListener('click', () => this.#retry(), { signal });
    signal.addEventListener('abort', () => this.hide());
  }

  show(standing) {
    if (!this.#place.hidden) return;
    const { words, format } = this.#view;
    const end = Date.parse(standing.until);
    const until = Number.isNaN(end) ? [] : [element('p', '', words.until(format.fullTime(new Date(end))))];
    const title = Object.assign(element('h2', '', words.bannedTitle), { tabIndex: -1 });
    this.#place.replaceChildren(title, element('p', '', words.bannedText), ...until, ...reasonsOf(this.#view, standing), this.#again, this.#status);
    this.#place.hidden = false;
    if (this.#view.takesFocus || this.#view.active) title.focus({ preventScroll: true });
  }

  /** Moves the keyboard's focus to the chat that is back, so that it is not lost. */
  hide() {
    const hadFocus = this.#place.contains(this.#view.active);
    this.#place.hidden = true;
    this.#place.replaceChildren();
    this.#status.textContent = '';
    if (hadFocus) this.#view.focusLog();
  }

  async #retry() {
    if (this.#again.getAttribute('aria-disabled') === 'true') return;
    this.#again.setAttribute('aria-disabled', 'true');
    this.#status.textContent = this.#view.words.connecting;
    try {
      await this.#onRetry();
    } catch ({ code }) {
      this.#status.textContent = code === 'banned' ? this.#view.words.stillBanned : this.#view.words.cannotReach;
    } finally {
      this.#again.removeAttribute('aria-disabled');
    }
  }
}

const isAddress = (address) => /^(?:https|mailto):/i.test(address ?? '');

function linkTo(address, text) {
  const link = element('a', '', text);
  return Object.assign(link, { href: address, target: '_blank', rel: 'noopener noreferrer' });
}

function paragraphOf(node) {
  const paragraph = element('p');
  paragraph.append(node);
  return paragraph;
}
