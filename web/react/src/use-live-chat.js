// The hook: a store for as long as the options stay the same, and what a component reads and calls of it.

import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';

import { actionsOf } from './actions.js';
import { ChatStore } from './chat-store.js';

export function useLiveChat(options) {
  const newest = useRef(options);
  // A token function is often written inline, and new at each render: the next call goes to the newest, and nothing starts over.
  const fetchToken = () => newest.current.token();
  const store = useMemo(
    () => new ChatStore({ ...options, token: typeof options.token === 'function' ? fetchToken : options.token }),
    [identity(options)],
  );
  const current = useRef(store);
  // Before the effect of `useSyncExternalStore`, which connects.
  useEffect(() => {
    newest.current = options;
    current.current = store;
  });
  const snapshot = useSyncExternalStore(store.subscribe, store.snapshot, store.firstSnapshot);
  const actions = useMemo(() => actionsOf(() => current.current), []);
  return useMemo(() => ({ ...snapshot, ...actions }), [snapshot, actions]);
}

/** What two options must share for one chat: the values as they are; of functions and objects only that they are there. */
function identity(options) {
  const values = Object.entries(options).map(([name, value]) => [name, value instanceof Object ? typeof value : value]);
  return JSON.stringify(values.filter(([, value]) => value !== undefined).sort());
}
