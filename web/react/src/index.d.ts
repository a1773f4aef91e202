import type { ChatError, ChatEvents, LiveChat as Client, LiveChatOptions, Message, Modes, PendingMessage, Session, Standing, State, TokenSource } from '@live-chat/client';
import type { CSSProperties, ForwardRefExoticComponent, ReactNode, RefAttributes } from 'react';

/** Those of the client. */
export interface UseLiveChatOptions extends Omit<LiveChatOptions, 'token'> {
  /**
   * A JWT, or a function that fetches one. Without a token, there is no connection: the user has not signed in yet.
   * Another string starts over, for it may be another user's. A function may be written inline: the newest is called.
   */
  token: TokenSource | null | undefined;
}

/** An own message that has not arrived yet. */
export interface OwnMessage extends Readonly<PendingMessage> {
  /** `sent`: the chat has stored it, and it arrives in a moment. `held`: it waits for a decision of staff. */
  readonly status: 'sending' | 'sent' | 'held';
}

/** What is known at one moment. It never changes; what is equal in the next snapshot is the same object there. */
export interface ChatSnapshot {
  /** The client, for events and for calls that the hook has not; null before the component is mounted. */
  readonly chat: Client | null;
  readonly state: State;
  /** Why the chat is not live, if something went wrong. */
  readonly error: ChatError | null;
  readonly session: Readonly<Session> | null;
  /** The modes in force; null if there are none, or no session. */
  readonly modes: Modes | null;
  /** What holds of this user; null before the chat is connected. */
  readonly standing: Standing | null;
  /** In order, oldest first. */
  readonly messages: readonly Readonly<Message>[];
  /** Own messages that are not among `messages` yet, oldest first. */
  readonly pending: readonly OwnMessage[];
  readonly viewers: number;
  readonly likes: number;
  /** The token's user, once there is a token. */
  readonly userId: string | undefined;
}

/** The client's methods. They stay the same functions for the life of the component. */
export type ChatActions = Pick<
  Client,
  'connect' | 'sendMessage' | 'likeSession' | 'unlike' | 'likeMessage' | 'unlikeMessage' | 'deleteMessage' | 'report' | 'getMessages'
>;

/**
 * Connects to the chat while the component is mounted. It renders at most once a frame, however much happens.
 * Changed options start over; functions and objects among them count as unchanged.
 */
export function useLiveChat(options: UseLiveChatOptions): ChatSnapshot & ChatActions;

/** The element, as `ref` has it. Its methods are there once its code is loaded: after `onReady`, for example. */
export interface LiveChatElement extends HTMLElement {
  /** The running client; undefined outside of a chat. */
  readonly client: Client | undefined;
  readonly user: { sub: string; name?: string; picture?: string; roles: string[] } | undefined;
  sendMessage(...message: Parameters<Client['sendMessage']>): ReturnType<Client['sendMessage']>;
  /** Shows a sentence at the field. */
  notify(text: string): void;
  disconnect(): void;
}

type Listener<Detail> = (event: CustomEvent<Detail>) => void;

/** What `<live-chat>` can be told: its attributes, its properties, and a callback for each of its events. */
export interface LiveChatProps {
  /** A JWT, or a function that fetches one; without it, the chat is not entered. A function may be written inline: the newest is called. */
  token?: TokenSource | null;
  /** The base URL of the chat, from which the element's code comes, too. By default the page's origin. */
  baseUrl?: string;
  /** The room whose sessions are joined, one after the other; by default `main`. */
  room?: string;
  /** Instead of `room`: the session to join. */
  session?: number;
  layout?: 'compact' | 'comfortable';
  /**
   * Whose addresses become links, where the page is to differ from the server: `staff` (messages of hosts and moderators), `all` or `none`; and further
   * domains whose addresses become links, whoever writes them.
   */
  links?: string;
  theme?: 'light' | 'dark';
  lang?: string;
  dir?: 'ltr' | 'rtl';
  autoFocus?: boolean;
  maxMessageLength?: number;
  /** Separated by commas. */
  pictureHosts?: string;
  /** Texts in place of the element's own. Keep the object: another one shows the chat anew. */
  strings?: Readonly<Record<string, unknown>>;
  id?: string;
  className?: string;
  style?: CSSProperties;
  /** What goes into its slots. */
  children?: ReactNode;
  onReady?: Listener<null>;
  onName?: Listener<{ name?: string }>;
  onEnded?: Listener<{ code: string }>;
  onState?: Listener<ChatEvents['state']['detail']>;
  onSession?: Listener<ChatEvents['session']['detail']>;
  onMessage?: Listener<ChatEvents['message']['detail']>;
  /** The application of a host tells something that is no message. */
  onEvent?: Listener<ChatEvents['event']['detail']>;
  onDeleted?: Listener<ChatEvents['deleted']['detail']>;
  onViewers?: Listener<ChatEvents['viewers']['detail']>;
  onLikes?: Listener<ChatEvents['likes']['detail']>;
  /** Also if the element's code cannot be loaded. */
  onError?: Listener<ChatEvents['error']['detail'] | Error>;
}

/** The whole chat: the element `<live-chat>`, whose code comes from the chat itself. */
export const LiveChat: ForwardRefExoticComponent<LiveChatProps & RefAttributes<LiveChatElement>>;
