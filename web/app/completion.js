// The names that fit what stands after an `@` in the field: arrow keys move, Enter and Tab take one, Escape closes the list. The
// focus stays in the field, which stays a text field: a textarea cannot have the role of a combobox.

import { element, isOfInputMethod } from './dom.js';

const MOST = 6;
/** An `@` that does not end a word, and the beginning of a name, up to the cursor. */
const BEGUN = /(?<![\p{L}\p{N}_@])@([\p{L}\p{N}_][^\n@]{0,50})$/u;
/** What tells screen readers of the list. */
const ROLE = { 'aria-autocomplete': 'list', 'aria-haspopup': 'listbox', 'aria-controls': 'names' };

export class Completion {
  #words;
  #announcer;
  #people;
  #text;
  #onTake;
  #list = element('ul');
  /** The people in the list, and which of them is chosen. */
  #found = [];
  #at = 0;
  /** Where the `@` stands; and the one for which the list was closed. */
  #start = -1;
  #closedFor = -1;

  /**
   * `people` gives those whose names can be offered, each with its `name`, the best ones first; `onTake` is called with the one whose name
   * was taken.
   */
  constructor({ view, people, announcer, onTake, signal }) {
    this.#words = view.words;
    this.#announcer = announcer;
    this.#people = people;
    this.#onTake = onTake;
    this.#text = view.$('text');
    Object.assign(this.#list, { id: 'names', hidden: true });
    this.#list.setAttribute('role', 'listbox');
    this.#list.setAttribute('aria-label', view.words.names);
    this.#text.after(this.#list);
    for (const [name, value] of Object.entries(ROLE)) this.#text.setAttribute(name, value);
    const on = (node, type, action, options) => node.addEventListener(type, action, { signal, ...options });
    on(this.#text, 'input', ({ isComposing }) => isComposing || this.look());
    on(this.#text, 'compositionend', () => this.look());
    on(this.#text, 'blur', () => this.#hide());
    // Before the field takes Enter for sending.
    on(view.$('composer'), 'keydown', (event) => this.#press(event), { capture: true });
    // The focus stays in the field.
    on(this.#list, 'pointerdown', (event) => event.preventDefault());
    on(this.#list, 'click', ({ target }) => this.#take(this.#found[[...this.#list.children].indexOf(target.closest('[role=option]'))]));
    signal.addEventListener('abort', () => {
      this.#hide();
      this.#list.remove();
      for (const name of Object.keys(ROLE)) this.#text.removeAttribute(name);
    });
  }

  /** Shows the names that fit what stands before the cursor. */
  look() {
    const { value, selectionStart: cursor, selectionEnd } = this.#text;
    const begun = cursor === selectionEnd ? BEGUN.exec(value.slice(0, cursor)) : null;
    const start = begun?.index ?? -1;
    if (start !== this.#closedFor) this.#closedFor = -1;
    if (!begun || start === this.#closedFor) return this.#hide();
    const wanted = folded(begun[1]);
    const fits = ({ name }) => folded(name).startsWith(wanted) || folded(name).includes(` ${wanted}`);
    this.#start = start;
    this.#show(this.#people().filter(fits).slice(0, MOST));
  }

  #show(found) {
    if (found.length === 0) return this.#hide();
    const namesOf = (people) => people.map(({ name }) => name).join('\n');
    const isNews = namesOf(found) !== namesOf(this.#found);
    this.#found = found;
    if (!isNews) return;
    this.#list.replaceChildren(...found.map(({ name }, index) => this.#optionOf(name, index)));
    this.#list.hidden = false;
    this.#choose(0);
    this.#announcer.say(this.#words.namesFound(found.length, found[0].name));
  }

  #optionOf(name, index) {
    const option = Object.assign(element('li', '', name), { id: `name-${index}`, dir: 'auto' });
    option.setAttribute('role', 'option');
    return option;
  }

  #choose(index) {
    this.#at = (index + this.#found.length) % this.#found.length;
    [...this.#list.children].forEach((option, i) => option.setAttribute('aria-selected', String(i === this.#at)));
    this.#list.children[this.#at].scrollIntoView?.({ block: 'nearest' });
    this.#text.setAttribute('aria-activedescendant', `name-${this.#at}`);
  }

  #press(event) {
    const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
    if (this.#list.hidden || event.target !== this.#text || isOfInputMethod(event) || shiftKey || altKey || ctrlKey || metaKey) return;
    const take = () => this.#take(this.#found[this.#at]);
    const action = { ArrowDown: () => this.#choose(this.#at + 1), ArrowUp: () => this.#choose(this.#at - 1), Enter: take, Tab: take, Escape: () => this.#close() }[key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  #take(person) {
    if (person === undefined) return;
    this.#text.setRangeText(`@${person.name} `, this.#start, this.#text.selectionEnd, 'end');
    this.#onTake(person);
    this.#close();
    // The counter of the field listens to this.
    this.#text.dispatchEvent(new Event('input'));
  }

  /** Stays closed for this `@`. */
  #close() {
    this.#closedFor = this.#start;
    this.#hide();
  }

  #hide() {
    this.#found = [];
    this.#list.hidden = true;
    this.#list.replaceChildren();
    this.#text.removeAttribute('aria-activedescendant');
  }
}

/** A name without what people leave out when they type it: case and accents. */
const folded = (name) => name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
