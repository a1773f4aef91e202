// `chat.moderate`: the calls of staff. Their code is loaded by the first of them, so viewers never fetch it.

import { ChatError } from './chat-error.js';

/** The methods of `Moderation`; a test holds them equal. */
const METHODS = [
  ...['delete', 'timeout', 'ban', 'shadowBan', 'lift', 'disconnect', 'purge', 'clear', 'restore', 'note', 'revokeTokens'],
  ...['approve', 'deny', 'dismissReports', 'setModes', 'shield', 'pin', 'unpin', 'announce'],
  ...['log', 'action', 'message', 'user', 'users', 'sanctions', 'held', 'reports', 'terms', 'putTerms', 'testTerms', 'presets', 'putPresets'],
];

/** The calls of staff over these REST calls. */
export function moderateOver(rest, tools) {
  let loading;
  const load = () => (loading ??= import('./staff-calls.js').catch(failed));
  const failed = (cause) => {
    // The next call tries again. Older versions of Firefox and Safari remember the failure until the page is loaded anew.
    loading = undefined;
    throw new ChatError('network', 'The code for moderators cannot be loaded', { cause });
  };
  let calls;
  const call = async (name, given) => (calls ??= (await load()).staffCalls(rest, tools))[name](...given);
  return Object.freeze(Object.fromEntries(METHODS.map((name) => [name, (...given) => call(name, given)])));
}
