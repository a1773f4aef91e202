// <live-chat>: a chat in any page, in a shadow root of its own. README.md says what a page can set, call and hear.

import { localeFor, textFor } from '../app/locale.js';
import { Room } from '../app/room.js';
import { View } from '../app/view.js';
import { lacksWords, loadWords, withWords } from '../app/words.js';
import { elementsOf, markup } from './markup.js';
import { settingsOf } from './settings.js';
import { styled } from './styles.js';

/** Properties that a page may set before the element is defined. */
const PROPERTIES = ['room', 'strings', 'token'];
/** Attributes that change a running chat; with any other, it is built anew. */
const ADAPTED = ['layout', 'links'];
/** Events of the client that the page hears, too. */
const PASSED_ON = ['state', 'session', 'message', 'event', 'deleted', 'viewers', 'likes', 'error'];

export class LiveChatElement extends HTMLElement {
  static observedAttributes = ['base-url', 'dir', 'lang', 'layout', 'links', 'max-message-length', 'picture-hosts', 'room', 'session'];

  #root = this.attachShadow({ mode: 'open' });
  #token;
  #strings;
  #view;
  #room;
  /** Resolves once the view is there, or is anew what the attributes say. */
  #built;
  #isStale = false;
  /** Whether the view is what the attributes say. */
  #isBuilt = false;
  /** The last call that enters, unless one has left since. */
  #call;
  /** What that call was given, for entering anew. */
  #asked;

  /** A token, or a function that fetches one: the element connects with it. Without one, it disconnects. */
  get token() {
    return this.#token;
  }

  set token(token) {
    this.#token = token || undefined;
    if (!this.#token) this.disconnect();
    else if (this.#view) this.#begin();
  }

  /** The attribute `room`. */
  get room() {
    return this.getAttribute('room');
  }

  set room(room) {
    if (room == null) this.removeAttribute('room');
    else this.setAttribute('room', room);
  }

  /** Texts that replace the element's own, by the keys of `app/strings.en.js`. */
  get strings() {
    return this.#strings;
  }

  set strings(strings) {
    this.#strings = strings;
    this.#renewSoon();
  }

  /** The client, for whatever the element has no method for; undefined while it is not in a chat. */
  get client() {
    return this.#room?.chat;
  }

  /** `{ sub, name, picture, roles }` of the visitor; undefined while the element is not in a chat. */
  get user() {
    return this.#room?.visitor;
  }

  connectedCallback() {
    for (const name of PROPERTIES) this.#takeOver(name);
    this.#built ??= this.#build();
    if (this.#view) this.#beginOnce();
    else this.#built.then(() => this.isConnected && this.#beginOnce());
  }

  /** An element that only moves within the page stays in its chat. */
  disconnectedCallback() {
    queueMicrotask(() => this.isConnected || this.disconnect());
  }

  attributeChangedCallback(name, before, now) {
    if (before === now) return;
    if (!ADAPTED.includes(name)) return this.#renewSoon();
    this.#view?.adapt(settingsOf(this));
    this.#room?.adapt(name);
  }

  /**
   * Enters the chat. Resolves with whether the visitor is in it: not if the element was disconnected or connected anew meanwhile.
   * Rejects if the chat refuses the token. `first` is the first token, if `token` is a function; `startsAt` is when the chat opens.
   */
  async connect({ token = this.#token, first, startsAt } = {}) {
    if (!this.#built) throw new Error('<live-chat> is not in a page yet');
    this.disconnect();
    // A listener has entered anew as soon as it heard that the chat ended.
    if (this.#call) return false;
    const call = (this.#call = {});
    this.#asked = { token, startsAt };
    // A token is for the server that the attributes name now.
    while (!this.#isBuilt) await this.#built;
    if (this.#call !== call) return false;
    this.#say(this.#view.words.connecting);
    const room = new Room({
      view: this.#view,
      token,
      first,
      startsAt,
      onShow: () => this.#tell('ready'),
      onName: (name) => this.#tell('name', { name }),
      onRefused: (reason) => this.#end(reason),
    });
    this.#room = room;
    for (const type of PASSED_ON) room.chat.addEventListener(type, ({ detail }) => this.#tell(type, detail));
    try {
      await room.enter();
    } catch (error) {
      if (this.#room !== room) return false;
      this.disconnect();
      throw error;
    }
    return this.#room === room;
  }

  /** Leaves the chat, and closes its socket. Unsent texts are in the field. */
  disconnect() {
    const room = this.#room;
    this.#call = this.#room = undefined;
    room?.leave();
    if (this.#view && !this.#call) this.#say('');
  }

  /** As the client's method. */
  async sendMessage(text, details) {
    if (!this.client) throw new Error('<live-chat> is not connected');
    return this.client.sendMessage(text, details);
  }

  /** Shows a sentence at the field. */
  notify(text) {
    this.#room?.notify(text);
  }

  focus(options) {
    this.#view?.$('text').focus(options);
  }

  #beginOnce() {
    if (this.#token && !this.#call) this.#begin();
  }

  #begin(options) {
    this.connect(options).catch((error) => this.#end(error));
  }

  #end(reason) {
    this.disconnect();
    this.#say(textFor(this.#view.words.refusals, reason.code) ?? this.#view.words.cannotReach);
    this.#tell('ended', reason);
  }

  /** Where the messages will be, unless the page has something to show there. */
  #say(text) {
    this.#view.$('why').textContent = text;
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(`live-chat-${type}`, { detail, bubbles: true, composed: true }));
  }

  /** A page changes several attributes at once. */
  #renewSoon() {
    this.#isBuilt = false;
    if (!this.#built || this.#isStale) return;
    this.#isStale = true;
    this.#built = this.#built.then(() => this.#build());
  }

  /** Builds the chat at once, unless its words are still to be loaded. */
  async #build() {
    this.#isStale = false;
    const locale = localeFor({ lang: this.closest('[lang]')?.lang, dir: this.getAttribute('dir'), bringsWords: Boolean(this.#strings) });
    if (lacksWords(locale.language)) await loadWords(locale.language);
    this.#show(withWords(locale, this.#strings));
  }

  /** One that is shown already is shown anew, with its draft, and is in the chat again. */
  #show(locale) {
    const again = this.#room && this.#asked;
    if (again) this.disconnect();
    const draft = this.#view?.$('text').value ?? '';
    const { links, loaded } = styled(this.#root);
    this.#root.replaceChildren(...links, markup());
    this.#view = new View({ root: this.#root, locale, elementsOf, ...settingsOf(this) });
    // Out of sight, but not hidden: that would refuse the keyboard's focus.
    const { style } = this.#view.$('chat');
    style.opacity = 0;
    loaded.then(() => (style.opacity = ''));
    this.#view.$('text').value = draft;
    this.#isBuilt = !this.#isStale;
    if (again) this.#begin(again);
  }

  /** A property that was set before the element was defined hides the element's own. */
  #takeOver(name) {
    if (!Object.hasOwn(this, name)) return;
    const value = this[name];
    delete this[name];
    this[name] = value;
  }
}

customElements.get('live-chat') ?? customElements.define('live-chat', LiveChatElement);
