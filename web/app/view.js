// Where one chat shows, and how: the elements of its shadow root, its words, its formats and its settings. A page may have several.

import { followKeyboard } from './by-keyboard.js';
import { Formats } from './format.js';
import { translate } from './locale.js';

const MAX_MESSAGE_LENGTH = 1000;

export class View {
  root;
  #elementsOf;
  words;
  strings;
  language;
  format;
  baseUrl;
  sessionId;
  room;
  maxMessageLength;
  pictureHosts;
  links;
  layout;
  takesFocus;

  /**
   * `locale` as from `withWords`, `elementsOf` as in `embed/markup.js`; `sessionId` and `room` as for the client. Pictures come only from `pictureHosts`, and from the host of `baseUrl`. `links` says whose addresses
   * become links, as `clickable` takes the page's own. `layout` is `comfortable` or `compact`.
   * `takesFocus` is whether the keyboard's focus moves to the field once the chat is open.
   */
  constructor({ root, locale, elementsOf, baseUrl, sessionId, room, maxMessageLength = MAX_MESSAGE_LENGTH, pictureHosts, links, layout, takesFocus }) {
    this.root = root;
    this.#elementsOf = elementsOf;
    this.words = locale.words;
    this.strings = locale.strings;
    this.language = locale.language;
    this.format = new Formats(locale);
    this.baseUrl = baseUrl;
    this.sessionId = sessionId;
    this.room = room;
    this.maxMessageLength = maxMessageLength;
    this.pictureHosts = pictureHosts;
    this.links = links;
    this.layout = layout;
    this.takesFocus = takesFocus;
    const chat = this.$('chat');
    chat.lang = locale.language;
    chat.dir = locale.dir;
    translate(root, locale.words);
    followKeyboard(chat);
  }

  /** Takes other settings, as far as they can change while the chat is shown. */
  adapt({ links, layout }) {
    this.links = links;
    this.layout = layout;
  }

  /** Adds elements, with their words. */
  add(html) {
    const added = this.#elementsOf(html);
    translate(added, this.words);
    this.$('chat').append(added);
  }

  /** The element that has all others. */
  get host() {
    return this.root.host;
  }

  /** The element with the keyboard's focus; null if that is elsewhere in the page. */
  get active() {
    return this.root.activeElement;
  }

  /** Chromium shows the selection in a shadow root only to that root; other browsers show it to the window. */
  get selection() {
    return this.root.getSelection ? this.root.getSelection() : getSelection();
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
