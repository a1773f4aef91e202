// The declarations need nothing but TypeScript's ES2015 library: neither the DOM's nor Node's.
import type { AnnouncementColor, Moderation } from './moderation.js';
import type { Sessions } from './sessions.js';

export * from './events.js';
export * from './moderation.js';
export * from './sessions.js';

type HostAbortSignal = typeof globalThis extends { AbortSignal: { prototype: infer Host } } ? Host : AbortSignalLike;

/** A message as the chat stores it. */
export interface Message {
  readonly id: number;
  readonly seq: number;
  readonly session_id: number;
  readonly user_id: string;
  readonly username: string;
  readonly profile_pic: string | null;
  /** Nothing is escaped. */
  readonly message: string;
  readonly message_type: 'text' | 'announcement';
  readonly likes: number;
  /** RFC 3339. */
  readonly created_at: string;
  readonly is_winner: boolean;
  readonly is_host: boolean;
  /** The author may moderate, but is no host; absent if not. */
  readonly is_moderator?: true;
  readonly badge: string | null;
  readonly client_message_id: string | null;
  readonly attributes?: Readonly<Record<string, string>>;
  /** That of an announcement; absent of any other message. */
  readonly color?: AnnouncementColor;
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

export type Role = 'host' | 'moderator' | 'member';
export type Capability = 'read' | 'send' | 'react' | 'announce' | 'moderate' | 'manage' | 'uncounted' | 'audit';
/** A time: a `Date`, or seconds since 1970. */
export type Time = Date | number;
/** A secret; a private key in PEM (RSA, EC on P-256 or P-384, Ed25519); or Node's `KeyObject` of either. */
export type TokenKey = string | Uint8Array | KeyObjectLike;

/** Node's `KeyObject`, whose declarations need `@types/node`. */
export interface KeyObjectLike {
  readonly type: string;
  export(...options: any[]): any;
}

export interface TokenOptions {
  /** The user id: 1 to 255 bytes. */
  sub: string | number | bigint;
  /** The display name. Without one, it is `User-` and six digits. */
  name?: string;
  /** `JWT_ROLE_MAP` may know others. */
  roles?: readonly (Role | (string & {}))[];
  /** Replaces what the roles bring: `['read']` only watches. */
  capabilities?: readonly Capability[];
  /** Limits the token to sessions: ids, or names of rooms. */
  sessions?: readonly (number | string)[];
  /** `attributes` of the user's messages: at most 10 strings, with 1,024 bytes of names and values. */
  attributes?: Readonly<Record<string, string>>;
  accountCreated?: Time;
  /** At most 50 characters. `gold`, `silver` and `bronze` make the user a winner (`is_winner`). */
  badge?: string;
  /** `profile_pic` of the user's messages: an `https:` address of at most 2,048 bytes. */
  picture?: string;
  /** How long the token is good, in seconds; by default twelve hours. */
  expiresIn?: number;
  /** By default now. */
  issuedAt?: Time;
  notBefore?: Time;
  /** `JWT_ISSUER` of the deployment. */
  issuer?: string;
  /** `JWT_AUDIENCE` of the deployment. */
  audience?: string | readonly string[];
  /** `kid`: the id of the key in the key set. */
  keyId?: string;
}

/**
 * A token for a user, signed by HS256 with a secret, else by RS256, ES256, ES384 or EdDSA as the private key demands.
 *
 * Throws a `TypeError` for what the chat would refuse, and for a claim that it would not use.
 */
export function createToken(options: TokenOptions, key: TokenKey): string;

export interface ServiceTokenOptions {
  /** The name of the server, which the audit log has as the actor. */
  sub: string;
  /** The name that people read there; by default the same. */
  name?: string;
  /** By default all but `audit`. */
  capabilities?: readonly Capability[];
  sessions?: readonly (number | string)[];
  /** In seconds; 300 at most, and by default. */
  expiresIn?: number;
}

/** A token for one of the operator's servers, signed with `LIVE_CHAT_SERVICE_SECRET`. Throws a `TypeError` as `createToken` does. */
export function createServiceToken(options: ServiceTokenOptions, secret: string | Uint8Array | KeyObjectLike): string;

/** What `fetch` answers, as far as it is read. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

export type Fetch = (
  url: string,
  request: { method: string; headers: Record<string, string>; body?: string; redirect: 'manual'; signal: HostAbortSignal },
) => Promise<FetchResponse>;

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  setTimeout(action: () => void, waitMs: number): unknown;
  clearTimeout(timer: any): void;
}

export interface LiveChatServerOptions {
  /** The address of the chat, such as `https://chat.example.org`. */
  baseUrl: string;
  /** `LIVE_CHAT_SERVICE_SECRET`: each call has a token of its own. */
  serviceSecret?: string | Uint8Array | KeyObjectLike;
  /** The name of this server, with `serviceSecret`; by default `server`. */
  name?: string;
  /** Instead of `serviceSecret`: a token, or a function that fetches one, for each call and again when it is refused. */
  token?: string | (() => string | Promise<string>);
  /** How often a call that failed for a passing reason is repeated; 4 by default. */
  retries?: number;
  /** For each try; 30,000 by default. */
  timeoutMs?: number;
  /** By default the global one. */
  fetch?: Fetch;
  /** For tests. */
  clock?: Clock;
  /** For tests: numbers from 0 to 1. */
  random?: () => number;
}

/** What every call may have. */
export interface CallOptions {
  /** Ends the call, which rejects with the signal's reason then. */
  signal?: HostAbortSignal;
}

/** What every act may have. */
export interface ActCallOptions extends CallOptions {
  /** The person for whom this server acts. The log names this person as the actor. */
  actingFor?: { userId: string; username?: string };
}

/** Every act and every list of staff, and the sessions of all rooms. Each method rejects with a `LiveChatError`. */
export class LiveChatServer {
  constructor(options: LiveChatServerOptions);
  readonly sessions: Sessions<CallOptions, ActCallOptions>;
}
export interface LiveChatServer extends Moderation<CallOptions, ActCallOptions> {}

export class LiveChatError extends Error {
  readonly name: 'LiveChatError';
  /**
   * The chat's own code (`forbidden`, `conflict`, `not_found`, `rate_limited`, …), or one of this package: `network`, `timeout`,
   * `token_unavailable`, `invalid_answer`, `http_…`.
   */
  readonly code: string;
  /** For people; the same as `message`. */
  readonly detail: string;
  /** The HTTP status, if there was an answer. */
  readonly status?: number;
  /** In seconds, if the chat told it. */
  readonly retryAfter?: number;
  /** The problem details (RFC 9457) of the answer, if it had any. */
  readonly problem?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  constructor(code: string, detail: string, more?: { status?: number; retryAfter?: number; problem?: object; cause?: unknown });
}

interface AbortSignalLike {
  readonly aborted: boolean;
}
