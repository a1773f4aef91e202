// The calls of staff, with their tries. staff.js loads this file.

import { Backoff } from './backoff.js';
import { ChatError } from './chat-error.js';
import { Moderation } from './moderation.js';
import { Sessions } from './sessions.js';

const MOST_TRIES = 3;
/** A person waits for the answer. */
const LONGEST_WAIT_MS = 15_000;
/** It is not known what became of the call. It may be repeated: each act has a key of its own. */
const PASSING = ['network', 'unavailable'];

/** A page of an export takes longer than other answers: API Gateway waits for 30 s. */
const EXPORT_MS = 40_000;

const ACT = 'moderation/actions';
/** Lists and cards of one session, and what is said in it. */
const OF_SESSION = /^(?:moderation\/(?:held|messages|reports|users)|announcements|events|polls|draws)\b/;
const PRESETS = 'moderation/presets';
/** Acts whose messages name their session. */
const NAMING = ['delete', 'dismiss_reports', 'pin', 'unpin'];
/** Acts that need a session. */
const NEEDING = ['approve', 'clear', 'deny', 'purge', 'set_modes', 'shield'];

/**
 * `{ moderate, sessions }` over these REST calls. `newId` makes the keys of acts. `room` is the client's, if it was told one, and `ours` tells
 * which session a call is about that names none, as `{ session_id }` or `{ room }`.
 */
export function staffCalls(rest, { clock, random, newId, room, ours }) {
  const call = async (method, path, details, options) => {
    const [other] = Object.keys(options);
    if (other !== undefined) throw new TypeError(`This call has no option ${other}`);
    const { ifMatch, isText } = details;
    const headers = ifMatch === undefined ? {} : { 'If-Match': ifMatch };
    const backoff = new Backoff(random);
    // A repeat is for the session that was meant, even if the room has come to its next one.
    let made;
    for (let tries = 1; ; tries += 1) {
      try {
        made ??= await addressed(method, path, details, { rest, room, ours });
        return await rest.exchange(method, path, { ...made, headers, isText, deadlineMs: isText ? EXPORT_MS : undefined });
      } catch (error) {
        const wait = Math.max(error.retryAfterMs ?? 0, backoff.next());
        if (tries === MOST_TRIES || !PASSING.includes(error.code) || wait > LONGEST_WAIT_MS) throw error;
        await new Promise((resolve) => clock.setTimeout(resolve, wait));
      }
    }
  };
  return { moderate: new Moderation(call, newId), sessions: new Sessions(call, newId) };
}

/** The query and the body of a call, which is about the client's own session and room unless it names others. */
async function addressed(method, path, { query = {}, body }, { rest, room, ours }) {
  if (path === PRESETS) return { query: { ...query, room: query.room ?? room }, body };
  if (OF_SESSION.test(path)) return { query: query.session_id ? query : { ...query, ...ours() }, body };
  const isOfOurs = path === ACT && method === 'POST' && body.session_id === undefined && !NAMING.includes(body.action);
  return { query, body: isOfOurs ? { ...body, session_id: await sessionFor(body, rest, ours()) } : body };
}

/** The id of the session of an act; undefined if the chat is to take the one that is open. */
async function sessionFor({ action, session_only, delete_messages }, rest, { session_id, room }) {
  if (session_id || !room) return session_id;
  // An act names its session by the id alone. Without one, it would be in another room.
  const { session: found } = await rest.read('status', { room });
  // An older server has one room, whatever it is asked for.
  const session = (found?.room ?? 'main') === room ? found : undefined;
  const needsOne = NEEDING.includes(action) || session_only || delete_messages;
  if (!session && needsOne) throw new ChatError('chat_not_active', 'No session is open in this room');
  return session?.id;
}
