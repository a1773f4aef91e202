// Offers names after an `@` in the field. The code of the list is loaded with the first `@`.

import { plainName } from './plain-text.js';

/** `isMuted` says whose names are not offered. */
export function offerNames({ view, chat, announcer, isMuted, signal }) {
  const text = view.$('text');
  /** The names of others who have written, the newest first. */
  const names = () => {
    const others = [...chat.messages.values()].filter((message) => message.user_id !== chat.userId && !isMuted(message));
    return [...new Set(others.reverse().map(({ username }) => plainName(username)))];
  };
  let loading;
  const load = async () => {
    try {
      const { Completion } = await import('./completion.js');
      if (!signal.aborted) new Completion({ view, names, announcer, signal }).look();
    } catch (error) {
      console.error(error);
      loading = undefined;
    }
  };
  text.addEventListener('input', () => text.value.includes('@') && (loading ??= load()), { signal });
}
