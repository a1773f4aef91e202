// The declarations of moderation.js. Like that, this file is the same in @live-chat/client and @live-chat/server.
//
// What the chat stores (entries, modes, terms) has the names of its API; the options of a method have JavaScript's.

import type { Draw, Message, Poll } from './index.js';

/** A person as the log names one; null after an erasure. */
export interface Person {
  user_id: string | null;
  username: string | null;
}

/** What this version knows of the log: the acts of staff, and `hide`, which reports cause. */
export type ActionName =
  | 'delete' | 'timeout' | 'ban' | 'shadow_ban' | 'lift' | 'disconnect' | 'purge' | 'clear' | 'restore' | 'note' | 'revoke_tokens'
  | 'approve' | 'deny' | 'dismiss_reports' | 'set_modes' | 'shield' | 'put_presets' | 'put_terms' | 'hide' | 'pin' | 'unpin' | 'answer'
  | 'create_session' | 'update_session' | 'end_session' | 'start_poll' | 'close_poll' | 'start_draw' | 'reveal_draw' | 'redraw'
  | 'erase' | 'erase_progress' | 'erased';

/** A question and its mark. */
export interface MarkedAnswered {
  message_id: number;
  answered: boolean;
}

/** An entry of the audit log. It never changes. */
export interface ModerationEntry {
  /** Ids sort by time. */
  id: string;
  /** RFC 3339. */
  at: string;
  /** One of `ActionName`, or of a newer server. */
  action: string;
  /** Nobody, unless `actor_type` is `user`. */
  actor: Person;
  actor_type: 'user' | 'automod' | 'review' | 'system';
  /** There if a server of the operator acted. */
  via?: 'service';
  session_id: number | null;
  target: {
    user_id?: string | null;
    username?: string;
    message_ids?: number[];
    held_id?: string;
    note?: string;
    [field: string]: unknown;
  };
  /** For staff. */
  reason: string | null;
  /** For the user. */
  explanation: string | null;
  /** RFC 3339. */
  until: string | null;
  changes: Record<string, unknown> | null;
}

/** The answer to an act on a list of ids. */
export interface ModerationEntries {
  actions: ModerationEntry[];
  /** The ids on which nothing was done, each with the code of the error. */
  refused: { id: string; code: string }[];
}

export interface ModerationLog {
  actions: ModerationEntry[];
  has_more: boolean;
  /** The `before` of the next page; null if there is none. */
  next_before: string | null;
}

/** What holds of a user. */
export interface Sanction {
  /** `banned`, `timed_out`, or one of a newer server. */
  state: string;
  scope: 'all' | 'room' | 'session';
  session_id?: number;
  /** RFC 3339; null if it has no end. */
  until: string | null;
  reason: string | null;
  explanation: string | null;
  /** The id of the act. */
  reference: string;
  actor: Person;
}

/** What staff know about a user. */
export interface UserCard {
  user_id: string;
  username: string | null;
  roles: ('host' | 'moderator')[];
  session_id: number | null;
  sanctions: Sanction[];
  /** RFC 3339. */
  tokens_revoked_before: string | null;
  notes: { id: string; at: string; text: string; actor: Person }[];
  /** In the session. Older servers count no `held` and `reports`. */
  counts: { messages: number; deleted: number; held?: number; reports?: number };
  /** The last 50 of the session. */
  messages: Message[];
  /** How many the user has open. */
  sockets: number;
}

/** A message as staff see it, gone or not. */
export interface MessageForStaff {
  /** Null while it is held, and if it was not approved. */
  message_id: number | null;
  /** The author. */
  user_id: string;
  /** With its text; null if it has no number, and if an older server has deleted it, which kept no text. */
  message: Message | null;
  /** If the id is of a held message. */
  held: HeldMessage | null;
  /** What its author wrote, if rules or a review have changed it. */
  original_text: string | null;
  /** Whether viewers see it: one of these, or of a newer server. */
  state: 'standing' | 'deleted' | 'hidden' | 'shadowed' | 'purged' | 'held' | 'denied' | 'expired' | (string & {});
  /** The newest 50 acts that name or cover it. */
  entries: ModerationEntry[];
  /** Up to 500. */
  reports: { report_id: string; user_id: string; username: string; reason: string; comment: string | null; at: string }[];
}

