// One chat for React: it is connected while somebody subscribes, and its snapshot changes at most once a frame.

import { LiveChat } from '@live-chat/client';

import { Frame } from './frame.js';
import { OwnMessages } from './own-messages.js';
import { Snapshots, emptySnapshot } from './snapshots.js';

/** The events after which a snapshot may differ. */
const CHANGES = [
  ...['state', 'session', 'standing', 'modes', 'clickableLinks', 'pins', 'poll', 'draw', 'reactions', 'question', 'error', 'viewers', 'likes', 'messageLikes'],
  ...['message', 'deleted', 'purged', 'cleared', 'restored', 'pending', 'failed', 'approved', 'denied'],
];

export class ChatStore {
  #options;
  #first;
  #snapshots;
  #frame = new Frame(() => this.#show());
  #listeners = new Set();
  #closing;
  #own;
  #error = null;

  /** Has no effect before somebody subscribes: React may call a component and drop the result. */
  constructor(options) {
    this.#options = options;
    this.#first = emptySnapshot(Boolean(options.token));
    this.#snapshots = new Snapshots(this.#first);
    /** The client, from the first subscription on. */
    this.chat = null;
  }

  snapshot = () => this.#snapshots.last;

  /** For servers, and for the first render in the browser, which must be equal. */
  firstSnapshot = () => this.#first;

  subscribe = (listener) => {
    this.#listeners.add(listener);
    clearTimeout(this.#closing);
    if (this.#options.token) this.#open();
    return () => {
      this.#listeners.delete(listener);
      // React's strict mode unsubscribes and subscribes at once, and keeps the socket.
      if (this.#listeners.size === 0) this.#closing = setTimeout(() => this.#close());
    };
  };

  send(text, details) {
    const acknowledged = this.chat.sendMessage(text, details);
    const hear = (ack) => {
      this.#own.acknowledge(ack);
      this.#frame.ask();
    };
    // A failure is an event.
    acknowledged.then(hear, () => {});
    return acknowledged;
  }

  #open() {
    this.chat ??= this.#create();
    // The states tell whether it succeeds.
    this.chat.connect().catch(() => {});
    this.#frame.ask();
  }

  #create() {
    const chat = new LiveChat(this.#options);
    this.#own = new OwnMessages(chat);
    chat.addEventListener('state', ({ detail }) => (this.#error = detail.reason ?? null));
    chat.addEventListener('error', ({ detail }) => (this.#error = chat.state === 'live' ? null : detail));
    for (const type of CHANGES) chat.addEventListener(type, () => this.#frame.ask());
    return chat;
  }

  #close() {
    this.chat?.close();
    this.#frame.drop();
  }

  #show() {
    const { chat } = this;
    this.#snapshots.take(chat, { own: this.#own.list(chat.pending), error: this.#error });
    for (const listener of [...this.#listeners]) listener();
  }
}
