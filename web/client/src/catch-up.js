// Fetches the messages that were missed while no socket was open, or initially the newest messages.

import { ChatError } from './chat-error.js';
import { numberOf } from './numbers.js';

/** A user may send 60 frames a minute, so a long gap is filled over REST. */
const RESUMES_IN_A_ROW = 3;

/** Fills the timeline up to now. The socket must be open, because messages stored from now on arrive over it. */
export async function catchUp({ connection, rest, timeline, messageId, sessionId }) {
  let after = timeline.last;
  for (;;) {
    for (let i = 0; i < RESUMES_IN_A_ROW; i++) {
      const { messages, events, last_seq, complete, up_to } = await connection.resume(after);
      const entries = inOrder(messages, events);
      if (complete) return timeline.take(entries, last_seq, after);
      after = takePart(timeline, entries, { lastSeq: last_seq, upTo: up_to, after });
    }
    for (let hasMore = true; hasMore; ) {
      const { messages, events, last_seq, has_more, next_after } = await rest.messages({ session_id: sessionId, after: messageId(after) });
      const entries = inOrder(messages, events);
      hasMore = has_more;
      const upTo = next_after ? numberOf(next_after) : undefined;
      if (hasMore || entries.length > 0) after = takePart(timeline, entries, { lastSeq: last_seq, upTo, after });
    }
  }
}

/** The messages of an answer and its numbered events, which older servers do not have. */
function inOrder(messages, events) {
  return events ? [...messages, ...events].sort((a, b) => a.seq - b.seq) : messages;
}

/**
 * Takes the messages and events of an answer that others may follow. `upTo` lies beyond the last message where later ones were deleted, before it
 * where lower numbers are still open, and older servers leave it out. Returns the number after which the next answer begins.
 */
function takePart(timeline, entries, { lastSeq, upTo, after }) {
  const end = Math.max(upTo ?? 0, entries.at(-1)?.seq ?? 0);
  // To ask for the same again would go on for ever.
  if (end <= after) throw new ChatError('invalid_answer', 'The chat holds back the messages that it says it has');
  timeline.take(entries, Math.min(lastSeq, end), after);
  return end;
}

/**
 * Begins with the newest messages, at most `history` of them, and with whether this user likes them. `held` are the frames that the socket has
 * told meanwhile: events among them are on no page.
 */
export async function begin({ connection, rest, timeline, messageId, sessionId, history, held, onBegin }) {
  const wanted = history === 0 ? { limit: 1 } : { limit: history, mine: true };
  const { messages, last_seq } = await rest.messages({ session_id: sessionId, ...wanted });
  const events = held.filter(({ type }) => type === 'event');
  if (history !== 0) {
    // Above `last_seq`, a message with a lower number than the first of these may still appear.
    const before = Math.min(last_seq, (messages[0]?.seq ?? 1) - 1);
    timeline.beginAfter(before);
    onBegin(before + 1);
    return timeline.take(inOrder(messages, events), last_seq, before);
  }
  const before = Math.min(last_seq, ...events.map(({ seq }) => seq - 1));
  timeline.beginAfter(before);
  onBegin(before + 1);
  // Messages above `last_seq` may already have been sent to other sockets: they are not history, so they are fetched.
  return catchUp({ connection, rest, timeline, messageId, sessionId });
}
