// Offers names after an `@` in the field. The code of the list is loaded with the first `@`.

import { once } from './later.js';
import { plainName } from './plain-text.js';

/** `isMuted` says whose names are not offered. */
export function offerNames({ view, chat, announcer, isMuted, signal }) {
  const text = view.$('text');
  /** The names of others who have written, the newest first. */
  const names = () => {
    const others = [...chat.messages.values()].filter((message) => message.user_id !== chat.userId && !isMuted(message));
    return [...new Set(others.reverse().map(({ username }) => plainName(username)))];
  };
  const load = once(async () => {
    const { Completion } = await import('./completion.js');
    if (!signal.aborted) new Completion({ view, names, announcer, signal }).look();
  });
  text.addEventListener('input', () => text.value.includes('@') && load().catch((error) => console.error(error)), { signal });
}
