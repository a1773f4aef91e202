// The dialog in which staff ask the room, close polls, and draw winners.

import { $, button, element, foreign, optionsOf, setText } from './elements.js';
import { wordsFor } from './notice.js';
import { words } from './words.js';

export class Hosted {
  #chat;
  #notice;
  /** What was tried last of each form, and its key: what is tried again after a failure happens once. */
  #tried = {};

  constructor({ chat, notice }) {
    this.#chat = chat;
    this.#notice = notice;
    $('poll-seconds').append(...optionsOf(words.pollTimes));
    $('draw-among').append(...optionsOf(words.drawAmong));
    this.#submits('poll', () => this.#startPoll());
    this.#submits('draw', () => this.#startDraw());
    $('hosted-close').addEventListener('click', () => $('hosted-dialog').close());
    for (const type of ['poll', 'draw', 'session']) chat.addEventListener(type, () => $('hosted-dialog').open && this.#list());
  }

  /** Shows the dialog, with what is open. */
  open() {
    for (const form of ['poll', 'draw']) setText($(`${form}-problem`), '');
    this.#list();
    $('hosted-dialog').showModal();
    $('poll-question').focus();
  }

  #submits(form, start) {
    $(`${form}-form`).addEventListener('submit', (event) => {
      event.preventDefault();
      const submit = $(`${form}-yes`);
      if (submit.getAttribute('aria-disabled') === 'true') return;
      submit.setAttribute('aria-disabled', 'true');
      setText($(`${form}-problem`), '');
      start()
        .then((said) => {
          $(`${form}-form`).reset();
          delete this.#tried[form];
          $('hosted-dialog').close();
          this.#notice.say(said);
        })
        .catch((error) => {
          if (!error.code) console.error(error);
          setText($(`${form}-problem`), wordsFor(error, words.hostedFailures));
        })
        .finally(() => submit.setAttribute('aria-disabled', 'false'));
    });
  }

  async #startPoll() {
    const question = $('poll-question').value;
    const choices = $('poll-options').value.split('\n').map((line) => line.trim()).filter(Boolean);
    const [seconds, hideResults] = [Number($('poll-seconds').value), $('poll-hidden').checked];
    const clientActionId = this.#keyOf('poll', [question, choices, seconds, hideResults]);
    await this.#chat.moderate.startPoll(question, choices, { seconds, hideResults, clientActionId });
    return words.pollStarted;
  }

  async #startDraw() {
    const [prize, winners, among] = [$('draw-prize').value, Number($('draw-winners').value), $('draw-among').value];
    const pollId = among === 'voters' ? this.#chat.session?.polls?.[0]?.id : undefined;
    const clientActionId = this.#keyOf('draw', [prize, winners, among, pollId]);
    const { entrants } = await this.#chat.moderate.startDraw(prize, { winners, among, pollId, clientActionId });
    return words.drawStarted(entrants);
  }

  /** Open polls, which can be closed, and the draw, which can be revealed and drawn again. */
  #list() {
    const { polls = [], draw } = this.#chat.session ?? {};
    const items = polls.filter(({ state }) => state === 'open').map((poll) => {
      const close = this.#act(words.closePoll, () => this.#chat.moderate.closePoll(poll.id), words.pollClosed);
      close.setAttribute('aria-label', words.closePollOf(poll.question));
      return element('li', '', foreign('span', 'hosted-name', poll.question), ' ', close);
    });
    if (draw?.state === 'frozen') {
      const reveal = this.#act(words.revealDraw, () => this.#chat.moderate.revealDraw(draw.id), words.drawRevealed);
      items.push(element('li', '', foreign('span', 'hosted-name', draw.prize), ' ', reveal));
    }
    if (draw?.state === 'revealed' && draw.winners.length < draw.entrants) {
      const reason = element('input');
      reason.maxLength = 500;
      reason.setAttribute('aria-label', words.redrawReason);
      reason.placeholder = words.redrawReason;
      const again = this.#act(words.redraw, () => this.#chat.moderate.redraw(draw.id, reason.value.trim() || words.redraw), words.redrawn);
      items.push(element('li', '', foreign('span', 'hosted-name', draw.prize), ' ', reason, ' ', again));
    }
    $('hosted-list').replaceChildren(...items);
    $('hosted-list').hidden = items.length === 0;
  }

  #act(text, act, said) {
    const made = button(text, async () => {
      made.disabled = true;
      try {
        await act();
        this.#notice.say(said);
        $('hosted-dialog').close();
      } catch (error) {
        if (!error.code) console.error(error);
        setText($('hosted-problem'), wordsFor(error, words.hostedFailures));
        made.disabled = false;
      }
    });
    return made;
  }

  /** What is filled in otherwise has another key. */
  #keyOf(form, fields) {
    const told = JSON.stringify(fields);
    if (this.#tried[form]?.told !== told) this.#tried[form] = { told, key: `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}` };
    return this.#tried[form].key;
  }
}
