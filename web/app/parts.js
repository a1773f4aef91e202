// The parts of a room whose code is loaded when they are needed, or, that of the log, while the chat connects.

import { later, loaded } from './later.js';

/**
 * `{ log, hearts, waiting, refreshOlder }`. `onMissing` is called when the code of a part that must come cannot be loaded, `onLoaded` once
 * it is; `ofLog` is what `logOf` needs besides.
 */
export function partsOf({ view, chat, banner, startsAt, signal, onMissing, onLoaded, ofLog }) {
  const load = async (code) => {
    const part = await loaded(code, { signal, onFailure: onMissing });
    onLoaded();
    return part;
  };
  const made = load(() => import('./log.js')).then(({ logOf }) => logOf({ view, chat, signal, ...ofLog }));
  const log = later(() => made);
  return {
    log,
    hearts: later(async () => new (await import('./hearts.js')).Hearts(view)),
    waiting: later(async () => new (await load(() => import('./waiting.js'))).Waiting({ words: view.words, chat, banner, startsAt })),
    refreshOlder: async () => (await import('./log-refresh.js')).refreshOlder({ chat, log, signal }),
  };
}
