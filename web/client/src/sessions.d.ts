/// <reference lib="es2018.asynciterable" />
// The sessions of rooms, as staff manage them. @live-chat/client and @live-chat/server each have this file; a test holds the two equal.
import type { ModerationEntry, Modes, ModesChange } from './moderation.js';

export type SessionState = 'scheduled' | 'open' | 'ended';

/** A session as staff manage it. */
export interface DetailedSession {
  id: number;
  name: string;
  room: string;
  state: SessionState;
  /** RFC 3339, as all times here. */
  start_time: string;
  end_time: string;
  tags: string[];
  modes: Modes;
  /** For each user; 0 for no limit. */
  messages_per_minute: number;
  /** In characters. */
  max_message_length: number;
  /** 0 for ever. */
  retention_days: number;
  viewer_count: number;
  total_messages: number;
}

export interface SessionsPage {
  sessions: DetailedSession[];
  /** The `before` of the page with older ones; null if there is none. A page may have fewer sessions than its limit, or none, although there are more. */
  next_before: number | null;
}

export interface SessionsRequest {
  /** By default those of all rooms. */
  room?: string;
  state?: SessionState;
  /** The `next_before` of the page before. */
  before?: number;
  /** 1 to 100, by default 50. */
  limit?: number;
}

/** The options of every change of a session. */
export interface SessionChangeOptions {
  /** Why, for staff: at most 500 characters. */
  reason?: string;
  /** A repeated call with the same key does nothing twice. By default a new one. */
  clientActionId?: string;
}

/** The settings of a session that can change at any time. */
export interface SessionSettings extends SessionChangeOptions {
  modes?: ModesChange;
  /** At most 20, each of 1 to 64 characters. */
  tags?: readonly string[];
  /** 0 to 1,000; 0 lifts the limit, null is the deployment's. */
  messagesPerMinute?: number | null;
  /** 1 to the deployment's, which null is. */
  maxMessageLength?: number | null;
  /** 0 (for ever) to 36,500; null is the deployment's. */
  retentionDays?: number | null;
}

export interface NewSession extends SessionSettings {
  /** 1 to 100 characters. */
  name: string;
  /** By default `main`. */
  room?: string;
  /** A `Date`, or RFC 3339; by default it opens at once. */
  startTime?: Date | string;
  /** Without one, it is open until somebody ends it. */
  endTime?: Date | string;
}

export interface SessionUpdate extends SessionSettings {
  name?: string;
  /** Null lifts the end: the session is open until somebody ends it. */
  endTime?: Date | string | null;
}

/** What of a session is exported: all, unless something else is asked for. */
export interface ExportRequest {
  /** Begins after this number: the `up_to_seq` of an earlier export. */
  after?: number;
  /** With the texts of messages that are gone. Not as `vtt`. */
  includeDeleted?: boolean;
  /** Only what is of this user. */
  userId?: string;
}

export interface ExportPagesRequest extends ExportRequest {
  /** By default `jsonl`: a record a line. */
  format?: 'jsonl' | 'csv' | 'vtt';
  /** With `vtt`, when the recording began; by default the start of the session. */
  start?: Date | string;
}

/** A page of an export: all pages together are the file. */
export interface ExportPage {
  text: string;
  /** The number to which it comes, and the one to which the export will. */
  readTo: number;
  upTo: number;
  /** Of the last page: the SHA-256 of all pages, of `jsonl` without the last line. Null of the others. */
  sha256: string | null;
}

/** A message, as a record holds it: with the fields of a `Message`. */
export interface ExportedMessage {
  id: number;
  seq: number;
  session_id: number;
  user_id: string;
  username: string;
  message: string;
  message_type: string;
  likes: number;
  created_at: string;
  [field: string]: unknown;
}

/** A record of an export. There may be other types later: ignore those. */
export type ExportRecord =
  | { type: 'session'; seq: 0; at: string; version: number; session: DetailedSession; after: number; include_deleted: boolean; user_id: string | null }
  | { type: 'message'; seq: number; at: string; state: 'standing' | 'shadowed'; message: ExportedMessage }
  | {
      type: 'deletion';
      seq: number;
      at: string;
      state: 'deleted' | 'hidden' | 'purged';
      /** Null of a purge or a clear. */
      gone_at: string | null;
      message_id: number;
      user_id: string;
      /** Null unless texts of messages that are gone were asked for, and this one was kept. */
      message: ExportedMessage | null;
    }
  | { type: 'event'; seq: number; at: string | null; name: string; attributes: Record<string, string> }
  | { type: 'user_purged'; seq: number; at: string | null; user_id: string; up_to_seq: number }
  | { type: 'chat_cleared'; seq: number; at: string | null; up_to_seq: number }
  | { type: 'messages_restored'; seq: number; at: string | null; from_seq: number; up_to_seq: number }
  /** `seq` is the number after which it happened. */
  | { type: 'action'; seq: number; action: ModerationEntry }
  | { type: 'end'; count: number; first_seq: number | null; last_seq: number | null; up_to_seq: number; state: SessionState; sha256: string };

/** The options that only servers have. */
interface NoSessionOptions {
  signal?: never;
  actingFor?: never;
}

/** `AnyCall` and `AnyAct` are further options of all calls, and of those that change something. */
export interface Sessions<AnyCall = NoSessionOptions, AnyAct = AnyCall> {
  /** A page of sessions, the newest first. */
  list(page?: SessionsRequest & AnyCall): Promise<SessionsPage>;
  get(sessionId: number, options?: AnyCall): Promise<DetailedSession>;
  /** Opens a session, or schedules it. For hosts: an error `conflict` if the room has another one in that time. */
  create(session: NewSession & AnyAct): Promise<DetailedSession>;
  /** Changes the named settings; the others stay. For hosts. */
  update(sessionId: number, changes: SessionUpdate & AnyAct): Promise<DetailedSession>;
  /** Ends an open session, cancels a scheduled one; one that has ended stays as it is. For hosts. */
  end(sessionId: number, options?: SessionChangeOptions & AnyAct): Promise<DetailedSession>;
  /** The export of a session in pages, which are fetched as they are asked for. For hosts. */
  exportPages(sessionId: number, request?: ExportPagesRequest & AnyCall): Promise<AsyncIterable<ExportPage>>;
  /** The records of the same; the last one is the `end`. Throws if some are missing. For hosts. */
  exportSession(sessionId: number, request?: ExportRequest & AnyCall): Promise<AsyncIterable<ExportRecord>>;
}
