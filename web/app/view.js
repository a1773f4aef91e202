// Where one chat shows, and how: its elements in a document or a shadow root, its words, its formats and its settings. A page may
// have several.

import { followKeyboard } from './by-keyboard.js';
import { Formats } from './format.js';
import { translate } from './locale.js';

const MAX_MESSAGE_LENGTH = 1000;

export class View {
  root;
  words;
  format;
  maxMessageLength;
  pictureHosts;
  links;
  layout;

  /**
   * `locale` as from `localeFor`. Pictures come only from `pictureHosts`, and from the page's own host. `links` says whose addresses
   * become links: `from` `staff`, `all` or `none`; those to `domains` do unless it is `none`. `layout` is `comfortable` or `compact`.
   */
  constructor({ root, locale, maxMessageLength = MAX_MESSAGE_LENGTH, pictureHosts = new Set(), links = { from: 'staff', domains: [] }, layout = 'comfortable' }) {
    this.root = root;
    this.words = locale.words;
    this.format = new Formats(locale);
    this.maxMessageLength = maxMessageLength;
    this.pictureHosts = pictureHosts;
    this.links = links;
    this.layout = layout;
    translate(root, locale.words);
    followKeyboard(root, this.host);
  }

  /** The element that has all others. */
  get host() {
    return this.root.host ?? this.root.documentElement;
  }

  /** The element with the keyboard's focus; null if that is outside of a shadow root. */
  get active() {
    return this.root.activeElement;
  }

  /** Chromium shows the selection in a shadow root only to that root; other browsers show it to the window. */
  get selection() {
    return this.root.host && this.root.getSelection ? this.root.getSelection() : getSelection();
  }

  $ = (id) => this.root.getElementById(id);

  /** A copy of a template's content. */
  copyOf(templateId) {
    return this.$(templateId).content.firstElementChild.cloneNode(true);
  }

  /** Moves the keyboard's focus to the log, for example so that it is not lost. */
  focusLog() {
    this.$('log').focus({ preventScroll: true });
  }
}
