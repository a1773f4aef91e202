// The source of messages that are not on the page: the client holds the newest, older ones are fetched.

export class History {
  #chat;

  constructor(chat) {
    this.#chat = chat;
  }

  /** The newest messages that the client has. */
  newest(count) {
    return [...this.#chat.messages.values()].slice(-count);
  }

  /** A page of messages before an id, and whether there may be more before them. */
  async older(id, count) {
    const known = [...this.#chat.messages.values()].filter((message) => message.id < id).slice(-count);
    if (known.length > 0) return { messages: known, hasMore: known[0].seq > 1 };
    const { messages, has_more: hasMore } = await this.#chat.getMessages({ before: id, mine: true });
    return { messages, hasMore };
  }

  /** A page of messages after an id, and whether there are more after them. */
  async newer(id, count) {
    const known = [...this.#chat.messages.values()];
    if (known.length > 0 && id < known[0].id) {
      const { messages } = await this.#chat.getMessages({ after: id, mine: true });
      // The messages after these are in the client or on the next page.
      if (messages.length > 0) return { messages, hasMore: true };
    }
    const after = known.filter((message) => message.id > id);
    return { messages: after.slice(0, count), hasMore: after.length > count };
  }
}
