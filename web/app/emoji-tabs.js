// The groups of the emoji picker: a row of tabs, of which one is in the tab order; arrow keys, Home and End turn to another one.

import { element } from './dom.js';

/** What stands for a group. */
const SIGNS = {
  recent: '🕘',
  'smileys-emotion': '😀',
  'people-body': '👋',
  'animals-nature': '🐶',
  'food-drink': '🍔',
  'travel-places': '🚗',
  activities: '⚽',
  objects: '💡',
  symbols: '💯',
  flags: '🏁',
};

export class EmojiTabs {
  node = element('div', 'tabs');
  #view;
  #tabs;
  #onChoose;

  /** `groups` have a `key`, a `name` and their `emoji`; `isDrawn` tells which signs this system draws, `controls` is the id of what they turn, and `onChoose` is called with the key of a group. */
  constructor({ view, label, groups, isDrawn, controls, onChoose }) {
    this.#view = view;
    this.#onChoose = onChoose;
    this.#tabs = groups.map(({ key, name, emoji }) => {
      const tab = element('button', '', isDrawn(SIGNS[key]) ? SIGNS[key] : (emoji[0]?.text ?? '↺'));
      Object.assign(tab, { type: 'button', title: name });
      tab.dataset.key = key;
      for (const [attribute, value] of Object.entries({ role: 'tab', 'aria-label': name, 'aria-controls': controls })) tab.setAttribute(attribute, value);
      tab.addEventListener('click', () => onChoose(key));
      return tab;
    });
    this.node.setAttribute('role', 'tablist');
    this.node.setAttribute('aria-label', label);
    this.node.append(...this.#tabs);
    this.node.addEventListener('keydown', (event) => this.#press(event));
  }

  /** Marks the group that is shown; none while something else is. The tab order keeps the last one. */
  select(key) {
    for (const tab of this.#tabs) {
      tab.setAttribute('aria-selected', String(tab.dataset.key === key));
      if (key !== undefined) tab.tabIndex = tab.dataset.key === key ? 0 : -1;
    }
  }

  #press(event) {
    const { length } = this.#tabs;
    const at = this.#tabs.indexOf(this.#view.active);
    const forth = this.#view.$('chat').dir === 'rtl' ? length - 1 : 1;
    const to = { ArrowRight: at + forth, ArrowLeft: at + length - forth, Home: 0, End: length - 1 }[event.key];
    // With these keys, they are the browser's.
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const tab = this.#tabs[to % length];
    this.#onChoose(tab.dataset.key);
    tab.focus();
  }
}
