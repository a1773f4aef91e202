// Tries of a call, again and again for as long as its failure may pass.

import { LiveChatError } from './live-chat-error.js';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8_000;
/** The chat asks for a minute at most. */
const LONGEST_RETRY_AFTER_S = 60;
/** The call was throttled, or it is not known what became of it. Every call may be repeated: acts have a key of their own. */
const PASSING = [429, 500, 502, 503, 504];

/** Calls `attempt` until it succeeds, at most `retries` times more. Each failure is a `LiveChatError`. */
export async function tried(attempt, { retries, clock, random, signal }) {
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (failures >= retries || !mayPass(error)) throw error;
      await pause(waitAfter(error, failures, random), clock, signal);
    }
  }
}

function mayPass(error) {
  if (!(error instanceof LiveChatError)) return false;
  const isLost = error.code === 'network' || error.code === 'timeout';
  return isLost || (PASSING.includes(error.status) && !(error.retryAfter > LONGEST_RETRY_AFTER_S));
}

/** In milliseconds: random up to a bound that doubles, so that servers that fail together do not retry together; never before `Retry-After`. */
function waitAfter(error, failures, random) {
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
  return (error.retryAfter ?? 0) * 1000 + random() * most;
}

/** Resolves after a wait; rejects with the signal's reason if that is aborted before. */
function pause(ms, clock, signal) {
  return new Promise((resolve, reject) => {
    const end = () => {
      clock.clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
