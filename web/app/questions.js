// The tab that lists the questions to the host by their votes. Its code is loaded when it is first opened.

import { element } from './dom.js';
import { plainName, plainText } from './plain-text.js';

/** Votes and questions of a busy room come in bursts. */
const REFRESH_MS = 2_000;

export class Questions {
  #view;
  #chat;
  #words;
  #likes;
  #composer;
  #signal;
  #open;
  #tabs;
  #panel;
  #list;
  #isOpen = false;
  #questions = [];
  #timer;
  #loading = 0;

  /** `button` opens and closes the list. */
  constructor({ view, chat, words, likes, composer, button, signal }) {
    this.#view = view;
    this.#chat = chat;
    this.#words = words;
    this.#likes = likes;
    this.#composer = composer;
    this.#open = button;
    this.#signal = signal;
    this.#listen();
  }

  /** Opens the list, or closes it. */
  toggle() {
    if (!this.#signal.aborted) this.#show(!this.#isOpen);
  }

  #listen() {
    const on = (type, action) => this.#chat.addEventListener(type, ({ detail }) => action(detail), { signal: this.#signal });
    on('session', () => this.#show(false));
    on('message', (message) => message.message_type === 'question' && this.#refreshSoon());
    for (const type of ['deleted', 'purged', 'cleared', 'restored']) on(type, () => this.#refreshSoon());
    on('state', ({ state }) => state === 'live' && this.#refreshSoon());
    on('messageLikes', ({ message_id: id, likes }) => this.#change(id, { likes }));
    on('question', ({ message_id: id, answered }) => this.#change(id, { answered }));
    this.#signal.addEventListener('abort', () => {
      clearTimeout(this.#timer);
      this.#show(false);
    });
  }

  #change(id, change) {
    const question = this.#questions.find((one) => one.id === id);
    if (!question) return;
    Object.assign(question, change);
    this.#draw();
  }

  /** Opens or closes the list; the log stays where it was. */
  #show(isOpen) {
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    this.#open.setAttribute('aria-pressed', String(isOpen));
    const room = this.#view.$('room');
    room.classList.toggle('on-questions', isOpen);
    if (!isOpen) {
      this.#tabs.remove();
      this.#panel.remove();
      [this.#tabs, this.#panel, this.#list] = [];
      const log = this.#view.$('log');
      log.removeAttribute('aria-labelledby');
      return;
    }
    this.#make();
    room.prepend(this.#tabs);
    room.append(this.#panel);
    this.#refresh();
    this.#tabs.lastChild.focus();
  }

  #make() {
    this.#tabs = element('div');
    this.#tabs.id = 'views';
    this.#tabs.setAttribute('role', 'tablist');
    this.#tabs.setAttribute('aria-label', this.#words.views);
    const tab = (id, text, controls, isSelected) => {
      const made = element('button', 'tab', text);
      Object.assign(made, { id, type: 'button', tabIndex: isSelected ? 0 : -1 });
      made.setAttribute('role', 'tab');
      made.setAttribute('aria-selected', String(isSelected));
      made.setAttribute('aria-controls', controls);
      return made;
    };
    this.#tabs.append(tab('tab-chat', this.#words.chat, 'log', false), tab('tab-questions', this.#words.questions, 'questions', true));
    this.#tabs.addEventListener('click', ({ target }) => target.id === 'tab-chat' && this.#back());
    this.#tabs.addEventListener('keydown', (event) => {
      if (!['ArrowLeft', 'ArrowRight', 'Home'].includes(event.key)) return;
      event.preventDefault();
      // There are two tabs: each of the arrows leads from the one that is open to the other.
      this.#back();
    });
    this.#panel = element('div');
    this.#panel.id = 'questions';
    this.#panel.part = 'questions';
    this.#panel.tabIndex = 0;
    this.#panel.setAttribute('role', 'tabpanel');
    this.#panel.setAttribute('aria-labelledby', 'tab-questions');
    this.#list = element('ol', 'questions');
    this.#panel.append(this.#list);
  }

  #back() {
    this.#show(false);
    this.#view.focusLog();
  }

  #refreshSoon() {
    if (this.#isOpen) this.#timer ??= setTimeout(() => this.#refresh(), REFRESH_MS);
  }

  async #refresh() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const asked = ++this.#loading;
    try {
      const questions = await this.#chat.questions({ mine: true });
      if (asked !== this.#loading || !this.#isOpen) return;
      this.#questions = questions;
      this.#draw();
    } catch (error) {
      console.error(error);
      if (this.#isOpen && this.#questions.length === 0) this.#list.replaceChildren(element('li', 'none', this.#words.questionsFailed));
    }
  }

  #draw() {
    if (!this.#isOpen) return;
    const active = this.#view.active;
    const [id, kind] = [active?.closest?.('li')?.dataset.id, active?.className];
    const open = [...this.#questions].sort((a, b) => a.answered - b.answered || b.likes - a.likes || a.id - b.id);
    const rows = open.map((question) => this.#row(question));
    this.#list.replaceChildren(...(rows.length > 0 ? rows : [element('li', 'none', this.#words.noQuestions)]));
    // The row under the focus may have moved.
    if (id !== undefined) (this.#list.querySelector(`[data-id="${id}"] .${kind.split(' ').join('.')}`) ?? this.#panel).focus();
  }

  #row(question) {
    const [row, name] = [element('li', 'one-question'), plainName(question.username)];
    row.dataset.id = question.id;
    row.classList.toggle('answered', question.answered);
    const said = element('div', 'said');
    said.append(element('bdi', 'name', name));
    if (question.answered) said.append(element('span', 'badge question', this.#words.answered));
    const text = element('p', 'text', plainText(question.message));
    text.dir = 'auto';
    said.append(text);
    row.append(this.#vote(question, name), said);
    if (this.#chat.capabilities?.includes('moderate')) row.append(this.#mark(question, name));
    return row;
  }

  #vote(question, name) {
    const button = element('button', 'vote', this.#view.format.count(question.likes));
    button.type = 'button';
    button.setAttribute('aria-label', this.#words.vote(name, question.likes));
    const isLiked = () => this.#likes.isLiked(question.id, question.user_liked);
    button.setAttribute('aria-pressed', String(isLiked()));
    button.addEventListener('click', async () => {
      button.setAttribute('aria-pressed', String(!isLiked()));
      await this.#likes.toggle(question.id, isLiked());
      question.user_liked = isLiked();
      this.#refreshSoon();
    });
    return button;
  }

  #mark(question, name) {
    const act = question.answered ? this.#words.reopen : this.#words.markAnswered;
    const button = element('button', 'link mark', act);
    button.type = 'button';
    button.setAttribute('aria-label', this.#words.markOf(act, name));
    button.addEventListener('click', () => {
      const marking = this.#chat.moderate.markAnswered(question.id, !question.answered);
      marking.catch(() => this.#composer.notify(this.#words.actFailed));
    });
    return button;
  }
}
