// The cards of polls and of the draw, above the log. The code is loaded with the first of them.

import { DrawCard } from './draw-card.js';
import { element } from './dom.js';
import { hostedWords } from './hosted-words.js';
import { PollCard } from './poll-card.js';

const TICK_MS = 1000;
/** As many polls that have ended show as `status` tells. */
const MOST_ENDED = 3;

export class Hosted {
  #of;
  #box;
  /** By their ids. */
  #polls = new Map();
  #draw;
  /** What the visitor has hidden, or what was over when the visitor came: these need not show. */
  #hidden = new Set();

  /** The cards go with their chat, which ends by `signal`. `composer` tells what failed, `announcer` reads out what is new. */
  constructor({ view, chat, signal, composer, announcer }) {
    const words = hostedWords(view);
    this.#of = { view, chat, signal, composer, announcer, words, onHide: (name) => this.#hide(name) };
    this.#box = element('section');
    this.#box.id = 'hosted';
    this.#box.part = 'hosted';
    this.#box.tabIndex = -1;
    this.#box.setAttribute('aria-label', words.fromTheHost);
    if (signal.aborted) return;
    view.$('room').prepend(this.#box);
    const timer = setInterval(() => this.#polls.forEach((card) => card.tick()), TICK_MS);
    signal.addEventListener('abort', () => {
      clearInterval(timer);
      this.#box.remove();
    });
  }

  /** Shows these polls and this draw. On the visitor's arrival, nothing of them is news, and what has ended is over. */
  show(told, draw, { isArrival: wasFirst }) {
    const over = told.filter(({ state }) => state === 'ended').slice(MOST_ENDED);
    const polls = told.filter((poll) => !over.includes(poll));
    if (wasFirst) for (const { id, state } of polls) if (state === 'ended') this.#hidden.add(`poll ${id}`);
    for (const poll of [...polls].sort((one, other) => one.id - other.id)) this.#showPoll(poll, wasFirst);
    // After a loss, a poll may not be told any more.
    for (const [id, card] of this.#polls) {
      if (polls.some((poll) => poll.id === id)) continue;
      card.remove();
      this.#polls.delete(id);
    }
    this.#showDraw(draw, wasFirst);
    this.#box.hidden = this.#box.childElementCount === 0;
  }

  #showPoll(poll, wasFirst) {
    if (this.#hidden.has(`poll ${poll.id}`)) return;
    const known = this.#polls.get(poll.id);
    const card = known ?? new PollCard(this.#of, poll);
    if (!known) {
      this.#polls.set(poll.id, card);
      this.#box.prepend(card.node);
    }
    card.show(poll, { isNews: !known && !wasFirst });
  }

  #showDraw(draw, wasFirst) {
    if (this.#draw && this.#draw.id !== draw?.id) {
      this.#draw.node.remove();
      this.#draw = undefined;
    }
    if (!draw || draw.state === 'cancelled' || this.#hidden.has(`draw ${draw.id}`)) return;
    const isNew = !this.#draw;
    this.#draw ??= new DrawCard(this.#of, draw);
    if (isNew) this.#box.append(this.#draw.node);
    this.#draw.show(draw, { isNews: !wasFirst });
  }

  #hide(name) {
    this.#hidden.add(name);
    const [kind, id] = name.split(' ');
    const card = kind === 'draw' ? this.#draw : this.#polls.get(Number(id));
    card?.node.remove();
    if (kind === 'poll') this.#polls.delete(Number(id));
    this.#box.hidden = this.#box.childElementCount === 0;
    if (this.#box.hidden) this.#of.view.focusLog?.();
    else this.#box.focus();
  }
}
