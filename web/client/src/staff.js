// `chat.moderate` and `chat.sessions`: the calls of staff. Their code is loaded by the first of them, so viewers never fetch it.

import { failLoading } from './chat-error.js';

/** The methods of `Moderation` and of `Sessions`; a test holds them equal. */
const METHODS = {
  moderate: [
    ...['delete', 'timeout', 'ban', 'shadowBan', 'lift', 'disconnect', 'purge', 'clear', 'restore', 'note', 'revokeTokens', 'erase'],
    ...['approve', 'deny', 'dismissReports', 'pin', 'unpin', 'markAnswered', 'announce', 'sendEvent', 'startPoll', 'closePoll', 'startDraw', 'revealDraw', 'redraw', 'setModes', 'shield'],
    ...['log', 'action', 'message', 'user', 'users', 'sanctions', 'held', 'reports', 'terms', 'putTerms', 'testTerms', 'presets', 'putPresets'],
  ],
  sessions: ['list', 'get', 'create', 'update', 'end', 'exportPages', 'exportSession'],
};

/** `{ moderate, sessions }`: the calls of staff over these REST calls. */
export function staffOver(rest, tools) {
  let loading;
  const load = () => (loading ??= import('./staff-calls.js').catch(failed));
  const failed = (cause) => {
    // The next call tries again. Older versions of Firefox and Safari remember the failure until the page is loaded anew.
    loading = undefined;
    failLoading(cause);
  };
  let calls;
  const call = async (kind, name, given) => (calls ??= (await load()).staffCalls(rest, tools))[kind][name](...given);
  const methodsOf = ([kind, names]) => [kind, Object.freeze(Object.fromEntries(names.map((name) => [name, (...given) => call(kind, name, given)])))];
  return Object.fromEntries(Object.entries(METHODS).map(methodsOf));
}
