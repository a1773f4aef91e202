import type { ChatError, LiveChat, LiveChatOptions, Message, Modes, PendingMessage, Session, Standing, State, TokenSource } from '@live-chat/client';

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
  readonly chat: LiveChat | null;
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
  LiveChat,
  'connect' | 'sendMessage' | 'likeSession' | 'unlike' | 'likeMessage' | 'unlikeMessage' | 'deleteMessage' | 'report' | 'getMessages'
>;

/**
 * Connects to the chat while the component is mounted. It renders at most once a frame, however much happens.
 * Changed options start over; functions and objects among them count as unchanged.
 */
export function useLiveChat(options: UseLiveChatOptions): ChatSnapshot & ChatActions;
