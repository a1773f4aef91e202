// Which room this console works on: the one in its address. Another room is another page, so that nothing of one is taken for the other's.

import { plainName } from '../app/plain-text.js';
import { carried } from './access.js';
import { $, element, foreign, setText } from './elements.js';
import { words } from './words.js';

/** The room that the address asks for; undefined for the chat's own. */
export const askedRoom = () => new URLSearchParams(location.search).get('room') || undefined;

/** A link to the console of a room. */
export function linkTo(room, ...content) {
  const asked = new URLSearchParams(location.search);
  asked.set('room', room);
  const link = element('a', '', ...content);
  link.href = `?${asked}`;
  // Where the tab keeps nothing, the token goes along; no sooner than it is needed.
  link.addEventListener('click', () => (link.hash = carried()));
  return link;
}

export class Rooms {
  #sessions;
  #notice;
  #room;

  /** `room` is the one that the console works on, as far as it is known. */
  constructor({ chat, room, notice }) {
    this.#sessions = chat.sessions;
    this.#notice = notice;
    this.#room = room;
    chat.addEventListener('session', ({ detail: { session } }) => {
      this.#room = session.room ?? this.#room;
      this.#show();
    });
    $('to-rooms').addEventListener('click', () => this.#open().catch((error) => notice.fail(error)));
    $('rooms-close').addEventListener('click', () => $('rooms-dialog').close());
    this.#show();
  }

  #show() {
    setText($('to-rooms'), words.roomIs(this.#room ?? 'main'));
  }

  async #open() {
    const sessions = [];
    for (let before; before !== null; ) {
      const page = await this.#sessions.list({ state: 'open', limit: 100, before });
      sessions.push(...page.sessions);
      before = page.next_before;
    }
    $('rooms').replaceChildren(...sessions.sort((a, b) => (a.room < b.room ? -1 : 1)).map((session) => this.#row(session)));
    $('rooms-empty').hidden = sessions.length > 0;
    $('rooms-dialog').showModal();
  }

  #row({ room, name, viewer_count: viewers }) {
    const link = linkTo(room, element('strong', '', room), ' ', foreign('bdi', '', plainName(name)));
    if (room === (this.#room ?? 'main')) link.setAttribute('aria-current', 'page');
    return element('li', '', link, ' ', element('span', 'quiet', words.viewers(viewers)));
  }
}
