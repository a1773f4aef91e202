// What a reply shows of the message that it replies to: one line above it, which leads there.

import { element } from './dom.js';
import { plainName, plainText } from './plain-text.js';

export class Quotes {
  #words;
  #isMuted;
  #onGo;

  /** `onGo` is called with the id of the message to which a quote leads. */
  constructor({ view, isMuted, onGo }) {
    this.#words = view.words;
    this.#isMuted = isMuted;
    this.#onGo = onGo;
  }

  /** Shows what a message quotes now, if it is a reply. The focus in a quote that is gone is at its row. */
  show(item, { reply_to: quote }) {
    if (!quote) return;
    let line = item.querySelector('.quote');
    const hadFocus = line?.contains(line.getRootNode().activeElement);
    if (!line) item.querySelector('.body').prepend((line = element('p', 'quote')));
    line.replaceChildren(quote.excerpt === null ? this.#words.quoteGone : this.#buttonOf(quote));
    this.showMuted(item, { reply_to: quote });
    if (hadFocus) item.focus({ preventScroll: true });
  }

  /** Hides what a message quotes of somebody who is muted. */
  showMuted(item, { reply_to: quote }) {
    const line = item.querySelector('.quote');
    if (line) line.hidden = this.#isMuted(quote);
  }

  #buttonOf({ id, username, excerpt }) {
    const [name, text] = [plainName(username), plainText(excerpt)];
    const button = Object.assign(element('button', 'link'), { type: 'button', tabIndex: -1 });
    button.setAttribute('aria-label', this.#words.replyTo(name, text));
    // The space is for who listens: each part has a place of its own.
    button.append(element('bdi', 'quoted', name), ' ', Object.assign(element('span', '', text), { dir: 'auto' }));
    button.addEventListener('click', () => this.#onGo(id));
    return button;
  }
}
