// The card of a poll: its question, its options with their bars, and what is left of its time.

import { element, setText } from './dom.js';
import { plainText } from './plain-text.js';

export class PollCard {
  #of;
  #poll;
  #state;
  #note;
  #options;
  #hide;
  /** By the ids of the options. */
  #rows = new Map();

  constructor(of, poll) {
    this.#of = of;
    const { words } = of;
    this.node = element('article', 'hosted-card poll');
    const title = element('h2', 'hosted-title', plainText(poll.question));
    title.id = `poll-${poll.id}`;
    title.dir = 'auto';
    this.node.setAttribute('aria-labelledby', title.id);
    this.#state = element('p', 'hosted-state');
    this.#options = element('ul', 'poll-options');
    this.#options.setAttribute('aria-labelledby', title.id);
    this.#note = element('p', 'hosted-note');
    this.#hide = button('link hosted-hide', words.hide);
    this.#hide.setAttribute('aria-label', words.hideOf(plainText(poll.question)));
    this.#hide.addEventListener('click', () => of.onHide(`poll ${poll.id}`));
    for (const option of poll.options) this.#options.append(this.#row(option));
    this.node.append(this.#state, this.#hide, title, this.#options, this.#note);
  }

  /** Shows the poll as it stands. What is new is read out. */
  show(poll, { isNews }) {
    const before = this.#poll;
    this.#poll = poll;
    const { words, announcer, view } = this.#of;
    const isOpen = poll.state === 'open';
    this.node.dataset.state = poll.state;
    this.#hide.hidden = isOpen;
    const most = Math.max(1, ...poll.options.map(({ votes }) => votes ?? 0));
    for (const { id, votes } of poll.options) {
      const { choice, bar, figure, own } = this.#rows.get(id);
      const isOwn = poll.my_vote === id;
      choice.setAttribute('aria-pressed', String(isOwn));
      choice.setAttribute('aria-disabled', String(!isOpen));
      own.hidden = !isOwn;
      const share = poll.total_votes ? (votes ?? 0) / poll.total_votes : 0;
      bar.style.setProperty('--share', String(share));
      choice.classList.toggle('leading', poll.state === 'ended' && votes === most);
      setText(figure, votes === null ? '' : words.share(percent(view, share), number(view, votes)));
    }
    setText(this.#note, this.#noteOf(poll));
    this.tick();
    if (isNews) announcer.say(words.newPoll(plainText(poll.question)));
    if (before && before.state !== 'ended' && poll.state === 'ended') announcer.say(this.#resultOf(poll));
  }

  /** Tells what is left of the time. */
  tick() {
    const { words } = this.#of;
    const left = Math.ceil((Date.parse(this.#poll.ends_at) - Date.now()) / 1000);
    if (this.#poll.state === 'ended') setText(this.#state, words.pollEnded);
    else if (this.#poll.state === 'closing' || left <= 0) setText(this.#state, words.pollClosing);
    else setText(this.#state, words.pollOpen(`${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`));
  }

  remove() {
    this.node.remove();
  }

  #row({ id, text }) {
    const row = element('li');
    const choice = button('poll-option');
    const bar = element('span', 'poll-bar');
    bar.setAttribute('aria-hidden', 'true');
    const label = element('span', 'poll-text', plainText(text));
    label.dir = 'auto';
    const own = element('span', 'poll-own', `✓ ${this.#of.words.yourVote}`);
    const figure = element('span', 'poll-figure');
    choice.append(bar, label, own, figure);
    choice.addEventListener('click', () => this.#vote(id));
    row.append(choice);
    this.#rows.set(id, { choice, bar, figure, own });
    return row;
  }

  async #vote(option) {
    const { chat, words, composer } = this.#of;
    if (this.#poll.state !== 'open' || this.#poll.my_vote === option) return;
    try {
      await chat.vote(this.#poll.id, option);
    } catch (error) {
      composer.notify(error.code === 'conflict' ? words.pollOver : words.voteFailed);
    }
  }

  #noteOf(poll) {
    const { words, view } = this.#of;
    const parts = [poll.hidden ? words.hiddenResults : words.totalVotes(poll.total_votes, number(view, poll.total_votes))];
    if (poll.state === 'open' && poll.my_vote !== null && poll.my_vote !== undefined) parts.push(words.mayChange);
    return parts.join(' · ');
  }

  #resultOf({ question, options, total_votes: total }) {
    const { words, view } = this.#of;
    const shares = options.map(({ text, votes }) => `${plainText(text)}: ${percent(view, total ? votes / total : 0)}.`);
    return words.pollResult(plainText(question), shares.join(' '));
  }
}

const percent = ({ language }, share) => new Intl.NumberFormat(language, { style: 'percent' }).format(share);
const number = ({ language }, count) => new Intl.NumberFormat(language).format(count);

function button(className, text = '') {
  const made = element('button', className, text);
  made.type = 'button';
  return made;
}
