// Events that the chat sends to an address of yours (docs/webhooks.md).

import type { Modes } from './moderation.js';

/** Why an event is not taken: it is forged, altered, or too old. */
export class WebhookError extends Error {}

/** A request's headers: those of Node's `IncomingMessage`, or the web's `Headers`. */
export type EventHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** What all events have. */
interface EventOf<Type extends string, Data> {
  /** The same whenever the event comes again. */
  readonly id: string;
  readonly type: Type;
  /** When it happened (RFC 3339). */
  readonly timestamp: string;
  readonly data: Data;
}

/** A session; `name` and `tags` are there with `LIVE_CHAT_EVENT_TEXTS=true`. */
export interface SessionData {
  readonly id: number;
  readonly name: string | null;
  readonly room: string;
  readonly state: 'scheduled' | 'open' | 'ended';
  readonly start_time: string;
  readonly end_time: string;
  readonly tags: readonly string[];
  readonly modes: Modes;
  readonly messages_per_minute: number;
  readonly max_message_length: number;
  readonly retention_days: number;
  readonly viewer_count: number;
  readonly total_messages: number;
}

/** A person; `user_id` is null after an erasure, `username` without `LIVE_CHAT_EVENT_TEXTS=true`. */
export interface PersonData {
  readonly user_id: string | null;
  readonly username: string | null;
}

/** An entry of the audit log; texts and names are there with `LIVE_CHAT_EVENT_TEXTS=true`. */
export interface ActionData {
  readonly id: string;
  readonly at: string;
  readonly action: string;
  readonly actor: PersonData;
  readonly actor_type: 'user' | 'automod' | 'review' | 'system';
  readonly via?: 'service';
  readonly session_id: number | null;
  readonly target: {
    readonly user_id?: string | null;
    readonly username?: string;
    readonly message_ids?: readonly number[];
    readonly held_id?: string;
    readonly note?: string;
  };
  readonly reason: string | null;
  readonly explanation: string | null;
  readonly until: string | null;
  readonly changes: Readonly<Record<string, unknown>> | null;
}

export interface HeldData {
  readonly held_id: string;
  readonly session_id: number;
  readonly user_id: string;
  readonly username: string | null;
  readonly message: string | null;
  readonly at: string;
  readonly deadline: string;
  readonly reason: 'term' | 'link' | 'review_all' | 'review';
  readonly reply_to?: { readonly id: number };
  readonly mentions?: readonly string[];
}

export interface ResolvedData {
  readonly held_id: string;
  readonly session_id: number;
  readonly user_id: string;
  readonly username: string | null;
  readonly decision: 'approved' | 'denied' | 'expired';
  readonly message_id: number | null;
  readonly action_id: string;
}

export interface ReportedData {
  readonly message_id: number;
  readonly session_id: number;
  /** The author of the message; null after an erasure. */
  readonly user_id: string | null;
  readonly username: string | null;
  readonly message: string | null;
  /** How many users have reported it by then. */
  readonly reports: number;
  /** How many of them named each reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** An event of the chat. A later version may have further types. */
export type ChatEvent =
  | EventOf<'moderation.action', ActionData>
  | EventOf<'message.held', HeldData>
  | EventOf<'held.resolved', ResolvedData>
  | EventOf<'message.reported', ReportedData>
  | EventOf<'session.opened', SessionData>
  | EventOf<'session.ended', SessionData>;

/**
 * The event in a request of the chat, once one of its signatures holds.
 *
 * `body` is the request's body as it came, `secret` is `LIVE_CHAT_WEBHOOK_SECRET`; while one secret replaces another, two of them. Throws a
 * `WebhookError` for an event that is forged, altered, or signed more than five minutes ago, and a `TypeError` for a secret that is none.
 */
export function verifyEvent(
  body: string | Uint8Array | ArrayBuffer,
  headers: EventHeaders,
  secret: string | readonly string[],
  options?: { /** Milliseconds since 1970, for tests. */ now?: () => number },
): ChatEvent;