/** People by the beginning of their names, those seen last first. */
export interface FoundUsers {
  users: {
    user_id: string;
    /** The newest name. */
    username: string;
    /** RFC 3339. */
    last_seen: string;
    /** Among the newest 2,000 numbers of the session. */
    messages: number;
    present: boolean;
  }[];
  has_more: boolean;
}

/** A sanction in the list of all users'. */
export interface ListedSanction {
  /** Null after an erasure. */
  user_id: string | null;
  username: string | null;
  /** One of these, or of a newer server. */
  state: 'banned' | 'timed_out' | 'shadow_banned' | (string & {});
  /** Whether it holds. */
  active: boolean;
  scope: 'all' | 'session';
  /** With the scope `session`. */
  session_id?: number;
  /** RFC 3339; null if it has no end. */
  until: string | null;
  /** RFC 3339. */
  at: string;
  /** The id of the act. */
  reference: string;
  actor: Person;
}

export interface SanctionsPage {
  sanctions: ListedSanction[];
  has_more: boolean;
  /** The `before` of the next page. */
  next_before: string | null;
}

/** A message that waits for a decision. */
export interface HeldMessage {
  held_id: string;
  /** The text. Nothing is escaped: show it with `textContent`. */
  message: string;
  user_id: string;
  username: string;
  /** RFC 3339. */
  at: string;
  /** RFC 3339: it is denied then, unless somebody decides before. */
  deadline: string;
  /** One of these, or of a newer server. */
  reason: 'term' | 'link' | 'review_all' | 'review' | (string & {});
  /** The message that it replies to; absent if it replies to none. */
  reply_to?: { id: number };
  /** The ids of up to 5 users whom it mentions; absent if it mentions nobody. */
  mentions?: string[];
}

export interface HeldPage {
  held: HeldMessage[];
  has_more: boolean;
  /** The `after` of the next page; null if there is none. */
  next_after: string | null;
}

/** A message that was reported. */
export interface ReportedMessage {
  message_id: number;
  /** The text. Nothing is escaped: show it with `textContent`. */
  message: string;
  user_id: string;
  username: string;
  /** When it was sent. RFC 3339. */
  at: string;
  /** By so many users. */
  reports: number;
  /** How many of them named each reason. */
  reasons: Record<string, number>;
  /** Whether its reports have hidden it. */
  hidden: boolean;
}

export interface ReportsPage {
  reports: ReportedMessage[];
  has_more: boolean;
}

/** Modes that are set; the others stay. */
export interface ModesChange {
  /** The pause between two messages of a user, 0 to 120; 0 for none. */
  slow_seconds?: number;
  audience?: 'everyone' | 'members' | 'staff';
  links?: 'allow' | 'hold' | 'block';
  /** A user does not repeat a text within so many seconds, 0 to 600. */
  unique_seconds?: number;
  emoji_only?: boolean;
  /** Whether each message waits for a decision. */
  review_all?: boolean;
  /** The age that an author's account must have, in minutes. */
  account_age_minutes?: number;
}

/** The modes of a session that hold, and those of a newer server. */
export interface Modes extends Required<ModesChange> {
  /** The end of the shield that sets them, RFC 3339; null without one. */
  shield_until: string | null;
  [mode: string]: unknown;
}

/** What a room keeps. */
export interface Presets {
  /** The modes of new sessions; those that are not named are off. */
  default: ModesChange;
  /** What the shield changes. */
  shield: ModesChange;
}

export interface Term {
  /** At most 260 characters. */
  term: string;
  match: 'word' | 'substring' | 'regex';
  action: 'block' | 'hold' | 'shadow' | 'mask';
  /** For the author of a message that is refused. */
  explanation?: string;
}

export interface Terms {
  terms: Term[];
  /** Words that never match. */
  allow?: string[];
  /** Domains that links may lead to. */
  link_domains?: string[];
}

