import type { AnnounceOptions, Announced, AnnouncementColor, HeldMessage, ModerationEntry, Moderation, Modes } from './moderation.js';
import type { Sessions } from './sessions.js';

export * from './moderation.js';
export * from './sessions.js';

// The declarations need nothing but TypeScript's ES2015 library. Where the DOM library, a worker's or `@types/node` declare events, the
// client's events are those; elsewhere, the interfaces at the end take their place.
type HostEvent = typeof globalThis extends { Event: { prototype: infer Host } } ? Host : EventLike;
type HostAbortSignal = typeof globalThis extends { AbortSignal: { prototype: infer Host } } ? Host : AbortSignalLike;
declare const HostEventTarget: typeof globalThis extends { EventTarget: infer Host } ? Host : new () => EventTargetLike;

/** A message as the chat stores it. `likes` and `user_liked` are kept up to date. */
export interface Message {
  /** Unique over all sessions, and in the order of the chat. */
  readonly id: number;
  /** Counts up within the session; a number may stay unused. */
  readonly seq: number;
  readonly session_id: number;
  readonly user_id: string;
  readonly username: string;
  readonly profile_pic: string | null;
  /** Nothing is escaped: show it with `textContent`. */
  readonly message: string;
  readonly message_type: 'text' | 'announcement';
  likes: number;
  /** Whether this user likes the message; absent where nobody asked. */
  user_liked?: boolean;
  /** RFC 3339. */
  readonly created_at: string;
  readonly is_winner: boolean;
  readonly is_host: boolean;
  /** The author may moderate, but is no host; absent if not. */
  readonly is_moderator?: true;
  /** The author does not moderate, but the name can be taken for that of somebody in the room who does; absent if not. */
  readonly resembles_staff?: true;
  readonly badge: string | null;
  /** The id under which its author's client sent it. */
  readonly client_message_id: string | null;
  /** What the author's token says of the author; absent if it says nothing. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** For staff: nobody but its author and staff sees the message. */
  readonly shadowed?: true;
  /** What it shows of the message that it replies to; absent if it replies to none. It is kept up to date. */
  reply_to?: Quote;
  /** The ids of up to 5 users whom it mentions; absent if it mentions nobody. */
  readonly mentions?: readonly string[];
  /** That of an announcement; absent of any other message. */
  readonly color?: AnnouncementColor;
  /** Of a question: whether staff have marked it as answered, which is kept up to date; absent of any other message. */
  answered?: boolean;
  /** Of a pinned message: the end of its text was left out, for the sake of the frame's size. */
  readonly truncated?: true;
}

/** What a reply shows of the message that it replies to. All but `id` is null once that message is gone. */
export interface Quote {
  readonly id: number;
  readonly user_id: string | null;
  readonly username: string | null;
  /** The beginning of its text on one line, up to 100 characters. Nothing is escaped. */
  readonly excerpt: string | null;
}

/** What a message is sent with. */
export interface SendDetails {
  /** The id of the message of the session that it replies to. If it is gone, the message fails with the code `not_found`. */
  replyTo?: number;
  /** The ids of up to 5 users whom it mentions. Nobody is notified outside of the room. */
  mentions?: readonly string[];
  /** `question` makes it a question to the host, whose likes are votes. */
  kind?: 'question';
}

/** A session as viewers know it; `DetailedSession` is the same for staff. */
export interface Session {
  id: number;
  name: string;
  /** The name of its room; older servers, which have one room, leave it out. */
  room?: string;
  /** How many characters a message may have; older servers leave it out. */
  max_message_length?: number;
  viewer_count: number;
  total_likes: number;
  start_time: string;
  end_time: string;
  /** Those that hold; older servers leave them out. The event `modes` tells each change. */
  modes?: Modes;
  /** Whose addresses are to become links; older servers leave it out. The event `clickableLinks` tells each change. */
  clickable_links?: ClickableLinks;
  /** The pinned messages, the newest pin first; older servers leave them out. The event `pins` tells each change. */
  pins?: Message[];
  /** Grows with each change of `pins`. */
  pins_version?: number;
  /** All reactions of the chat in their order, with how often the room has sent each; older servers leave it out. The event `reactions` tells each change. */
  reactions?: Record<string, number>;
  /** The polls that are open, and those that ended last; older servers leave them out. The event `poll` tells each change. */
  polls?: Poll[];
  polls_version?: number;
  /** The draw that changed last; older servers leave it out. The event `draw` tells each change. */
  draw?: Draw | null;
  draw_version?: number;
}

