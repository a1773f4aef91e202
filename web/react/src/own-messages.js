// Own messages from the moment they are sent until they arrive, so that a component always shows each of them once.

export class OwnMessages {
  #byKey = new Map();

  constructor(chat) {
    const drop = ({ detail }) => this.#byKey.delete(detail.client_message_id);
    chat.addEventListener('pending', ({ detail }) => this.#byKey.set(detail.client_message_id, { message: detail }));
    for (const type of ['message', 'failed', 'denied', 'deleted']) chat.addEventListener(type, drop);
    // A message that is deleted before it arrives is known by its id alone.
    chat.addEventListener('deleted', ({ detail }) => this.#keepOnly(({ messageId }) => messageId !== detail.message_id));
    // What was stored in another session, or has not arrived when the chat ends, never arrives.
    const keepUnsent = () => {
      const unsent = keysOf(chat.pending);
      this.#keepOnly((_, key) => unsent.has(key));
    };
    chat.addEventListener('session', keepUnsent);
    chat.addEventListener('state', ({ detail }) => detail.state === 'ended' && keepUnsent());
  }

  /** Takes the `ack` of a message, which no event tells. */
  acknowledge({ client_message_id: key, message_id: messageId, status }) {
    const own = this.#byKey.get(key);
    if (own) Object.assign(own, { messageId, isHeld: status === 'held' });
    // It was sent again, and the decision had been made.
    if (status === 'denied' || status === 'expired') this.#byKey.delete(key);
  }

  /** With each one's `status`, oldest first; `unacknowledged` is the client's `pending`. */
  list(unacknowledged) {
    const waiting = keysOf(unacknowledged);
    const status = (key, isHeld) => (waiting.has(key) ? 'sending' : isHeld ? 'held' : 'sent');
    return [...this.#byKey].map(([key, { message, isHeld }]) => ({ ...message, status: status(key, isHeld) }));
  }

  #keepOnly(isKept) {
    for (const [key, own] of this.#byKey) if (!isKept(own, key)) this.#byKey.delete(key);
  }
}

const keysOf = (messages) => new Set(messages.map(({ client_message_id }) => client_message_id));
