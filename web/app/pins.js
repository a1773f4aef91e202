// The pinned messages, in a strip above the log. The code is loaded once something is pinned.

import { colorOf } from './announcement.js';
import { cut } from './announcer.js';
import { element, setText } from './dom.js';
import { logWords } from './log-words.js';
import { plainName, plainText } from './plain-text.js';

export class Pins {
  #view;
  #words;
  #announcer;
  #signal;
  #mayUnpin;
  #onGo;
  #onUnpin;
  #strip;
  #count;
  #list;
  /** The ids of all messages that were in the strip. */
  #known;

  /**
   * `onGo` and `onUnpin` are called with the id of a message; `onGo` returns whether it went there. `mayUnpin` tells whether the visitor may. The strip
   * goes with its chat, which ends by `signal`.
   */
  constructor({ view, signal, announcer, mayUnpin, onGo, onUnpin }) {
    this.#view = view;
    this.#signal = signal;
    this.#words = logWords(view);
    this.#announcer = announcer;
    this.#mayUnpin = mayUnpin;
    this.#onGo = onGo;
    this.#onUnpin = onUnpin;
    this.#make();
  }

  /** Shows these messages, the newest pin first. One that a visitor has not seen yet is read out. */
  show(pins) {
    const hadFocus = this.#strip.contains(this.#view.active);
    const news = this.#known && pins.find(({ id }) => !this.#known.has(id));
    this.#known = new Set([...(this.#known ?? []), ...pins.map(({ id }) => id)]);
    setText(this.#count, this.#words.pinnedCount(pins.length));
    this.#list.replaceChildren(...pins.map((message) => this.#item(message)));
    this.#strip.hidden = pins.length === 0;
    if (news) this.#announcer.say(this.#words.nowPinned(plainName(news.username), cut(plainText(news.message))));
    if (!hadFocus) return;
    if (this.#strip.hidden) this.#view.focusLog();
    else this.#count.focus();
  }

  #make() {
    this.#strip = element('section');
    this.#strip.id = 'pins';
    this.#strip.part = 'pins';
    this.#strip.setAttribute('aria-label', this.#words.pinnedMessages);
    this.#list = element('ol');
    this.#list.id = 'pinned';
    this.#count = button('link pinned-count');
    this.#count.setAttribute('aria-controls', this.#list.id);
    this.#count.addEventListener('click', () => this.#unfold(this.#list.hidden));
    this.#strip.append(this.#count, this.#list);
    this.#unfold(true);
    if (this.#signal.aborted) return;
    this.#view.$('room').prepend(this.#strip);
    this.#signal.addEventListener('abort', () => this.#strip.remove());
  }

  #unfold(isOpen) {
    this.#list.hidden = !isOpen;
    this.#count.setAttribute('aria-expanded', String(isOpen));
  }

  #item(message) {
    const [item, go] = [element('li'), button('pin')];
    const name = plainName(message.username);
    const color = colorOf(message);
    if (color) item.dataset.color = color;
    const text = element('span', 'pinned-text', plainText(message.message));
    text.dir = 'auto';
    go.append(element('bdi', 'pinned-name', name), text);
    go.addEventListener('click', () => {
      // What is not in the log can be read here.
      if (!this.#onGo(message.id)) go.setAttribute('aria-expanded', String(item.classList.toggle('whole')));
    });
    item.append(go);
    if (this.#mayUnpin()) {
      const unpin = button('link unpin', this.#words.unpin);
      unpin.setAttribute('aria-label', this.#words.unpinOf(name));
      unpin.addEventListener('click', () => this.#onUnpin(message.id));
      item.append(unpin);
    }
    return item;
  }
}

function button(className, text = '') {
  const made = element('button', className, text);
  made.type = 'button';
  return made;
}
