// Fetches the messages that were missed while no socket was open, or initially the newest messages.

/** A socket may send 60 frames a minute, so a long gap is filled over REST. */
const RESUMES_IN_A_ROW = 3;

/** Fills the timeline up to now. The socket must be open, because messages stored from now on arrive over it. */
export async function catchUp({ connection, rest, timeline, messageId, sessionId }) {
  let after = timeline.last;
  for (;;) {
    for (let i = 0; i < RESUMES_IN_A_ROW; i++) {
      const { messages, last_seq, complete } = await connection.resume(after);
      if (complete) return timeline.take(messages, last_seq, after);
      after = takePage(timeline, messages, last_seq, after);
    }
    for (let hasMore = true; hasMore; ) {
      const { messages, last_seq, has_more } = await rest.messages({ session_id: sessionId, after: messageId(after) });
      hasMore = has_more && messages.length > 0;
      if (messages.length > 0) after = takePage(timeline, messages, last_seq, after);
    }
  }
}

/** Takes a page that others may follow; returns the number after which the next one begins. */
function takePage(timeline, messages, lastSeq, after) {
  const end = messages.at(-1).seq;
  timeline.take(messages, Math.min(lastSeq, end), after);
  return end;
}

/** Begins with the newest messages, at most `history` of them. */
export async function begin({ connection, rest, timeline, messageId, sessionId, history }) {
  const { messages, last_seq } = await rest.messages({ session_id: sessionId, limit: history === 0 ? 1 : history });
  if (history !== 0) {
    // Above `last_seq`, a message with a lower number than the first of these may still appear.
    const before = Math.min(last_seq, (messages[0]?.seq ?? 1) - 1);
    timeline.beginAfter(before);
    return timeline.take(messages, last_seq, before);
  }
  timeline.beginAfter(last_seq);
  // Messages above `last_seq` may already have been sent to other sockets: they are not history, so they are fetched.
  return catchUp({ connection, rest, timeline, messageId, sessionId });
}
