// The card of a draw: its prize, who can win, the winners, and the check, which this browser makes itself (docs/draws.md).

import { entrantHash, verifyDraw } from '../client/src/verify-draw.js';
import { element, setText } from './dom.js';
import { plainName, plainText } from './plain-text.js';

/** Thousands hear of a list at once, and each asks for the own entry: a thousand a second. */
const MS_PER_ENTRANT = 1;
const LONGEST_DELAY_MS = 20_000;

export class DrawCard {
  #of;
  #draw;
  #people;
  #own;
  #winners;
  #check;
  #checked;
  #hide;
  #isAsking = false;

  constructor(of, draw) {
    this.#of = of;
    this.id = draw.id;
    const { words } = of;
    const title = element('h2', 'hosted-title', words.drawOf(plainText(draw.prize)));
    title.id = `draw-${draw.id}`;
    title.dir = 'auto';
    this.node = element('article', 'hosted-card draw');
    this.node.setAttribute('aria-labelledby', title.id);
    this.#people = element('p', 'hosted-note');
    this.#own = element('p', 'hosted-own');
    this.#winners = element('ol', 'draw-winners');
    this.#winners.setAttribute('aria-label', words.winners);
    this.#check = element('button', 'link draw-check', words.check);
    this.#check.type = 'button';
    this.#check.addEventListener('click', () => this.#verify());
    this.#checked = element('p', 'hosted-note draw-checked');
    this.#checked.setAttribute('role', 'status');
    this.#hide = element('button', 'link hosted-hide', words.hide);
    this.#hide.type = 'button';
    this.#hide.setAttribute('aria-label', words.hideOf(title.textContent));
    this.#hide.addEventListener('click', () => of.onHide(`draw ${draw.id}`));
    this.node.append(this.#hide, title, this.#people, this.#own, this.#winners, this.#check, this.#checked);
  }

  /** Shows the draw as it stands. What is new is read out. */
  show(draw, { isNews }) {
    const before = this.#draw;
    this.#draw = draw;
    const { words, announcer, view, chat } = this.#of;
    const count = draw.entrants;
    setText(this.#people, count === null ? words.drawFreezing : words.entrants(count, new Intl.NumberFormat(view.language).format(count)));
    const winners = draw.winners ?? [];
    const nameOf = (id, index) => (id === null ? words.erased : plainName(draw.winner_names?.[index] || id));
    this.#winners.replaceChildren(
      ...winners.map((id, index) => {
        const item = element('li', id === chat.userId ? 'own' : '');
        item.append(element('bdi', '', nameOf(id, index)));
        return item;
      }),
    );
    this.#winners.hidden = this.#check.hidden = winners.length === 0;
    if (winners.includes(chat.userId)) setText(this.#own, words.youWon);
    if (before?.winners?.length !== draw.winners?.length) setText(this.#checked, '');
    this.#askForOwn(isNews ? Math.random() * Math.min(LONGEST_DELAY_MS, count * MS_PER_ENTRANT) : 0);
    if (isNews && !before) announcer.say(words.newDraw(plainText(draw.prize)));
    if (isNews && winners.length > (before?.winners?.length ?? 0)) announcer.say(words.wonBy(plainText(draw.prize), winners.map(nameOf).join(', ')));
  }

  /** Asks, once, whether the visitor is in the list. Without a secure page there is no way to tell. */
  async #askForOwn(delayMs) {
    const { chat, words, signal } = this.#of;
    if (this.#isAsking || this.#draw.entrants === null || !chat.userId) return;
    this.#isAsking = true;
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    try {
      const hash = await entrantHash(this.id, chat.userId);
      const [found] = await chat.entrants(this.id, { hash });
      if (signal.aborted || this.#draw.winners?.includes(chat.userId)) return;
      setText(this.#own, found ? words.entered : words.notEntered);
    } catch {
      // It is asked again with the next change.
      this.#isAsking = false;
    }
  }

  async #verify() {
    const { chat, words } = this.#of;
    setText(this.#checked, words.checking);
    try {
      const draw = this.#draw;
      const { valid, problems } = await verifyDraw(draw, await chat.entrants(draw.id));
      setText(this.#checked, valid ? words.drawRight : words.drawWrong(problems.map((problem) => words.drawProblems[problem] ?? problem).join(', ')));
      this.#checked.dataset.valid = String(valid);
    } catch (error) {
      if (!error.code) console.error(error);
      setText(this.#checked, words.checkFailed);
    }
  }
}