/** A question of `questions()`. */
export interface Question extends Message {
  /** Whether this user likes it, which is a vote; only with `mine`. */
  user_liked?: boolean;
}

/** Which questions are asked for, and in which order. */
export interface QuestionsAsked {
  /** Those with the most votes first, which is the default, or the newest. */
  sort?: 'likes' | 'new';
  /** Whether each has `user_liked`. */
  mine?: boolean;
  session_id?: number;
}

/** A poll. */
export interface Poll {
  /** It names its session: `session_id` × 10,000 + a number. */
  id: number;
  question: string;
  /** Ids count from 0. `votes` are null while the results are hidden. */
  options: { id: number; text: string; votes: number | null }[];
  /** `closing`: it takes no more votes, and its result is not final yet. */
  state: 'open' | 'closing' | 'ended';
  /** RFC 3339. */
  ends_at: string;
  /** Whether nobody sees the results now. */
  hidden: boolean;
  total_votes: number | null;
  /** The option for which this user has voted; null or absent if there is none. */
  my_vote?: number | null;
}

/** A draw, as far as it is published. See docs/draws.md. */
export interface Draw {
  id: number;
  prize: string;
  winners_wanted: number;
  among: 'viewers' | 'senders' | 'voters';
  poll_id?: number;
  state: 'freezing' | 'frozen' | 'revealed' | 'cancelled';
  /** The SHA-256 of the seed, in hex. */
  commitment: string;
  /** How many can win. */
  entrants: number | null;
  entrants_sha256: string | null;
  seed: string | null;
  /** User ids in the order of the draw, those of redraws last; null in place of a winner who was erased since. */
  winners: (string | null)[] | null;
  winner_names?: (string | null)[];
  redraws: number;
}

/** The result of a check: `commitment`, `entrants` or `winners` do not add up, or the draw is `not_revealed`. */
export interface DrawCheck {
  valid: boolean;
  problems: ('commitment' | 'entrants' | 'winners' | 'not_revealed')[];
}

/** Checks a draw that is revealed, with all hashes of its list. */
export function verifyDraw(draw: Draw, entrants: readonly string[]): Promise<DrawCheck>;
/** The hash by which a user stands in the list of a draw. */
export function entrantHash(drawId: number, userId: string): Promise<string>;

/** Whose addresses are to become links. Texts are text: it is the application that makes links of them. */
export interface ClickableLinks {
  /** Those in messages of hosts and moderators (`staff`), everybody's, or nobody's. */
  from: 'staff' | 'all' | 'none';
  /** Unless `from` is `none`, addresses of these hosts and of all below them are links, whoever writes them. At most 100, in Punycode. */
  domains: string[];
}

export interface Status {
  enabled: boolean;
  is_active: boolean;
  session: Session | null;
  /** When the room's next session opens, where the server knows and tells it. RFC 3339. */
  next_start_time?: string | null;
  message?: string;
  /** What holds of this user; absent if nothing does. */
  standing?: Standing;
  /** What the server lets this user do by the token, told to staff alone. A sanction suspends `announce`, `moderate` and `manage`. */
  capabilities?: Capability[];
}

/** Newer servers may have others. */
export type Capability = 'read' | 'send' | 'react' | 'announce' | 'moderate' | 'manage' | 'uncounted' | 'audit' | (string & {});

export interface Viewers {
  viewer_count: number;
  session_id: number;
  session_name: string;
}

export interface Likes {
  total_likes: number;
  session_id: number;
  session_name: string;
  /** Whether this user likes the session. */
  user_liked: boolean;
}

export interface Stats {
  session_id: number;
  session_name: string;
  viewer_count: number;
  total_likes: number;
  total_messages: number;
  recent_messages: number;
  is_active: boolean;
  start_time: string;
  end_time: string;
}

export interface Ack {
  client_message_id: string;
  /** Null for a message that is held, until it is approved. */
  message_id: number | null;
  created_at: string;
  /** Whether the message had been stored before, and the first `ack` was lost. False if the message arrived before any `ack`. */
  duplicate: boolean;
  /** What became of a message that is held until staff decide on it; absent for any other. `approved` and `denied` tell of it later. */
  status?: 'held' | 'approved' | 'denied' | 'expired';
  held_id?: string;
}

