/** A message as the chat stores it. `likes` is kept up to date. */
export interface Message {
  /** Unique over all sessions, and in the order of the chat. */
  readonly id: number;
  /** Counts up within the session; a number may stay unused. */
  readonly seq: number;
  readonly session_id: number;
  readonly user_id: string;
  readonly username: string;
  readonly profile_pic: string | null;
  /** Exactly as sent: show it with `textContent`. */
  readonly message: string;
  readonly message_type: 'text';
  likes: number;
  /** RFC 3339. */
  readonly created_at: string;
  readonly is_winner: boolean;
  readonly is_host: boolean;
  readonly badge: string | null;
  /** The id under which its author's client sent it. */
  readonly client_message_id: string | null;
}

export interface Session {
  id: number;
  name: string;
  viewer_count: number;
  total_likes: number;
  start_time: string;
  end_time: string;
}

export interface Status {
  enabled: boolean;
  is_active: boolean;
  session: Session | null;
  /** When the next session opens, where the server knows and tells it. RFC 3339. */
  next_start_time?: string | null;
  message?: string;
}

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
  message_id: number;
  created_at: string;
  /** Whether the message had been stored before, and the first `ack` was lost. False if the message arrived before any `ack`. */
  duplicate: boolean;
}

export interface PendingMessage {
  client_message_id: string;
  message: string;
}

export interface MessagesPage {
  messages: Message[];
  session_id: number;
  has_more: boolean;
  last_seq: number;
}

/** Which session a call is about; by default the one that is open. */
export interface SessionRequest {
  session_id?: number;
}

export interface PageRequest extends SessionRequest {
  /** A message id: the newest messages before it. */
  before?: number;
  /** A message id: the oldest messages after it. Not together with `before`. */
  after?: number;
  limit?: number;
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

export interface Deletion {
  message: string;
  message_id: number;
}

/** The result of a message over REST. */
export interface Posted {
  message: string;
  message_id: number;
  created_at: string;
  duplicate: boolean;
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

export type State = 'connecting' | 'live' | 'recovering' | 'ended';

export interface StateChange {
  state: State;
  previous: State;
  /** The reason for `recovering` or `ended`; its code is `session_ended` or `closed` if nothing went wrong. */
  reason?: ChatError;
}

/** The only kind of error that this client throws or reports. */
export class ChatError extends Error {
  readonly name: 'ChatError';
  /**
   * The chat's own codes (`unauthorized`, `chat_not_active`, `forbidden`, `not_found`, `invalid_message`, `invalid_request`,
   * `too_large`, `rate_limited`, `token_expired`, `unavailable`), and those of this client: `network`, `connection_lost`,
   * `not_connected`, `closed`, `session_ended`, `token_unavailable`, `no_socket`, `invalid_answer`, `http_…`.
   */
  readonly code: string;
  /** The HTTP status, for a REST call. */
  readonly status?: number;
  readonly retryAfterMs?: number;
  /** The close code, for a socket. */
  readonly closeCode?: number;
  constructor(
    code: string,
    message: string,
    details?: { status?: number; retryAfterMs?: number; closeCode?: number; cause?: unknown },
  );
}

export interface ChatEvent<Detail> extends Event {
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
  likes: ChatEvent<{ total_likes: number }>;
  messageLikes: ChatEvent<{ message_id: number; likes: number; message?: Message }>;
  viewers: ChatEvent<{ viewer_count: number }>;
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
  /** How many earlier messages to begin with. By default the server's page of 50; 0 for none. */
  history?: number;
  /** How many messages `messages` keeps; 1000 by default. The oldest ones go first. */
  keepMessages?: number;
  /** Required if there is no global one (Node before 22). */
  WebSocket?: new (url: string, protocols?: string[]) => WebSocketLike;
  fetch?: typeof fetch;
  /** The source of the events `online` and `offline`; by default the page or worker. */
  network?: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;
  /** For tests. */
  clock?: Clock;
  /** For tests: numbers from 0 to 1. */
  random?: () => number;
}

export class LiveChat extends EventTarget {
  constructor(options: LiveChatOptions | string);

  /** Also `ended` before the first `connect`. */
  readonly state: State;
  readonly session: Session | null;
  readonly viewers: number;
  readonly likes: number;
  /** By id, in order. */
  readonly messages: ReadonlyMap<number, Message>;
  /** Own messages that are not acknowledged yet, oldest first. */
  readonly pending: PendingMessage[];
  /** The token's user, once there is a token. */
  readonly userId: string | undefined;

  /** Resolves when the chat is live; rejects if it ends before. */
  connect(): Promise<void>;
  /** Resolves when the message is stored; rejects with a `ChatError` if it never will be. */
  sendMessage(text: string): Promise<Ack>;
  likeSession(): Promise<SessionLike>;
  likeMessage(messageId: number): Promise<MessageLike>;
  /** Allowed for the author, a host or a moderator. */
  deleteMessage(messageId: number): Promise<Deletion>;
  /** Stores a message over REST, without being connected. The same `client_message_id` is stored once. */
  postMessage(text: string, options?: { client_message_id?: string }): Promise<Posted>;
  getStatus(): Promise<Status>;
  getStats(session?: SessionRequest): Promise<Stats>;
  getViewers(session?: SessionRequest): Promise<Viewers>;
  getLikes(session?: SessionRequest): Promise<Likes>;
  getMessages(page?: PageRequest): Promise<MessagesPage>;
  /** Leaves. Messages that are not acknowledged fail with the code `closed`. */
  close(): void;

  addEventListener<Type extends keyof ChatEvents>(
    type: Type,
    listener: ((event: ChatEvents[Type]) => void) | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<Type extends keyof ChatEvents>(
    type: Type,
    listener: ((event: ChatEvents[Type]) => void) | null,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}