/** The list that is in force. */
export interface StoredTerms extends Required<Terms> {
  /** For `putTerms`; null if something between here and the chat took it away. */
  etag: string | null;
}

/** A list that was put. */
export interface PutTerms {
  /** The entry of the audit log; null if the list was in force already, because the answer to an earlier try was lost. */
  entry: ModerationEntry | null;
  etag: string | null;
}

export interface TermsTest {
  /** The text as terms are compared with it. */
  normalized: string;
  /** `start` and `end` count characters (Unicode scalar values) of the text. */
  matches: { term: string; match: Term['match']; action: Term['action']; start: number; end: number }[];
  /** `allowed` are those below `link_domains`. */
  links: { domain: string; start: number; end: number; allowed: boolean }[];
}

/** The colour of an announcement; clients choose the shade. */
export type AnnouncementColor = 'primary' | 'blue' | 'green' | 'orange' | 'purple';

export interface AnnounceOptions {
  /** `primary` by default. */
  color?: AnnouncementColor;
  /** The open session by default. */
  sessionId?: number;
  clientMessageId?: string;
}

/** What became of an announcement. */
export interface Announced {
  message: string;
  message_id: number | null;
  created_at: string;
  duplicate: boolean;
}

export interface SendEventOptions {
  /** The open session by default. */
  sessionId?: number;
  clientEventId?: string;
}

export interface StartPollOptions extends HostedOptions {
  /** 15 to 3,600; 60 by default. */
  seconds?: number;
  /** Nobody sees the results before the end. */
  hideResults?: boolean;
}

export interface StartDrawOptions extends HostedOptions {
  /** 1 to 10; 1 by default. */
  winners?: number;
  /** `viewers` by default. */
  among?: 'viewers' | 'senders' | 'voters';
  /** The poll of the voters. */
  pollId?: number;
  /** Users who cannot win, at most 1,000. */
  exclude?: readonly string[];
}

export interface HostedOptions {
  /** For staff alone. */
  reason?: string;
  /** The open session by default. */
  sessionId?: number;
  clientActionId?: string;
}

/** What became of an event. */
export interface SentEvent {
  message: string;
  session_id: number;
  /** Its number among those of the messages. */
  seq: number;
  created_at: string;
  duplicate: boolean;
}

/** What every act may carry. */
export interface ActOptions {
  /** Why, for staff: at most 500 characters. */
  reason?: string;
  /** Why, for the user: at most 300 characters. */
  explanation?: string;
  /** The session, which may have ended; by default the one that is open. */
  sessionId?: number;
  /** A repeated act with the same key answers the first entry, and nothing happens twice. By default a new one. */
  clientActionId?: string;
}

export interface TimeoutOptions extends ActOptions {
  /** 1 to 1,209,600. */
  seconds: number;
  /** Whether the users' messages of the session go, too. */
  deleteMessages?: boolean;
}

export interface BanOptions extends ActOptions {
  /** Whether it holds in the session alone. */
  sessionOnly?: boolean;
  /** Whether the users' messages of the session go, too. */
  deleteMessages?: boolean;
}

export interface RevokeOptions extends ActOptions {
  /** Seconds since 1970, RFC 3339, or a `Date`; by default now. */
  issuedBefore?: number | string | Date;
}

export interface ShieldOptions extends ActOptions {
  /** By default true; false takes the shield down. */
  on?: boolean;
  /** 1 to 1,440; by default 60. */
  minutes?: number;
}

export interface LogRequest {
  sessionId?: number;
  /** Entries that concern this user. */
  userId?: string;
  /** Entries of this actor. */
  actor?: string;
  action?: ActionName | (string & {});
  /** The `next_before` of the page before. */
  before?: string;
  /** 1 to 100, by default 50. */
  limit?: number;
}

export interface UsersRequest {
  sessionId?: number;
  /** 1 to 50, by default 50. */
  limit?: number;
}

export interface SanctionsRequest {
  /** Those that were imposed in this session. */
  sessionId?: number;
  /** By default true: those that hold. With false, all that the audit log has. */
  active?: boolean;
  /** The `next_before` of the page before. */
  before?: string;
  /** 1 to 100, by default 50. */
  limit?: number;
}

