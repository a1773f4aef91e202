// Offers names after an `@` in the field, and sends whom the text mentions by those that were taken. The code of the list is loaded with
// the first `@`.

import { once } from './later.js';
import { plainName } from './plain-text.js';
import { namesIn } from './rich-text.js';

/** A message mentions at most so many (docs/contract.md, Replies and mentions). */
const MOST = 5;

/** `isMuted` says whose names are not offered. */
export function offerNames({ view, chat, composer, announcer, isMuted, signal }) {
  const text = view.$('text');
  /** The ids of those whose names were taken: by name as long as the text has it, and for good. */
  const taken = new Map();
  const known = new Map();
  /** Others who have written, `{ name, id }`, the newest first. Of a name that several share, nobody can say whom it means: it has no id. */
  const people = () => {
    const found = new Map();
    const others = [...chat.messages.values()].filter((message) => message.user_id !== chat.userId && !isMuted(message));
    for (const { username, user_id: id } of others.reverse()) {
      const name = plainName(username);
      found.set(name, found.has(name) && found.get(name) !== id ? undefined : id);
    }
    return [...found].map(([name, id]) => ({ name, id }));
  };
  const take = ({ name, id }) => {
    taken.delete(name);
    if (id === undefined) return;
    taken.set(name, id);
    known.set(id, name);
  };
  const standing = (written) => namesIn(written, [...taken.keys()]);
  /** Whoever types a name again may mean somebody else. */
  const forget = () => {
    const names = standing(text.value);
    for (const name of taken.keys()) if (!names.includes(name)) taken.delete(name);
  };
  composer.join({
    of: (sent) => ({ mentions: [...new Set(standing(sent).map((name) => taken.get(name)))].slice(0, MOST) }),
    sent: () => taken.clear(),
    edited: ({ mentions = [] } = {}) => mentions.forEach((id) => known.has(id) && taken.set(known.get(id), id)),
  });
  const load = once(async () => {
    const { Completion } = await import('./completion.js');
    if (!signal.aborted) new Completion({ view, people, announcer, onTake: take, signal }).look();
  });
  text.addEventListener('input', forget, { signal });
  text.addEventListener('input', () => text.value.includes('@') && load().catch((error) => console.error(error)), { signal });
}
