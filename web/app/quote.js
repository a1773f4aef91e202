// What a reply shows of the message that it replies to: one line above it, which leads there.

import { element } from './dom.js';
import { plainName, plainText } from './plain-text.js';

/** New controls in a row are in the tab order if its other ones are (`LogKeys`). */
export function keepTabStop(item, node) {
  const { tabIndex } = item.querySelector('.menu-button');
  for (const control of node.querySelectorAll('button, a')) control.tabIndex = tabIndex;
}

export class Quotes {
  #words;
  #isMuted;
  #onGo;
  /** What each line shows now. */
  #drawn = new WeakMap();

  /** `onGo` is called with the id of the message to which a quote leads. */
  constructor({ view, isMuted, onGo }) {
    this.#words = view.words;
    this.#isMuted = isMuted;
    this.#onGo = onGo;
  }

  /** Shows what a message quotes now, if it is a reply. If that is another text, the focus in the old one is at its row. */
  show(item, { reply_to: quote }) {
    if (!quote) return;
    const line = item.querySelector('.quote') ?? this.#lineIn(item);
    this.#draw(item, line, quote);
    this.showMuted(item, { reply_to: quote });
  }

  /** Hides what a message quotes of somebody who is muted. */
  showMuted(item, { reply_to: quote }) {
    const line = item.querySelector('.quote');
    if (line) line.hidden = this.#isMuted(quote);
  }

  #lineIn(item) {
    const line = element('p', 'quote');
    item.querySelector('.body').prepend(line);
    return line;
  }

  /** What stays the same keeps its button: somebody may be pressing it. */
  #draw(item, line, quote) {
    const drawn = this.#drawn.get(line);
    if (drawn && drawn.excerpt === quote.excerpt && drawn.username === quote.username) return;
    this.#drawn.set(line, quote);
    const hadFocus = line.contains(line.getRootNode().activeElement);
    line.replaceChildren(quote.excerpt === null ? this.#words.quoteGone : this.#buttonOf(quote));
    keepTabStop(item, line);
    if (hadFocus) item.focus({ preventScroll: true });
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
