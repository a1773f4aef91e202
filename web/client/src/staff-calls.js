// The calls of staff, with their tries. moderate.js loads this file.

import { Backoff } from './backoff.js';
import { Moderation } from './moderation.js';
import { withQuery } from './rest.js';

const MOST_TRIES = 3;
/** A person waits for the answer. */
const LONGEST_WAIT_MS = 15_000;
/** It is not known what became of the call. It may be repeated: each act has a key of its own. */
const PASSING = ['network', 'unavailable'];

/** The calls of staff over these REST calls. `newId` makes the keys of acts. */
export function staffCalls(rest, { clock, random, newId }) {
  return new Moderation(async (method, path, { query = {}, body, ifMatch }, options) => {
    const [other] = Object.keys(options);
    if (other !== undefined) throw new TypeError(`This call has no option ${other}`);
    const headers = ifMatch === undefined ? {} : { 'If-Match': ifMatch };
    const backoff = new Backoff(random);
    for (let tries = 1; ; tries += 1) {
      try {
        return await rest.exchange(method, withQuery(path, query), { body, headers });
      } catch (error) {
        const wait = Math.max(error.retryAfterMs ?? 0, backoff.next());
        if (tries === MOST_TRIES || !PASSING.includes(error.code) || wait > LONGEST_WAIT_MS) throw error;
        await new Promise((resolve) => clock.setTimeout(resolve, wait));
      }
    }
  }, newId);
}
