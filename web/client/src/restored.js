// The messages that a restore brings back. covers.js loads this file: few ever need it.

import { NUMBERS_PER_SESSION } from './numbers.js';

/** Messages that are fetched, page by page from the newest. */
const MOST = 500;

/** The newest messages of a range of numbers, oldest first. */
export async function pagesOf(rest, sessionId, from, upTo) {
  const base = sessionId * NUMBERS_PER_SESSION;
  const found = [];
  for (let before = base + upTo + 1; before > base + from && found.length < MOST; ) {
    const { messages, has_more, next_before } = await rest.messages({ session_id: sessionId, before, mine: true });
    found.unshift(...messages.filter(({ seq }) => seq >= from));
    const next = next_before ?? messages[0]?.id;
    if (!has_more || !(next < before)) break;
    before = next;
  }
  return found;
}