export interface PendingMessage {
  client_message_id: string;
  message: string;
  reply_to?: number;
  mentions?: readonly string[];
  kind?: 'question';
}

/** Why a message is reported. */
export type ReportReason =
  | 'spam'
  | 'harassment'
  | 'hate'
  | 'sexual'
  | 'violence'
  | 'self_harm'
  | 'child_safety'
  | 'personal_info'
  | 'illegal'
  | 'other';

export interface Report {
  message_id: number;
  /** That of the first report, if this one is a repeat. */
  report_id: string;
  already_reported: boolean;
}

/** An event with a number of its own among those of the messages. */
export type LogEvent =
  | { type: 'user_purged'; seq: number; user_id: string; up_to_seq: number }
  | { type: 'chat_cleared'; seq: number; up_to_seq: number }
  | { type: 'messages_restored'; seq: number; from_seq: number; up_to_seq: number }
  | { type: 'event'; seq: number; name: string; attributes: Readonly<Record<string, string>> };

export interface MessagesPage {
  messages: Message[];
  /** On a page of what comes after a message: the numbered events among them, if there are any. */
  events?: LogEvent[];
  session_id: number;
  has_more: boolean;
  last_seq: number;
  /** The `before` of the page before this one; null if there is none. Older servers leave it out. */
  next_before?: number | null;
  /** The `after` of the page after this one; null if there is none. Older servers leave it out. */
  next_after?: number | null;
}

/** Which session a call is about; by default the client's own. */
export interface SessionRequest {
  session_id?: number;
}

export interface PageRequest extends SessionRequest {
  /** A message id: the newest messages before it. */
  before?: number;
  /** A message id: the oldest messages after it. Not together with `before`. */
  after?: number;
  limit?: number;
  /** Whether each message is to have `user_liked`. */
  mine?: boolean;
}

export interface SessionLike {
  message: string;
  total_likes: number;
  already_liked: boolean;
}

export interface MessageLike {
  message: string;
  message_id: number;
  likes: number;
  already_liked: boolean;
}

export interface SessionUnlike {
  message: string;
  total_likes: number;
  /** Whether this user liked the session until now. */
  was_liked: boolean;
}

export interface MessageUnlike {
  message: string;
  message_id: number;
  likes: number;
  /** Whether this user liked the message until now. */
  was_liked: boolean;
}

export interface Deletion {
  message: string;
  message_id: number;
}

/** The result of a message over REST. */
export interface Posted {
  message: string;
  /** Null for a message that is held, until it is approved. */
  message_id: number | null;
  created_at: string;
  duplicate: boolean;
  /** What became of a message that is held until staff decide on it; absent for any other. */
  status?: 'held' | 'approved' | 'denied' | 'expired';
  held_id?: string;
}

/** The fields of an error that the server answered to this client. */
export interface Refusal {
  code: string;
  message: string;
  /** The id of the message that the error refers to, if it refers to one. */
  client_message_id?: string;
  retry_after_ms?: number;
}

export interface RateLimit {
  message: string;
  /** The message that is held back; the client sends it again by itself. */
  client_message_id?: string;
  /** The server's value, or else the client's own wait. */
  retry_after_ms: number;
}

/** What holds of a user. */
export interface Standing {
  /** `ok`, `timed_out`, `banned`, or one of a newer server. */
  state: string;
  /** RFC 3339. */
  until?: string | null;
  /** For the user. */
  explanation?: string | null;
  automated?: boolean;
  /** The id of the act. */
  reference?: string | null;
  appeal_url?: string | null;
}

export type State = 'connecting' | 'live' | 'recovering' | 'ended';

export interface StateChange {
  state: State;
  previous: State;
  /** The reason for `recovering` or `ended`; its code is `session_ended` or `closed` if nothing went wrong. */
  reason?: ChatError;
}

/** More about an error, where it is known. */
export interface ErrorDetails {
  status?: number;
  retryAfterMs?: number;
  closeCode?: number;
  refusedSocket?: boolean;
  cause?: unknown;
}

