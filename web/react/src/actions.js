// The calls of a component. They stay the same functions, whatever chat is the current one.

import { ChatError } from '@live-chat/client';

/** Methods of the client. */
const CALLS = ['connect', 'likeSession', 'unlike', 'likeMessage', 'unlikeMessage', 'deleteMessage', 'report', 'getMessages'];

export function actionsOf(currentStore) {
  const act = (call) => {
    const store = currentStore();
    return store.chat ? call(store, store.chat) : notConnected();
  };
  const calls = CALLS.map((name) => [name, (...args) => act((_, chat) => chat[name](...args))]);
  return { ...Object.fromEntries(calls), sendMessage: (text, details) => act((store) => store.send(text, details)) };
}

/** As in the client, where the application need not await a message. */
function notConnected() {
  const refused = Promise.reject(new ChatError('not_connected', 'The chat is not connected: it has no token, or is not mounted'));
  refused.catch(() => {});
  return refused;
}
