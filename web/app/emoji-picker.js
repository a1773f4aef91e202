// The emoji picker: a search, groups, a grid and the tone of skin, above the field. It stays open while emoji are chosen.

import { addStyles } from '../embed/emoji-styles.js';
import { element, isOfInputMethod } from './dom.js';
import { EmojiGrid } from './emoji-grid.js';
import { chooseTone, recent, tone, use } from './emoji-kept.js';
import { EmojiSet, toned } from './emoji-set.js';
import { drawnHere } from './emoji-support.js';
import { EmojiTabs } from './emoji-tabs.js';

const RECENT = 'recent';
const MARGIN_PX = 8;
const LEAST_PX = 240;
const HAND = { text: '✋', light: '✋🏻' };
/** The closed list has room for the hand alone. */
const APART = '\u2003\u2003';

export class EmojiPicker {
  #view;
  #words;
  #button;
  #text;
  #composer;
  #announcer;
  #set;
  #tones;
  #box = element('div');
  #search = element('input');
  #tone = element('select');
  #none = element('p', 'none');
  #tabs;
  #grid;
  /** The groups, the emoji used last among them; and which of them is shown. */
  #groups;
  #shown;
  #closing;
  /** What had the focus before. */
  #before;
  #hasComplained = false;

  /** A picker for a button, whose styles are there; `data` as from `web/bundle/emoji.mjs`. It goes when the signal aborts. */
  static async make({ view, ...rest }) {
    await addStyles(view.root);
    return new EmojiPicker({ view, ...rest });
  }

