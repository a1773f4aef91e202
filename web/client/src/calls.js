// Calls that few need, or that nobody waits for: their code is loaded by the first of them.

import { Reactions } from './reactions.js';

/** What collects the reactions of each chat. */
const collecting = new WeakMap();

/** Reacts. Reactions are collected, and sent once a second; resolves when the last of these is answered. */
export function react({ rest, room, clock, ours }, reaction, count) {
  if (!collecting.has(room)) {
    const post = (reactions) => rest.call('POST', 'react', { query: ours(), body: { reactions } });
    collecting.set(room, new Reactions({ clock, post }));
  }
  return collecting.get(room).add(reaction, count);
}

/** Deletes a message: for its author, and for staff. */
export async function deleteMessage({ rest, room, ours }, messageId) {
  const deleted = await rest.call('DELETE', `messages/${encodeURIComponent(messageId)}`, { query: ours() });
  room.remove(deleted.message_id);
  return deleted;
}

/** Reports a message to staff, once. */
export const report = ({ rest }, messageId, reason, { comment } = {}) =>
  rest.call('POST', `report-message/${encodeURIComponent(messageId)}`, { body: { reason, comment } });

/** Stores a message over REST, without a connection. The same `client_message_id` is stored once. */
export const postMessage = ({ rest, ours }, text, { client_message_id, replyTo: reply_to, mentions, kind } = {}) =>
  rest.call('POST', 'send-message', { query: ours(), body: { message: text, client_message_id, reply_to, mentions, kind } });

export const getStats = ({ rest, ours }, { session_id } = {}) => rest.read('stats', ours(session_id));

export const getViewers = ({ rest, ours }, { session_id } = {}) => rest.read('viewers', ours(session_id));

/** The questions to the host: by `likes`, which are their votes, or the `new` ones first. With `mine`, each has `user_liked`. */
export const questions = async ({ rest, ours }, { sort, mine, session_id } = {}) =>
  (await rest.read('questions', { sort, mine, ...ours(session_id) })).questions;

/** A page of polls. */
export const polls = ({ rest, ours }, { before, limit, session_id } = {}) => rest.read('polls', { before, limit, ...ours(session_id) });

/** A page of draws. */
export const draws = ({ rest, ours }, { before, limit, session_id } = {}) => rest.read('draws', { before, limit, ...ours(session_id) });

/** Votes. The event `poll` follows: no frame tells what this user has voted. */
export async function vote({ rest, room }, pollId, option) {
  const answer = await rest.call('POST', `polls/${encodeURIComponent(pollId)}/vote`, { body: { option } });
  const poll = room.session?.polls?.find(({ id }) => id === answer.poll_id);
  if (poll) room.hear({ type: 'poll_update', poll: { ...poll, my_vote: answer.my_vote } });
  return answer;
}

/** The hashes of a draw's entrants. */
export async function entrants({ rest }, drawId, { hash } = {}) {
  const all = [];
  for (let after = 0; after !== null; ) {
    const page = await rest.read(`draws/${encodeURIComponent(drawId)}/entrants`, { after, hash });
    all.push(...page.entrants);
    after = page.next_after;
  }
  return all;
}