export interface HeldRequest {
  sessionId?: number;
  /** The `next_after` of the page before. */
  after?: string;
  /** 1 to 100, by default 50. */
  limit?: number;
}

export interface ReportsRequest {
  sessionId?: number;
  /** 1 to 100, by default 50. */
  limit?: number;
}

/** The options that only servers have. */
interface NoOptions {
  signal?: never;
  actingFor?: never;
}

/** `AnyCall` and `AnyAct` are further options of all calls and of all acts. */
export interface Moderation<AnyCall = NoOptions, AnyAct = AnyCall> {
  /** Deletes up to 100 messages. The answer to a list tells one entry for each 25 of them. */
  delete(messageId: number, options?: ActOptions & AnyAct): Promise<ModerationEntry>;
  delete(messageIds: readonly number[], options?: ActOptions & AnyAct): Promise<ModerationEntries>;
  /** The user may not send or like for some time. Up to 100 users, as for all acts that take a list. */
  timeout(userId: string, options: TimeoutOptions & AnyAct): Promise<ModerationEntry>;
  timeout(userIds: readonly string[], options: TimeoutOptions & AnyAct): Promise<ModerationEntries>;
  /** The user may not send or like, and has no sockets, for ever or in one session. */
  ban(userId: string, options?: BanOptions & AnyAct): Promise<ModerationEntry>;
  ban(userIds: readonly string[], options?: BanOptions & AnyAct): Promise<ModerationEntries>;
  /** Only staff and the user see what the user sends. */
  shadowBan(userId: string, options?: ActOptions & AnyAct): Promise<ModerationEntry>;
  shadowBan(userIds: readonly string[], options?: ActOptions & AnyAct): Promise<ModerationEntries>;
  /** Ends a time-out, a ban, a shadow ban. */
  lift(userId: string, options?: ActOptions & AnyAct): Promise<ModerationEntry>;
  lift(userIds: readonly string[], options?: ActOptions & AnyAct): Promise<ModerationEntries>;
  /** Closes the user's sockets. */
  disconnect(userId: string, options?: ActOptions & AnyAct): Promise<ModerationEntry>;
  disconnect(userIds: readonly string[], options?: ActOptions & AnyAct): Promise<ModerationEntries>;
  /** Takes out all of the user's messages of a session. */
  purge(userId: string, options?: ActOptions & AnyAct): Promise<ModerationEntry>;
  purge(userIds: readonly string[], options?: ActOptions & AnyAct): Promise<ModerationEntries>;
  /** Takes out all messages of a session. */
  clear(options?: ActOptions & AnyAct): Promise<ModerationEntry>;
  /** Brings back what a deletion, a purge, a clear, or a sanction with `deleteMessages` took out in the last 24 hours. */
  restore(actionId: string, options?: ActOptions & AnyAct): Promise<ModerationEntry>;
  /** Adds a note of at most 500 characters to the user's card. */
  note(userId: string, text: string, options?: ActOptions & AnyAct): Promise<ModerationEntry>;
  /** The user's tokens that were issued before a time are refused. For hosts. */
  revokeTokens(userId: string, options?: RevokeOptions & AnyAct): Promise<ModerationEntry>;
  /** Whatever tells of the user is taken from all sessions, for good: a job of some minutes, whose end has an entry `erased`. For hosts. */
  erase(userId: string, options?: ActOptions & AnyAct): Promise<ModerationEntry>;
  /** A held message is sent. */
  approve(heldId: string, options?: ActOptions & AnyAct): Promise<ModerationEntry>;
  approve(heldIds: readonly string[], options?: ActOptions & AnyAct): Promise<ModerationEntries>;
  /** A held message is not sent. */
  deny(heldId: string, options?: ActOptions & AnyAct): Promise<ModerationEntry>;
  deny(heldIds: readonly string[], options?: ActOptions & AnyAct): Promise<ModerationEntries>;
  /** The reports of a message are dealt with. */
  dismissReports(messageId: number, options?: ActOptions & AnyAct): Promise<ModerationEntry>;
  /** A message stands above the chat; at most three do at once. */
  pin(messageId: number, options?: ActOptions & AnyAct): Promise<ModerationEntry>;
  unpin(messageId: number, options?: ActOptions & AnyAct): Promise<ModerationEntry>;
  /** Marks a question as answered, or as open again. Everybody hears it. */
  markAnswered(messageId: number, answered?: boolean, options?: { reason?: string } & AnyCall): Promise<MarkedAnswered>;
  /** Says something as the host. A repeat under the same `clientMessageId` is stored once. */
  announce(text: string, options?: AnnounceOptions & AnyCall): Promise<Announced>;
  /**
   * Tells the applications of the room something that is no message. Names and values have at most 1,024 bytes in all. A repeat under the
   * same `clientEventId` is stored once.
   */
  sendEvent(name: string, attributes?: Readonly<Record<string, string>>, options?: SendEventOptions & AnyCall): Promise<SentEvent>;
  /** Asks the room. A repeat under the same `clientActionId` starts nothing. */
  startPoll(question: string, choices: readonly string[], options?: StartPollOptions & AnyCall): Promise<Poll>;
  /** Ends a poll before its time; its result is final then. */
  closePoll(pollId: number, options?: HostedOptions & AnyCall): Promise<Poll>;
  /** Commits to a seed, and freezes the list of those who may win. */
  startDraw(prize: string, options?: StartDrawOptions & AnyCall): Promise<Draw>;
  /** Publishes the seed and the winners of a draw. */
  revealDraw(drawId: number, options?: HostedOptions & AnyCall): Promise<Draw>;
  /** Publishes the next winner of the same order. */
  redraw(drawId: number, reason: string, options?: HostedOptions & AnyCall): Promise<Draw>;
  /** Changes some modes of a session; the others stay. */
  setModes(modes: ModesChange, options?: ActOptions & AnyAct): Promise<ModerationEntry>;
  /** The modes of the preset `shield` hold for some minutes. */
  shield(options?: ShieldOptions & AnyAct): Promise<ModerationEntry>;

