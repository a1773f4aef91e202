// A menu at a button: arrow keys, Home and End move, Escape and Tab close, and the focus returns to the button.

import { element, isOfInputMethod } from './dom.js';

/** Between the menu and the edges of the chat. */
const MARGIN_PX = 8;

export class Menu {
  #view;
  #menu = element('div');
  #button;
  #closing;
  #choose;

  constructor({ view, signal }) {
    this.#view = view;
    const menu = this.#menu;
    Object.assign(menu, { id: 'menu', hidden: true });
    menu.setAttribute('role', 'menu');
    menu.setAttribute('part', 'menu');
    menu.addEventListener('keydown', (event) => this.#press(event));
    view.$('chat').append(menu);
    signal.addEventListener('abort', () => {
      this.#close();
      menu.remove();
    });
  }

  /** Resolves with the `act` of the item that was chosen; undefined if none was. Each item is `{ text, act, isGrave, isFirst }`. */
  choose(button, label, items) {
    this.#close();
    this.#button = button;
    button.setAttribute('aria-expanded', 'true');
    this.#menu.setAttribute('aria-label', label);
    this.#menu.replaceChildren(...items.flatMap((item) => this.#nodesOf(item)));
    this.#menu.hidden = false;
    this.#place();
    this.#focus(0);
    this.#closing = new AbortController();
    const { signal } = this.#closing;
    addEventListener('pointerdown', (event) => event.composedPath().includes(this.#menu) || this.#close(), { signal, capture: true });
    this.#menu.addEventListener('focusout', ({ relatedTarget }) => relatedTarget && !this.#menu.contains(relatedTarget) && this.#close(), { signal });
    addEventListener('resize', () => this.#close(), { signal });
    return new Promise((resolve) => (this.#choose = resolve));
  }

  get #items() {
    return [...this.#menu.querySelectorAll('[role=menuitem]')];
  }

  /** What staff do stands below a line. */
  #nodesOf({ text, act, isGrave = false, isFirst = false }) {
    const item = element('button', isGrave ? 'danger' : '', text);
    item.type = 'button';
    item.tabIndex = -1;
    item.setAttribute('role', 'menuitem');
    item.addEventListener('click', () => this.#close(act));
    if (!isFirst) return [item];
    const line = element('hr');
    line.setAttribute('role', 'separator');
    return [line, item];
  }

  #close(act) {
    if (this.#menu.hidden) return;
    this.#closing.abort();
    const hadFocus = this.#menu.contains(this.#view.active);
    this.#menu.hidden = true;
    this.#button.setAttribute('aria-expanded', 'false');
    if (hadFocus && this.#button.isConnected) this.#button.focus({ preventScroll: true });
    else if (hadFocus) this.#view.focusLog();
    this.#choose(act);
  }

  #press(event) {
    if (isOfInputMethod(event)) return;
    const items = this.#items;
    const at = items.indexOf(this.#view.active);
    const action = {
      ArrowDown: () => this.#focus((at + 1) % items.length),
      ArrowUp: () => this.#focus((at || items.length) - 1),
      Home: () => this.#focus(0),
      End: () => this.#focus(items.length - 1),
      Escape: () => this.#close(),
      Tab: () => this.#close(),
    }[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  #focus(index) {
    this.#items[index].focus();
  }

  /** Below the button or above it, wherever there is more room, and within the chat. */
  #place() {
    const frame = this.#view.host.getBoundingClientRect();
    const { top, bottom, left, right } = this.#button.getBoundingClientRect();
    const isBelow = frame.bottom - bottom > top - frame.top;
    const room = (isBelow ? frame.bottom - bottom : top - frame.top) - MARGIN_PX;
    const { style } = this.#menu;
    style.maxHeight = '';
    const needed = this.#menu.offsetHeight;
    // In a low window the menu covers its button rather than shrink to a line.
    const height = Math.min(needed, Math.max(room, frame.height - 2 * MARGIN_PX));
    const wanted = isBelow ? bottom - frame.top : top - frame.top - height;
    style.maxHeight = `${height}px`;
    style.top = `${within(wanted, MARGIN_PX, frame.height - height - MARGIN_PX)}px`;
    const start = (left + right) / 2 > (frame.left + frame.right) / 2 ? right - this.#menu.offsetWidth : left;
    style.left = `${within(start - frame.left, MARGIN_PX, frame.width - this.#menu.offsetWidth - MARGIN_PX)}px`;
  }
}

const within = (value, least, most) => Math.max(least, Math.min(value, most));
