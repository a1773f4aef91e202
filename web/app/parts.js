// The parts of a room whose code is loaded when they are needed, or while the chat connects.

import { later, loaded } from './later.js';

/**
 * `{ log, rules, sessionLike, hearts, waiting, refreshOlder }`. `onMissing` is called when the code of a part that must come cannot be
 * loaded, `onLoaded` once it is. Besides, `ofLog` is what `logOf` needs, `ofRules` what `Rules` does, and `ofLike` what `SessionLike` does.
 */
export function partsOf({ view, chat, banner, startsAt, signal, onMissing, onLoaded, ofLog, ofRules, ofLike }) {
  const load = async (code) => {
    const part = await loaded(code, { signal, onFailure: onMissing });
    onLoaded();
    return part;
  };
  const live = load(() => import('./live.js'));
  const made = live.then(({ logOf }) => logOf({ view, chat, signal, ...ofLog }));
  const log = later(() => made);
  const hearts = later(async () => new (await import('./hearts.js')).Hearts(view));
  return {
    log,
    hearts,
    rules: later(async () => new (await live).Rules({ view, chat, signal, ...ofRules })),
    sessionLike: later(async () => new (await live).SessionLike({ view, chat, signal, hearts, ...ofLike })),
    waiting: later(async () => new (await load(() => import('./waiting.js'))).Waiting({ words: view.words, chat, banner, startsAt })),
    refreshOlder: async () => (await import('./log-refresh.js')).refreshOlder({ chat, log, signal }),
  };
}