  constructor({ view, words, data, button, composer, announcer, signal }) {
    this.#view = view;
    this.#words = words;
    this.#button = button;
    this.#text = view.$('text');
    this.#composer = composer;
    this.#announcer = announcer;
    this.#set = new EmojiSet(data, drawnHere);
    this.#tones = data.tones;
    this.#groups = [{ key: RECENT, name: words.emojiRecent, emoji: [] }, ...this.#set.groups].filter(({ key, emoji }) => key === RECENT || emoji.length > 0);
    this.#grid = new EmojiGrid({ view, onChoose: (emoji) => this.#take(emoji), onTop: () => this.#search.focus() });
    this.#tabs = new EmojiTabs({ view, label: words.emojiGroups, groups: this.#groups, isDrawn: (sign) => this.#set.get(sign) !== undefined, controls: 'emoji-panel', onChoose: (key) => this.#turnTo(key) });
    this.#build();
    view.$('composer').before(this.#box);
    signal.addEventListener('abort', () => {
      this.#close();
      this.#box.remove();
    });
  }

  toggle() {
    if (this.#box.hidden) this.#open();
    else this.#close();
  }

  #build() {
    const words = this.#words;
    Object.assign(this.#box, { id: 'emoji-picker', hidden: true });
    this.#box.setAttribute('role', 'dialog');
    this.#box.setAttribute('aria-label', words.emoji);
    this.#box.setAttribute('part', 'emoji-picker');
    Object.assign(this.#search, { type: 'search', placeholder: words.emojiSearch, autocomplete: 'off', enterKeyHint: 'done' });
    this.#search.setAttribute('aria-label', words.emojiSearch);
    this.#tone.setAttribute('aria-label', words.emojiTone);
    this.#tone.append(...[words.emojiNoTone, ...this.#tones].map((name, number) => new Option(`${toned(HAND, number)}${APART}${name}`, number, false, number === tone())));
    const panel = element('div', 'panel');
    panel.id = 'emoji-panel';
    panel.setAttribute('role', 'tabpanel');
    panel.setAttribute('aria-label', words.emoji);
    panel.append(this.#none, this.#grid.node);
    const head = element('div', 'head');
    head.append(this.#search, this.#tone);
    this.#box.append(head, this.#tabs.node, panel);
    this.#search.addEventListener('input', () => this.#look());
    this.#tone.addEventListener('change', () => {
      chooseTone(Number(this.#tone.value));
      this.#showAgain();
    });
    // The focus stays where it is: an emoji that is clicked does not take it.
    this.#grid.node.addEventListener('mousedown', (event) => event.preventDefault());
    this.#box.addEventListener('keydown', (event) => this.#press(event));
  }

  #open() {
    this.#before = this.#view.active ?? this.#text;
    this.#box.hidden = false;
    this.#place();
    this.#button.setAttribute('aria-expanded', 'true');
    this.#search.value = '';
    // Another chat in the page, or another tab, may have chosen one.
    this.#tone.value = tone();
    this.#turnTo(recent().some((text) => this.#set.get(text)) ? RECENT : this.#groups[1].key);
    // On a touch screen, the keyboard would cover the emoji.
    if (matchMedia('(hover: hover)').matches) this.#search.focus();
    else this.#grid.focus();
    this.#closing = new AbortController();
    const { signal } = this.#closing;
    this.#watchSizes(signal);
    const isOurs = (path) => path.includes(this.#box) || path.includes(this.#button);
    addEventListener('pointerdown', (event) => isOurs(event.composedPath()) || this.#close(), { signal, capture: true });
    this.#box.addEventListener('focusout', ({ relatedTarget: to }) => to && !this.#box.contains(to) && to !== this.#button && this.#close(), { signal });
  }

  /** Emoji make the field higher. */
  #watchSizes(signal) {
    if (!globalThis.ResizeObserver) return;
    const sizes = new ResizeObserver(() => this.#place());
    for (const part of [this.#view.host, this.#view.$('footer')]) sizes.observe(part);
    signal.addEventListener('abort', () => sizes.disconnect());
  }

  /** Between the top of the chat and the field, as long as that is enough for some rows. */
  #place() {
    const [frame, footer] = [this.#view.host, this.#view.$('footer')].map((part) => part.getBoundingClientRect());
    const room = footer.top - frame.top - 2 * MARGIN_PX;
    const isOver = room < LEAST_PX;
    this.#box.classList.toggle('over', isOver);
    this.#box.style.maxHeight = isOver ? '' : `${room}px`;
  }

  /** The focus returns to where it was, if it is here. */
  #close() {
    if (this.#box.hidden) return;
    this.#closing.abort();
    const hadFocus = this.#box.contains(this.#view.active);
    this.#box.hidden = true;
    this.#button.setAttribute('aria-expanded', 'false');
    if (hadFocus) (this.#before.isConnected ? this.#before : this.#text).focus({ preventScroll: true });
  }

  #turnTo(key) {
    this.#search.value = '';
    this.#shown = this.#groups.find((group) => group.key === key);
    if (key === RECENT) this.#shown.emoji = recent().map((text) => this.#set.get(text)).filter(Boolean);
    this.#tabs.select(key);
    this.#showShown();
  }

  #look() {
    const wanted = this.#search.value.trim();
    if (!wanted) return this.#turnTo(this.#shown.key);
    const found = this.#set.find(wanted);
    this.#tabs.select();
    this.#show(this.#words.emojiFound(found.length), found, this.#words.emojiNone);
    this.#announcer.say(found.length > 0 ? this.#words.emojiFound(found.length) : this.#words.emojiNone);
  }

  #showAgain() {
    if (this.#search.value.trim()) this.#look();
    else this.#showShown();
  }

  /** Only the emoji used last may be none: a group without any has no tab. */
  #showShown() {
    this.#show(this.#shown.name, this.#shown.emoji, this.#words.emojiNoRecent);
  }

  /** `none` is said if there are no emoji. */
  #show(name, emoji, none) {
    this.#none.textContent = emoji.length > 0 ? '' : none;
    this.#grid.node.hidden = emoji.length === 0;
    const chosen = tone();
    this.#grid.show(name, emoji.map((one) => ({ emoji: one, text: toned(one, chosen), name: this.#nameOf(one, chosen) })));
  }

  /** The name of an emoji with that of its tone, if it has one. */
  #nameOf({ name, light }, tone) {
    return light !== undefined && tone > 0 ? `${name}, ${this.#tones[tone - 1]}` : name;
  }

  /** Puts an emoji where the cursor is in the field, unless the message would become too long. */
  #take(emoji) {
    if (this.#text.readOnly) return this.#close();
    const chosen = tone();
    const text = toned(emoji, chosen);
    const { selectionStart: from, selectionEnd: to, value } = this.#text;
    const length = [...`${value.slice(0, from)}${text}${value.slice(to)}`.trim()].length;
    if (length > this.#composer.most) {
      this.#hasComplained = true;
      return this.#composer.notify(this.#words.emojiNoRoom);
    }
    if (this.#hasComplained && this.#view.$('notice').textContent === this.#words.emojiNoRoom) this.#composer.notify('');
    this.#hasComplained = false;
    this.#text.setRangeText(text, from, to, 'end');
    // The counter of the field listens to this.
    this.#text.dispatchEvent(new Event('input'));
    use(emoji.text);
    return this.#announcer.say(this.#words.emojiAdded(this.#nameOf(emoji, chosen)));
  }

  #press(event) {
    if (isOfInputMethod(event)) return;
    const isInSearch = this.#view.active === this.#search;
    const action = {
      Escape: () => this.#close(),
      ArrowDown: isInSearch && (() => this.#grid.focus()),
      Enter: isInSearch && (() => this.#search.value.trim() && this.#grid.first && this.#take(this.#grid.first)),
    }[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }
}
