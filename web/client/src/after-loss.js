// What a loss leaves to look up. Most viewers never lose their connection, so the code for it is loaded after a loss.

import { failLoading } from './chat-error.js';

/** Begins as soon as the code is there, unless the socket `wire` is lost by then, too; then the next one begins. */
export async function lookUp(run, wire, { onError, random, ...of }) {
  try {
    const { Refresh } = await import('./refresh.js').catch(failLoading);
    if (run.isOver || run.current !== wire) return;
    // One that knows what was missed does this, too.
    if (of.last === undefined && run.refresh) return;
    run.refresh = new Refresh(of);
    run.refresh.go(run, { random, onError });
  } catch (error) {
    if (!run.isOver) onError(error);
  }
}
