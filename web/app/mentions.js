// Offers names after an `@` in the field, and sends whom the text mentions by those that were taken. The code of the list is loaded with
// the first `@`.

import { once } from './later.js';
import { plainName } from './plain-text.js';
import { partsOf } from './rich-text.js';

/** A message mentions at most so many (docs/contract.md, Replies and mentions). */
const MOST = 5;

/** `isMuted` says whose names are not offered. */
export function offerNames({ view, chat, composer, announcer, isMuted, signal }) {
  const text = view.$('text');
  /** The ids of those whose names were taken: by name as long as a text may have it, and for good. */
  const taken = new Map();
  const known = new Map();
  /** The ids of others who have written, by their names, the newest first. Of several who share a name, it is that of the newest. */
  const people = () => {
    const others = [...chat.messages.values()].filter((message) => message.user_id !== chat.userId && !isMuted(message));
    const found = new Map();
    for (const { username, user_id: id } of others.reverse()) if (!found.has(plainName(username))) found.set(plainName(username), id);
    return found;
  };
  const names = () => [...people().keys()];
  const take = (name) => {
    const id = people().get(name);
    taken.set(name, id);
    known.set(id, name);
  };
  const stands = (name, sent) => partsOf(sent, { me: name }).some(({ isMention }) => isMention);
  composer.join({
    of: (sent) => ({ mentions: [...new Set([...taken].filter(([name]) => stands(name, sent)).map(([, id]) => id))].slice(0, MOST) }),
    sent: () => taken.clear(),
    edited: ({ mentions = [] } = {}) => mentions.forEach((id) => known.has(id) && taken.set(known.get(id), id)),
  });
  const load = once(async () => {
    const { Completion } = await import('./completion.js');
    if (!signal.aborted) new Completion({ view, names, announcer, onTake: take, signal }).look();
  });
  text.addEventListener('input', () => text.value.includes('@') && load().catch((error) => console.error(error)), { signal });
}
