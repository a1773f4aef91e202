// What a loss leaves to look up. Most viewers never lose their connection, so the code for it is loaded after a loss.

import { ChatError } from './chat-error.js';

/** Begins as soon as the code is there, unless the socket `wire` is lost by then, too; then the next one begins. */
export async function lookUp(run, wire, { onError, random, ...of }) {
  try {
    const { Refresh } = await import('./refresh.js');
    if (run.isOver || run.current !== wire) return;
    run.refresh = new Refresh(of);
    run.refresh.go(run, { random, onError });
  } catch (cause) {
    if (!run.isOver) onError(new ChatError('network', 'The code that looks up what was missed cannot be loaded', { cause }));
  }
}
