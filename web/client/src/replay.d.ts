// A chat that was: the replay of an export.
import { ChatError, ChatEvent, Message } from './index.js';
import { DetailedSession, ExportRecord } from './sessions.js';

export { ChatError };

// As in index.d.ts: where the host declares them, these are the host's.
type HostDate = Date | string | number;
type HostEvent = typeof globalThis extends { Event: { prototype: infer Host } } ? Host : { readonly type: string };
type Listener<E> = ((event: E) => void) | { handleEvent(event: E): void };
declare const HostEventTarget: typeof globalThis extends { EventTarget: infer Host } ? Host : new () => EventTargetLike;
interface EventTargetLike {
  addEventListener(type: string, listener: ((event: any) => void) | null, options?: any): void;
  removeEventListener(type: string, listener: ((event: any) => void) | null, options?: any): void;
  dispatchEvent(event: any): boolean;
}

/** What a replay plays beside: a media element, a `ReplayClock`, or anything else with its properties. */
export interface ReplayMedia {
  /** In seconds. */
  readonly currentTime: number;
  readonly paused: boolean;
  readonly playbackRate: number;
  /** Of these, `seeked`, `play`, `pause` and `ratechange` are needed. */
  addEventListener(type: string, listener: (event: any) => void): void;
  removeEventListener(type: string, listener: (event: any) => void): void;
}

/** Time to replay by where there is no recording. */
export class ReplayClock extends HostEventTarget implements ReplayMedia {
  constructor(options?: { /** In milliseconds. */ now?: () => number });
  /** In seconds; setting it seeks. */
  currentTime: number;
  /** Above 0, and 16 at most. */
  playbackRate: number;
  /** The position at which it stands still, in seconds; by default, there is none. */
  duration: number;
  readonly paused: boolean;
  play(): Promise<void>;
  pause(): void;
}

/** A text in lines (`jsonl`), its address, a file, a stream of its bytes, the answer of a `fetch`, or records that were read already. */
export type ReplaySource =
  | string
  | { readonly href: string }
  | { stream(): any }
  | { getReader(): any }
  | { readonly body: any; text(): Promise<string> }
  | Iterable<ExportRecord>
  | AsyncIterable<ExportRecord>;

export interface ReplayOptions {
  source: ReplaySource;
  /** By default a new `ReplayClock`. */
  media?: ReplayMedia;
  /** When the recording began; by default, the start of the session. */
  start?: HostDate;
  /** So many messages are in `messages`; by default 1,000. */
  keepMessages?: number;
  /** Whether messages show that were removed later, until they were. The export must have their texts. By default, they never show. */
  showRemoved?: boolean;
  /** Instead of the global one, for an address. */
  fetch?: (address: any) => Promise<any>;
  clock?: { setTimeout(action: () => void, ms: number): any; clearTimeout(timer: any): void };
}

export interface ReplayEvents {
  session: ChatEvent<{ session: DetailedSession }>;
  state: ChatEvent<{ state: ReplayState; reason?: ChatError }>;
  /** The recording is somewhere else: `messages` are those that show there, and nothing else is told of the way. */
  seeked: ChatEvent<{ position: number; messages: Message[] }>;
  message: ChatEvent<Message>;
  event: ChatEvent<{ seq: number; name: string; attributes: Readonly<Record<string, string>> }>;
  /** With `showRemoved`. */
  deleted: ChatEvent<{ message_id: number; message: Message; client_message_id?: string }>;
  purged: ChatEvent<{ user_id: string; up_to_seq: number; messages: Message[] }>;
  cleared: ChatEvent<{ up_to_seq: number; messages: Message[] }>;
  error: ChatEvent<ChatError>;
}

export type ReplayState = 'ended' | 'connecting' | 'live';

/** An export of a session, played beside a recording or a clock, with the shape of `LiveChat`. */
export class ReplayChat extends HostEventTarget {
  constructor(options: ReplayOptions);
  readonly state: ReplayState;
  readonly session: DetailedSession | null;
  /** The newest messages that show now, by id and in order. Treat it as read-only. */
  readonly messages: ReadonlyMap<number, Message>;
  readonly media: ReplayMedia;
  /** When the recording began, in milliseconds since 1970. */
  get startTime(): number;
  set startTime(time: HostDate);
  /** How long after the start the last entry comes, in seconds. */
  readonly duration: number;
  /** The number of messages that it shows, all in all. */
  readonly total: number;
  /** The number of messages that are gone and that it does not show. */
  readonly removed: number;
  /** Whether the export has its end. */
  readonly isComplete: boolean;
  readonly viewers: number;
  readonly likes: number;
  readonly pins: readonly Message[];
  readonly pending: readonly never[];
  readonly userId: undefined;
  readonly capabilities: null;
  readonly standing: null;
  /** Reads the export; resolves once it plays. Rejects with `invalid_export` or `network`. */
  connect(): Promise<void>;
  /** Plays beside another recording or clock. */
  attach(media: ReplayMedia): void;
  /** Stops; the recording goes on. */
  close(): void;
  /** A page of the messages that show by now. */
  getMessages(page?: { before?: number; after?: number; limit?: number }): Promise<{ messages: Message[]; session_id: number; has_more: boolean; last_seq: number }>;
  /** Rejects: nobody writes in a replay. */
  sendMessage(text: string): Promise<never>;
  addEventListener<Type extends keyof ReplayEvents>(type: Type, listener: Listener<ReplayEvents[Type]> | null, options?: any): void;
  addEventListener(type: string, listener: Listener<HostEvent> | null, options?: any): void;
  removeEventListener<Type extends keyof ReplayEvents>(type: Type, listener: Listener<ReplayEvents[Type]> | null, options?: any): void;
  removeEventListener(type: string, listener: Listener<HostEvent> | null, options?: any): void;
}
