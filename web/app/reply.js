// What the visitor replies to: it stands above the field until the message is sent, or the visitor thinks better of it. The draft stays.

import { element, isOfInputMethod } from './dom.js';
import { graphemesOf } from './intl.js';
import { plainName, plainText } from './plain-text.js';

/** A longer text is cut, in characters as people see them: screen readers say it with the field. */
const LONGEST_TEXT = 100;
/** What stands for the name and the text in a sentence. */
const [NAME, TEXT] = ['\u0001', '\u0002'];

export class Reply {
  #words;
  #composer;
  #announcer;
  #text;
  #bar = element('div');
  #quote = Object.assign(element('span'), { id: 'replying-to' });
  #target;
  /** The messages that were replied to, by id: a text that was not sent comes back with its own. */
  #known = new Map();

  constructor({ view, chat, composer, announcer, signal }) {
    this.#words = view.words;
    this.#composer = composer;
    this.#announcer = announcer;
    this.#text = view.$('text');
    Object.assign(this.#bar, { id: 'replying', hidden: true });
    const cancel = Object.assign(element('button', 'link', '\u00d7'), { type: 'button', title: view.words.cancel });
    cancel.setAttribute('aria-label', view.words.cancel);
    this.#bar.append(this.#quote, cancel);
    this.#text.closest('.writing').before(this.#bar);
    this.#text.setAttribute('aria-describedby', `replying-to ${this.#text.getAttribute('aria-describedby')}`);
    cancel.addEventListener('click', () => this.#cancel());
    // Where names are offered, Escape closes their list first.
    this.#text.addEventListener('keydown', (event) => this.#press(event), { signal });
    const isThere = () => this.#target !== undefined;
    composer.join({
      of: () => (isThere() ? { replyTo: this.#target.id } : {}),
      sent: () => this.#show(undefined),
      // It may be no reply, or one to a message that is gone: then the reply in progress, if any, goes on.
      edited: (details) => this.#known.has(details?.replyTo) && this.#show(this.#known.get(details.replyTo)),
    });
    const loseIf = (type, isGone) => chat.addEventListener(type, ({ detail }) => this.#forget((message) => isGone(detail, message)), { signal });
    loseIf('deleted', ({ message_id: id }, target) => target.id === id);
    loseIf('purged', ({ user_id: userId, up_to_seq: upTo }, target) => target.user_id === userId && target.seq <= upTo);
    loseIf('cleared', ({ up_to_seq: upTo }, target) => target.seq <= upTo);
    loseIf('session', () => true);
    signal.addEventListener('abort', () => {
      this.#bar.remove();
      this.#text.setAttribute('aria-describedby', this.#text.getAttribute('aria-describedby').replace('replying-to ', ''));
    });
  }

  /** The visitor wants to reply to a message. */
  to(message) {
    this.#known.set(message.id, message);
    this.#show(message);
    this.#announcer.say(this.#quote.textContent);
    this.#text.focus();
  }

  #show(message) {
    this.#target = message;
    this.#bar.hidden = message === undefined;
    this.#quote.replaceChildren(...(message ? this.#partsOf(message) : []));
  }

  /** The name and the text are isolated: neither changes the direction of the other. */
  #partsOf({ username, message }) {
    const parts = { [NAME]: plainName(username), [TEXT]: shortened(message) };
    const nodeOf = (part) => (Object.hasOwn(parts, part) ? element('bdi', '', parts[part]) : part);
    return this.#words.replyTo(NAME, TEXT).split(/([\u0001\u0002])/).map(nodeOf);
  }

  /** Nothing of a message that is gone comes back with a text. */
  #forget(isGone) {
    for (const message of this.#known.values()) if (isGone(message)) this.#known.delete(message.id);
    if (this.#target === undefined || !isGone(this.#target)) return;
    this.#show(undefined);
    this.#composer.notify(this.#words.failures.not_found);
  }

  #cancel() {
    this.#show(undefined);
    this.#text.focus();
  }

  #press(event) {
    if (event.key !== 'Escape' || this.#target === undefined || isOfInputMethod(event)) return;
    event.preventDefault();
    // In a dialog of the page around the chat, it would close that.
    event.stopPropagation();
    this.#cancel();
  }
}

function shortened(text) {
  const all = graphemesOf(plainText(text).replace(/\s+/g, ' '));
  return all.length > LONGEST_TEXT ? `${all.slice(0, LONGEST_TEXT - 1).join('')}…` : all.join('');
}
