// What replies show of the messages that they reply to: it goes when those go, and comes back with them.

import { numberOf } from './numbers.js';

/** As the server cuts it, but for what is longer than one character. */
const EXCERPT = 100;

/** A message that is gone leaves nothing in one that replies to it. `isGone` takes its `id`, `seq` and `user_id`. */
export function loseQuote(message, isGone) {
  const { id, user_id } = message.reply_to ?? {};
  if (id && isGone({ id, user_id, seq: numberOf(id) })) message.reply_to = { id, user_id: null, username: null, excerpt: null };
}

/** One that is back is quoted again. */
export function findQuote(message, { id, user_id, username, message: text }) {
  if (message.reply_to?.id === id) message.reply_to = { id, user_id, username, excerpt: [...text.replace(/\s+/g, ' ')].slice(0, EXCERPT).join('') };
}
