// After a lost connection, the client checks the newest messages that it holds for likes and deletions that it missed. This module
// checks the older messages that the page shows.

/** The number of messages that the client checks by itself. */
const BY_THE_CLIENT = 500;
/** All clients come back at the same time. */
const LONGEST_PAUSE_MS = 5_000;

/** Compares the shown messages page by page, newest first. `setLikes` and `remove` are called for the differences. */
export async function refreshOlder({ chat, log, signal }) {
  const fresh = [...chat.messages.keys()].slice(-BY_THE_CLIENT)[0] ?? Infinity;
  const stale = log.shownIds().filter((id) => id < fresh);
  for (let left = stale; left.length > 0 && !signal.aborted; ) {
    const { messages, has_more } = await chat.getMessages({ before: left.at(-1) + 1, mine: true });
    if (signal.aborted) return;
    const from = has_more ? (messages[0]?.id ?? 0) : 0;
    const there = new Set(messages.map(({ id }) => id));
    for (const id of left) if (id >= from && !there.has(id)) log.remove(id);
    for (const { id, likes, user_liked: isLiked, reply_to: quote } of messages) {
      log.setLikes(id, likes, isLiked);
      // What it replies to is gone, and need not be among the messages that are compared.
      if (quote?.excerpt === null) log.remove(quote.id);
    }
    left = left.filter((id) => id < from);
    if (left.length > 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_PAUSE_MS));
  }
}