/** The only kind of error that this client throws or reports. */
export class ChatError extends Error {
  readonly name: 'ChatError';
  /**
   * The chat's own codes (`unauthorized`, `chat_not_active`, `banned`, `timed_out`, `forbidden`, `not_found`, `conflict`,
   * `invalid_message`, `invalid_request`, `too_large`, `rate_limited`, `token_expired`, `unavailable`, and those of the session's modes:
   * `slow_mode`, `staff_only`, `members_only`, `account_too_new`, `emoji_only`, `repeated_message`, …), and those of this client:
   * `network`, `connection_lost`, `not_connected`, `closed`, `session_ended`, `token_unavailable`, `no_socket`, `invalid_answer`, `http_…`.
   */
  readonly code: string;
  /** The HTTP status, for a REST call. */
  readonly status?: number;
  readonly retryAfterMs?: number;
  /** The close code, for a socket. */
  readonly closeCode?: number;
  /** True if this is why the chat refuses a socket: `rate_limited` then means that the user has too many of them. */
  readonly refusedSocket?: boolean;
  /** What failed, as the network, the token function or the socket threw it; or the problem details (RFC 9457) of the chat's answer. */
  readonly cause?: unknown;
  constructor(code: string, message: string, details?: ErrorDetails);
}

export interface ChatEvent<Detail> extends HostEvent {
  readonly detail: Detail;
}

export interface ChatEvents {
  state: ChatEvent<StateChange>;
  /** A session was entered. If it is a different one, `messages` starts over. */
  session: ChatEvent<{ session: Session }>;
  /** A message, including own ones: each once, strictly in order. */
  message: ChatEvent<Message>;
  /** An own message was accepted for sending. */
  pending: ChatEvent<PendingMessage>;
  /** An own message will not be sent. */
  failed: ChatEvent<PendingMessage & { code: string; error: ChatError }>;
  /** `message` is set if it was in `messages`. An own message that was deleted before it arrived only has its `client_message_id`. */
  deleted: ChatEvent<{ message_id: number; message?: Message; client_message_id?: string }>;
  /** The messages of a user are gone up to a number. `messages` are those that were in the chat's `messages` until now. */
  purged: ChatEvent<{ user_id: string; up_to_seq: number; messages: Message[] }>;
  /** All messages are gone up to a number. `messages` are those that were in the chat's `messages` until now. */
  cleared: ChatEvent<{ up_to_seq: number; messages: Message[] }>;
  /** A purge or a clear was taken back, or a message that reports had hidden is back. `messages` are in the chat's `messages` again; page for older ones. */
  restored: ChatEvent<{ from_seq: number; up_to_seq: number; messages: Message[] }>;
  /** The application of a host tells something that is no message: each once, in its place among the messages. */
  event: ChatEvent<{ seq: number; name: string; attributes: Readonly<Record<string, string>> }>;
  likes: ChatEvent<{ total_likes: number }>;
  messageLikes: ChatEvent<{ message_id: number; likes: number; message?: Message }>;
  viewers: ChatEvent<{ viewer_count: number }>;
  /** What holds of this user changed. After `banned` the client ends; anything else keeps the connection. */
  standing: ChatEvent<{ standing: Standing }>;
  /** An own message that was held was approved; it arrives as a `message`, too. */
  approved: ChatEvent<{ held_id: string; client_message_id: string | null; message_id: number }>;
  /** An own message that was held was denied, or nobody decided in time. */
  denied: ChatEvent<{ held_id: string; client_message_id: string | null; reason: 'denied' | 'expired' }>;
  /** The session's modes changed. */
  modes: ChatEvent<{ modes: Modes }>;
  /** Other addresses than before are to become links. */
  clickableLinks: ChatEvent<{ clickable_links: ClickableLinks }>;
  /** Other messages than before are pinned; a pinned message that left the room is among them no longer. */
  pins: ChatEvent<{ pins: Message[] }>;
  /** The room has reacted. `reactions` are all totals; `counts` are those since the event before, for show, and absent after a loss. */
  reactions: ChatEvent<{ reactions: Record<string, number>; counts?: Record<string, number> }>;
  /** Staff have marked a question. */
  question: ChatEvent<{ message_id: number; answered: boolean }>;
  /** `session.polls` changed: `poll` was started, has other votes or has ended; or, with `polls`, `status` told all of them. */
  poll: ChatEvent<{ poll?: Poll; polls?: Poll[] }>;
  /** A draw was started, frozen, revealed or drawn again; `session.draw` is the same. */
  draw: ChatEvent<{ draw: Draw | null }>;
  /** Staff only: an act of moderation. */
  moderation: ChatEvent<{ action: ModerationEntry }>;
  /** Staff only: a message waits for a decision. */
  held: ChatEvent<{ held: HeldMessage }>;
  /** Staff only: it was decided on a held message. */
  heldResolved: ChatEvent<{ held_id: string; decision: 'approved' | 'denied' | 'expired'; message_id: number | null }>;
  /** Staff only: a message was reported by so many users: 1, 2, 3, 5, 10, 20 and so on. */
  reported: ChatEvent<{ message_id: number; reports: number; reasons: ReportReason[] }>;
  /** The server asks to slow down. Pending messages wait and are sent automatically. */
  rateLimited: ChatEvent<RateLimit>;
  /** Any error that the server answered, including rate limits. `failed`, `error` and `state` report its consequences. */
  refused: ChatEvent<Refusal>;
  /** Something failed. The client recovers by itself, unless `state` is `ended`. */
  error: ChatEvent<ChatError>;
}

