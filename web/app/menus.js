// What a visitor can do about others: the menu of each message, and the people who are muted. The code of both is loaded on demand.

import { setText } from './dom.js';
import { Muted } from './muted.js';

export class Menus {
  #view;
  #chat;
  #composer;
  #announcer;
  #log;
  #mayModerate;
  #signal;
  #muted;
  #messageMenu;
  #mutedList;

  /** `onMute` is called once somebody is muted, `mayModerate` tells whether the visitor is of the staff. */
  constructor({ view, chat, composer, log, announcer, mayModerate, onMute, signal }) {
    this.#view = view;
    this.#chat = chat;
    this.#composer = composer;
    this.#log = log;
    this.#mayModerate = mayModerate;
    this.#signal = signal;
    this.#announcer = announcer;
    this.#muted = new Muted({
      view,
      signal,
      onMute: () => {
        onMute();
        log().showMuted();
        this.#count();
      },
      onUnmute: () => {
        // What the muted people wrote meanwhile is not on the page.
        log().reload();
        this.#count();
      },
    });
    view.$('muted').addEventListener('click', () => this.#showMuted(), { signal });
    this.#count();
  }

  isMuted({ user_id: userId }) {
    return this.#muted.has(userId);
  }

  /** The row stands still while its menu is open. */
  open(message, button) {
    return this.#log().standStill(message.id, () =>
      this.#load(async () => {
        this.#messageMenu ??= new (await import('./message-menu.js')).MessageMenu({
          view: this.#view,
          chat: this.#chat,
          muted: this.#muted,
          announcer: this.#announcer,
          signal: this.#signal,
          onReply: (name) => this.#composer.mention(name),
          mayModerate: this.#mayModerate,
        });
        if (!this.#signal.aborted) await this.#messageMenu.open(message, button);
      }),
    );
  }

  #showMuted() {
    return this.#load(async () => {
      this.#mutedList ??= new (await import('./muted-list.js')).MutedList({ view: this.#view, muted: this.#muted, signal: this.#signal });
      this.#mutedList.show();
    });
  }

  async #load(action) {
    try {
      await action();
    } catch (error) {
      console.error(error);
      this.#composer.notify(this.#view.words.cannotReach);
    }
  }

  #count() {
    const { length } = this.#muted.all;
    this.#view.$('muted').hidden = length === 0;
    setText(this.#view.$('muted'), length === 0 ? '' : this.#view.words.mutedCount(length));
  }
}
