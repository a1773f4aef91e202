// The bar above the field with which viewers take part: reactions, and questions to the host. What shows bursts of reactions, and the list of
// questions, is loaded with the first of them.

import { addStyles } from '../embed/taking-part-styles.js';
import { element, setText } from './dom.js';
import { later } from './later.js';
import { withStrings } from './own-words.js';
import wordsOf from './taking-part-words.js';

/** Keeps the bar above the field, while the chat is live and its server knows reactions, until the signal aborts. `likes` are the visitor's own. */
export async function takePart({ view, chat, likes, composer, announcer, signal }) {
  const words = withStrings(Object.hasOwn(wordsOf, view.language) ? wordsOf[view.language] : wordsOf.en, view.strings);
  await addStyles(view.root);
  if (signal.aborted) return;
  const bar = element('div');
  bar.id = 'taking-part';
  bar.part = 'taking-part';
  bar.hidden = true;
  const of = { view, chat, words, composer, announcer, signal };
  const reactions = new ReactionBar(of);
  bar.append(reactions.element, askingOf({ ...of, likes }));
  view.$('composer').before(bar);
  const show = () => {
    bar.hidden = chat.state === 'ended' || chat.session?.reactions === undefined || view.$('composer').hidden;
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

/** The switch that makes the next message a question, and the button of their list. */
function askingOf({ view, chat, words, likes, composer, announcer, signal }) {
  const [place, ask, open] = [element('div', 'asking'), toggle('ask', words.ask, '?'), toggle('show-questions', words.questions, words.questions)];
  const isAsking = () => ask.getAttribute('aria-pressed') === 'true';
  const set = (isOn) => {
    ask.setAttribute('aria-pressed', String(isOn));
    view.$('composer').classList.toggle('asking', isOn);
  };
  ask.addEventListener('click', () => {
    set(!isAsking());
    announcer.say(isAsking() ? words.asks : words.asksNoMore);
    view.$('text').focus();
  });
  composer.join({
    of: () => (isAsking() ? { kind: 'question' } : {}),
    sent: () => set(false),
    edited: ({ kind } = {}) => set(kind === 'question'),
  });
  const list = later(async () => {
    const { Questions } = await import('./questions.js');
    return new Questions({ view, chat, words, likes, composer, button: open, signal });
  });
  open.addEventListener('click', () => list.toggle());
  /** The mark of a question in the log, which is on the page perhaps. */
  const mark = ({ detail: { message_id: id, answered } }) => {
    const badge = view.$(`message-${id}`)?.querySelector('.badge.question');
    if (badge) setText(badge, answered ? words.answered : words.question);
  };
  chat.addEventListener('question', mark, { signal });
  signal.addEventListener('abort', () => set(false));
  place.append(ask, open);
  return place;
}

function toggle(id, label, text) {
  const button = element('button', 'link', text);
  Object.assign(button, { id, type: 'button', title: label });
  button.part = id;
  button.setAttribute('aria-label', label);
  button.setAttribute('aria-pressed', 'false');
  return button;
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
    this.#bursts = later(async () => new (await import('./bursts.js')).Bursts({ view, signal }));
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
      if (count > shown) this.#bursts.add(name, count - shown);
    }
  }
}