export type TokenSource = string | (() => string | Promise<string>);

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  setTimeout(action: () => void, waitMs: number): unknown;
  clearTimeout(timer: any): void;
}

/** The parts of a WebSocket that the client uses: the browser's, Node's own, or the one from the package `ws`. */
export interface WebSocketLike {
  onopen: any;
  onmessage: any;
  onclose: any;
  onerror: any;
  send(data: string): void;
  close(code?: number): void;
  terminate?(): void;
}

/** What the client reads of a response. */
export interface FetchResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/** The parts of `fetch` that the client uses. */
export type Fetch = (
  url: string,
  request: { method: string; headers: Record<string, string>; signal: HostAbortSignal; body?: string },
) => Promise<FetchResponse>;

/** A source of the events `online` and `offline`. */
export interface Network {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

export interface LiveChatOptions {
  /** A JWT, or a function that fetches one. It is called again before the token expires, and has 30 seconds to return one. */
  token: TokenSource;
  /** The base URL of the chat. By default the page's own origin, in Node `http://localhost:8000`. */
  baseUrl?: string;
  /**
   * How a socket authenticates. `ticket` (the default): a ticket for each socket, fetched over REST; if the deployment has no
   * tickets, like `subprotocol`: the pair `["bearer", token]`. `query`: the token in the URL, which logs may keep.
   */
  tokenIn?: 'ticket' | 'subprotocol' | 'query';
  /**
   * The session to join. The chat ends if it is not open, with `not_found`, `session_ended` or `chat_not_active`, and when it ends. By
   * default the session that is open, and after its end the next one.
   */
  sessionId?: number;
  /**
   * Instead of `sessionId`: the room whose open session is joined, and after its end the room's next one. Letters from a to z, digits and
   * hyphens, at most 64. By default the room `main`.
   */
  room?: string;
  /** How many earlier messages to begin with. By default the server's page of 50; 0 for none. */
  history?: number;
  /** How many messages `messages` keeps; 1000 by default. The oldest ones go first. */
  keepMessages?: number;
  /** Required if there is no global one (Node before 22). */
  WebSocket?: new (url: string, protocols?: string[]) => WebSocketLike;
  fetch?: Fetch;
  /** The source of the events `online` and `offline`; by default the page or worker. */
  network?: Network;
  /** For tests. */
  clock?: Clock;
  /** For tests: numbers from 0 to 1. */
  random?: () => number;
}

export class LiveChat extends HostEventTarget {
  constructor(options: LiveChatOptions | string);

  /** Also `ended` before the first `connect`. */
  readonly state: State;
  readonly session: Session | null;
  /** What holds of this user; null before the first connect. The event `standing` tells each change. */
  readonly standing: Standing | null;
  /**
   * What the server lets this user do, as `status` told it last: with the connection and after a loss. Null for viewers, and before the first
   * connect. A sanction suspends `announce`, `moderate` and `manage`.
   */
  readonly capabilities: readonly Capability[] | null;
  readonly viewers: number;
  readonly likes: number;
  /** By id, in order. */
  readonly messages: ReadonlyMap<number, Message>;
  /** The pinned messages, the newest pin first. */
  readonly pins: readonly Message[];
  /** All reactions of the chat, with how often the room has sent each; empty if it has none. */
  readonly reactions: Readonly<Record<string, number>>;
  /** Own messages that are not acknowledged yet, oldest first. */
  readonly pending: PendingMessage[];
  /** The token's user, once there is a token. */
  readonly userId: string | undefined;
  /** The acts and lists of staff, by this user's token. Their code is loaded by the first call. */
  readonly moderate: Moderation;
  /** The sessions of all rooms, for staff. Their code is loaded by the first call. */
  readonly sessions: Sessions;

