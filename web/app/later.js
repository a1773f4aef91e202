// Parts of the chat whose code comes later.

import { contained } from './dom.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 16_000;

/**
 * Stands for an object that `make` resolves with: takes calls of its methods, and makes them once it is there, in order. The first of
 * them calls `make`, except `stop`: there is nothing to stop yet. If `make` fails, the calls are dropped, and the next one tries again.
 */
export function later(make) {
  const calls = [];
  let made;
  let making;
  const begin = async () => {
    try {
      made = await make();
      for (const [name, args] of calls) contained(() => made[name](...args));
    } catch (error) {
      console.error(error);
      making = undefined;
    }
    calls.length = 0;
  };
  const call = (name, args) => {
    if (made) return made[name](...args);
    if (!making && name === 'stop') return undefined;
    calls.push([name, args]);
    making ??= begin();
    return undefined;
  };
  return new Proxy(calls, { get: (_, name) => (...args) => call(name, args) });
}

/** Calls `make` once, and gives what it resolves with each time; after a failure, it is called anew. */
export function once(make) {
  let made;
  return () =>
    (made ??= make().catch((error) => {
      made = undefined;
      throw error;
    }));
}

/** Loads code, and tries again after each failure, which `onFailure` is told. Once the signal has aborted, it never resolves. */
export async function loaded(load, { signal, onFailure }) {
  for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      const code = await load();
      if (!signal.aborted) return code;
    } catch (error) {
      if (!signal.aborted) onFailure(error);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return new Promise(() => {});
}
