// The bar above the field with which viewers take part: reactions, and questions to the host. The code is loaded once a chat is live whose
// server knows them.

import { addStyles } from '../embed/taking-part-styles.js';
import { Bursts } from './bursts.js';
import { element, setText } from './dom.js';
import { withStrings } from './own-words.js';
import { Questions } from './questions.js';
import wordsOf from './taking-part-words.js';

/** Puts the bar above the field until the signal aborts. `likes` are the visitor's own. */
export async function takePart({ view, chat, likes, composer, announcer, signal }) {
  const words = withStrings(Object.hasOwn(wordsOf, view.language) ? wordsOf[view.language] : wordsOf.en, view.strings);
  await addStyles(view.root);
  if (signal.aborted) return;
  const bar = element('div');
  bar.id = 'taking-part';
  bar.part = 'taking-part';
  const of = { view, chat, words, composer, announcer, signal };
  const reactions = new ReactionBar(of);
  const questions = new Questions({ ...of, likes });
  bar.append(reactions.element, questions.element);
  view.$('composer').before(bar);
  const show = () => {
    bar.hidden = chat.state === 'ended' || view.$('composer').hidden;
    reactions.show(chat.reactions);
  };
  for (const type of ['state', 'session', 'standing']) chat.addEventListener(type, show, { signal });
  const watch = new MutationObserver(show);
  watch.observe(view.$('composer'), { attributes: true, attributeFilter: ['hidden'] });
  show();
  signal.addEventListener('abort', () => {
    watch.disconnect();
    bar.remove();
  });
}

/** A button for each reaction of the chat, with its total. */
class ReactionBar {
  #view;
  #chat;
  #words;
  #composer;
  #bursts;
  #buttons = new Map();
  /** What this visitor has shown already, and the room will tell again. */
  #own = new Map();

  constructor({ view, chat, words, composer, signal }) {
    this.#view = view;
    this.#chat = chat;
    this.#words = words;
    this.#composer = composer;
    this.#bursts = new Bursts({ view, signal });
    this.element = element('div', 'reactions');
    this.element.setAttribute('role', 'group');
    this.element.setAttribute('aria-label', words.reactions);
    chat.addEventListener('reactions', ({ detail }) => this.#hear(detail), { signal });
  }

  /** Shows these totals; an operator may have changed the set for another session. */
  show(totals) {
    const names = Object.keys(totals);
    if (names.join() !== [...this.#buttons.keys()].join()) {
      this.#buttons = new Map(names.map((name) => [name, this.#button(name)]));
      this.element.replaceChildren(...this.#buttons.values());
    }
    this.element.hidden = names.length === 0;
    for (const [name, button] of this.#buttons) {
      const count = this.#view.format.count(totals[name]);
      setText(button.lastChild, totals[name] > 0 ? count : '');
      button.setAttribute('aria-label', this.#words.reactWith(name, count));
    }
  }

  #button(name) {
    const button = element('button', 'reaction');
    button.type = 'button';
    button.part = 'reaction';
    button.append(element('span', 'emoji', name), element('span', 'total'));
    for (const part of button.children) part.setAttribute('aria-hidden', 'true');
    button.addEventListener('click', () => this.#react(name));
    return button;
  }

  async #react(name) {
    this.#own.set(name, (this.#own.get(name) ?? 0) + 1);
    this.#bursts.add(name, 1);
    try {
      await this.#chat.react(name);
    } catch (error) {
      this.#own.delete(name);
      const isForbidden = ['forbidden', 'banned', 'timed_out'].includes(error.code);
      this.#composer.notify(isForbidden ? this.#words.reactForbidden : this.#words.reactFailed);
    }
  }

  #hear({ reactions, counts = {} }) {
    this.show(reactions);
    for (const [name, count] of Object.entries(counts)) {
      const shown = Math.min(count, this.#own.get(name) ?? 0);
      this.#own.set(name, (this.#own.get(name) ?? 0) - shown);
      this.#bursts.add(name, count - shown);
    }
  }
}
