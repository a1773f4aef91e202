// The visitor's own messages, from the field until they are in the log.

import { PendingList } from './pending-list.js';

export class Outgoing {
  #chat;
  #composer;
  #pending;
  #onTaken;

  /** `claims` gives those of the newest token; `onAdd` is called when a message is shown, `onTaken` when the chat has taken one. */
  constructor({ view, chat, composer, claims, onAdd, onTaken, onUnfold, signal }) {
    this.#chat = chat;
    this.#composer = composer;
    this.#onTaken = onTaken;
    this.#pending = new PendingList({ view, claims, onRetry: (...message) => this.send(...message), onEdit: (...message) => composer.edit(...message), onUnfold });
    const on = (type, action) => chat.addEventListener(type, ({ detail }) => action(detail), { signal });
    on('message', (message) => this.#pending.settle(message.client_message_id));
    on('pending', (message) => {
      this.#pending.add(message);
      onAdd();
    });
    on('failed', (failure) => this.#pending.fail(failure));
    on('denied', ({ client_message_id, reason }) => this.#pending.fail({ client_message_id, code: reason }));
    on('deleted', ({ message_id, client_message_id }) => this.#pending.forget(message_id, client_message_id));
  }

  /** Returns whether the chat has accepted the text, with the details of `sendMessage`; if so, the event `pending` has shown it. */
  send(text, details) {
    if (this.#chat.state === 'ended') return false;
    // The event `failed` shows a failure.
    this.#chat.sendMessage(text, details).then((ack) => this.#acknowledged(ack), () => {});
    return true;
  }

  /** The messages that have arrived are drawn now. */
  drop() {
    this.#pending.drop();
  }

  /** Unsent texts return to the field and are not lost. */
  takeBack() {
    this.#composer.takeBack(this.#pending.unsent);
    this.#pending.clear();
  }

  #acknowledged({ client_message_id, message_id, status }) {
    this.#onTaken();
    if (status === 'held') this.#pending.hold(client_message_id);
    else if (status === 'denied' || status === 'expired') this.#pending.fail({ client_message_id, code: status });
    else this.#pending.acknowledge(client_message_id, message_id);
  }
}