  /** Resolves when the chat is live; rejects if it ends before. */
  connect(): Promise<void>;
  /** Resolves when the message is stored; rejects with a `ChatError` if it never will be. */
  sendMessage(text: string, details?: SendDetails): Promise<Ack>;
  /** Says something as the host. Needs the capability `announce`. */
  announce(text: string, options?: AnnounceOptions): Promise<Announced>;
  likeSession(): Promise<SessionLike>;
  likeMessage(messageId: number): Promise<MessageLike>;
  /** Takes the like of the session back. */
  unlike(): Promise<SessionUnlike>;
  /** Takes the like of a message back. */
  unlikeMessage(messageId: number): Promise<MessageUnlike>;
  /**
   * Reacts, with one of `reactions`. Reactions are collected, and at most 20 are sent once a second; more than 100 do not wait. What the rate limit refuses
   * is sent later; what may have counted is never sent again. Resolves once all that was collected is answered, and with nothing to wait for.
   */
  react(reaction: string, count?: number): Promise<{ reactions: Record<string, number> } | undefined>;
  /** Up to 100 questions to the host. Their likes are votes: vote with `likeMessage`. */
  questions(asked?: QuestionsAsked): Promise<Question[]>;
  /** Allowed for the author, and for staff. */
  deleteMessage(messageId: number): Promise<Deletion>;
  /** Reports a message to staff. Each user counts once for each message; a message of an ended session may be reported, too. */
  report(messageId: number, reason: ReportReason, options?: { comment?: string }): Promise<Report>;
  /** Stores a message over REST, without being connected. The same `client_message_id` is stored once. */
  postMessage(text: string, options?: SendDetails & { client_message_id?: string }): Promise<Posted>;
  /** A page of the session's polls, the newest first. `before` is the `next_before` of the page before. */
  polls(page?: SessionRequest & { before?: number; limit?: number }): Promise<{ polls: Poll[]; next_before: number | null }>;
  /** Votes in a poll, or changes the vote; `option` is the id of one of its options. */
  vote(pollId: number, option: number): Promise<{ message: string; poll_id: number; my_vote: number; already_voted: boolean }>;
  /** A page of the session's draws, the newest first. */
  draws(page?: SessionRequest & { before?: number; limit?: number }): Promise<{ draws: Draw[]; next_before: number | null }>;
  /** The hashes of all who may win a draw, for `verifyDraw`; with `hash`, that one, if it is among them. */
  entrants(drawId: number, details?: { hash?: string }): Promise<string[]>;
  /** The status of the client's own room or session. */
  getStatus(): Promise<Status>;
  getStats(session?: SessionRequest): Promise<Stats>;
  getViewers(session?: SessionRequest): Promise<Viewers>;
  getLikes(session?: SessionRequest): Promise<Likes>;
  getMessages(page?: PageRequest): Promise<MessagesPage>;
  /** Leaves. Messages that are not acknowledged fail with the code `closed`. */
  close(): void;

  addEventListener<Type extends keyof ChatEvents>(
    type: Type,
    listener: Listener<ChatEvents[Type]> | null,
    options?: boolean | ListenerOptions,
  ): void;
  addEventListener(type: string, listener: Listener<HostEvent> | null, options?: boolean | ListenerOptions): void;
  removeEventListener<Type extends keyof ChatEvents>(
    type: Type,
    listener: Listener<ChatEvents[Type]> | null,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: Listener<HostEvent> | null, options?: boolean | ListenerOptions): void;
}

type Listener<E> = ((event: E) => void) | { handleEvent(event: E): void };

interface ListenerOptions {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: HostAbortSignal;
}

interface EventLike {
  readonly type: string;
  readonly target: object | null;
  readonly timeStamp: number;
  preventDefault(): void;
  stopImmediatePropagation(): void;
}

interface AbortSignalLike {
  readonly aborted: boolean;
}

interface EventTargetLike {
  addEventListener(type: string, listener: Listener<HostEvent> | null, options?: boolean | ListenerOptions): void;
  removeEventListener(type: string, listener: Listener<HostEvent> | null, options?: boolean | ListenerOptions): void;
  dispatchEvent(event: HostEvent): boolean;
}

// Without this, every declaration of this file would count as exported.
export {};
