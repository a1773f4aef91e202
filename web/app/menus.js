// What a visitor can do about others: the menu of each message, and the people who are muted. The code of both is loaded on demand.

import { setText } from './dom.js';
import { once } from './later.js';
import { Muted } from './muted.js';

export class Menus {
  #view;
  #chat;
  #composer;
  #log;
  #muted;
  #messageMenu;
  #mutedList;

  /** `onMute` is called once somebody is muted, `isStaff` tells whether the visitor is of the staff. */
  constructor({ view, chat, composer, log, announcer, isStaff, onMute, signal }) {
    this.#view = view;
    this.#chat = chat;
    this.#composer = composer;
    this.#log = log;
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
    const muted = this.#muted;
    this.#messageMenu = once(async () => {
      const { MessageMenu } = await import('./message-menu.js');
      if (signal.aborted) return undefined;
      return new MessageMenu({ view, chat, muted, announcer, signal, isStaff, composer });
    });
    this.#mutedList = once(async () => {
      const { MutedList } = await import('./muted-list.js');
      return signal.aborted ? undefined : new MutedList({ view, muted, signal });
    });
    view.$('muted').addEventListener('click', () => this.#load(async () => (await this.#mutedList())?.show()), { signal });
    this.#count();
  }

  /** Visitors see their own messages, whoever has muted them in this browser. */
  isMuted({ user_id: userId }) {
    return userId !== this.#chat.userId && this.#muted.has(userId);
  }

  /** The row stands still while its menu is open. */
  open(message, button) {
    return this.#log().standStill(message.id, () => this.#load(async () => (await this.#messageMenu())?.open(message, button)));
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