  /** A page of the audit log, the newest entry first. */
  log(page?: LogRequest & AnyCall): Promise<ModerationLog>;
  /** One entry. */
  action(actionId: string, options?: AnyCall): Promise<ModerationEntry>;
  /** A message, gone or not, with the acts on it and its reports. The id may be a `held_id`, of the open session or of `sessionId`. */
  message(id: number | string, session?: { sessionId?: number } & AnyCall): Promise<MessageForStaff>;
  /** What staff know about a user. */
  user(userId: string, session?: { sessionId?: number } & AnyCall): Promise<UserCard>;
  /** The people of a session whose names begin so: authors of the newest 2,000 numbers, and those who are present. */
  users(name: string, page?: UsersRequest & AnyCall): Promise<FoundUsers>;
  /** Who is banned or timed out, the newest act first. */
  sanctions(page?: SanctionsRequest & AnyCall): Promise<SanctionsPage>;
  /** The messages that wait for a decision, the oldest first. */
  held(page?: HeldRequest & AnyCall): Promise<HeldPage>;
  /** The messages with open reports, the one with most of them first. */
  reports(page?: ReportsRequest & AnyCall): Promise<ReportsPage>;
  /** The list of terms. */
  terms(options?: AnyCall): Promise<StoredTerms>;
  /** Replaces the list. With an `etag`, only the list that has it: an error `precondition_failed` otherwise. For hosts. */
  putTerms(terms: Terms, options?: { etag?: string | null } & AnyCall): Promise<PutTerms>;
  /** The terms that match a text. */
  testTerms(text: string, options?: AnyCall): Promise<TermsTest>;
  /** The modes that a room keeps; by default the client's own room, or `main`. */
  presets(room?: { room?: string } & AnyCall): Promise<Presets>;
  /** Saves those that are named. For hosts. */
  putPresets(presets: Partial<Presets>, room?: { room?: string } & AnyCall): Promise<Presets>;
}
