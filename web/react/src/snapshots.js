// Immutable snapshots of a chat. Whatever has not changed since the previous one is the same object, so that `memo` works.

/** What there is before a chat connects, and on a server. */
export const emptySnapshot = (hasToken) =>
  Object.freeze({
    chat: null,
    state: hasToken ? 'connecting' : 'ended',
    error: null,
    session: null,
    modes: null,
    standing: null,
    messages: Object.freeze([]),
    pending: Object.freeze([]),
    viewers: 0,
    likes: 0,
    userId: undefined,
  });

export class Snapshots {
  #last;
  #copies = new Map();

  constructor(first) {
    this.#last = first;
  }

  /** The newest one; the same as before if nothing has changed. */
  get last() {
    return this.#last;
  }

  take(chat, { own, error }) {
    const last = this.#last;
    const { state, standing, viewers, likes, userId } = chat;
    const session = chat.session && same(last.session, chat.session);
    const messages = sameList(last.messages, this.#messages(chat));
    const modes = session?.modes ?? null;
    const earlier = new Map(last.pending.map((message) => [message.client_message_id, message]));
    const pending = sameList(last.pending, own.map((message) => same(earlier.get(message.client_message_id), message)));
    this.#last = same(last, { chat, state, error, session, modes, standing, messages, pending, viewers, likes, userId });
  }

  /** The client keeps its messages up to date in place, so the snapshot has copies. */
  #messages(chat) {
    const entries = [...chat.messages].map(([id, message]) => [id, same(this.#copies.get(id), message)]);
    this.#copies = new Map(entries);
    return [...this.#copies.values()];
  }
}

/** The earlier object if it has the same values, or else a frozen copy. */
function same(earlier, now) {
  const names = Object.keys(now);
  const isSame = earlier && names.length === Object.keys(earlier).length && names.every((name) => Object.is(earlier[name], now[name]));
  return isSame ? earlier : Object.freeze({ ...now });
}

function sameList(earlier, now) {
  return earlier.length === now.length && now.every((item, at) => item === earlier[at]) ? earlier : Object.freeze(now);
}
