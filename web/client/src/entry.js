// Which session a client enters, and what keeps it out: for now, or for good.

import { ChatError } from './chat-error.js';

/** The server is going away, restarting or full; or it closes the socket (API Gateway only has 1000 for that). */
export const SENT_AWAY = [1000, 1001, 1012, 1013];
/** Codes with which calls and sockets fail while the server or the network is down. */
export const UNREACHABLE = ['connection_lost', 'network', 'unavailable'];
/** REST errors that retrying does not fix. */
const FINAL = ['unauthorized', 'chat_not_active', 'session_ended', 'banned', 'forbidden', 'not_found', 'invalid_request', 'no_socket'];

export const isFinal = (error) => !(error instanceof ChatError) || FINAL.includes(error.code);

/** The session of a `status`, asked for by its id, its room or neither; throws if it cannot be entered. */
export function sessionOf({ is_active, session, message }, { session_id: sessionId, room }) {
  // An older server has one room, whatever it is asked for.
  if (room && session && (session.room ?? 'main') !== room) throw new ChatError('chat_not_active', 'This server has one room only');
  if (is_active && session) return session;
  // By its id, a session is told after its end, too.
  if (session && sessionId !== undefined) throw new ChatError('session_ended', 'The session has ended');
  throw new ChatError('chat_not_active', message ?? 'No chat session is open now');
}
