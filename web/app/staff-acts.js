// Acts of staff on many at once, and the way back. The console and the menu of a message share them.

/** The most ids that the chat takes at once (docs/contract.md, Moderation). */
const AT_ONCE = 100;

/** Makes a call for all ids, one part after the other. `{ actions, refused }` as in the answers. */
export async function inParts(ids, call) {
  const whole = { actions: [], refused: [] };
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    try {
      const { actions, refused } = await call(ids.slice(from, from + AT_ONCE));
      whole.actions.push(...actions);
      whole.refused.push(...refused);
    } catch (error) {
      // All of this part are gone already; the next one may not be.
      if (error.code !== 'not_found') throw error;
      whole.refused.push(...ids.slice(from, from + AT_ONCE).map((id) => ({ id, code: error.code })));
    }
  }
  return whole;
}

/** Brings back what acts took out. An act that took nothing has nothing to bring back. */
export async function restore(moderate, actions) {
  for (const { id } of actions) {
    await moderate.restore(id).catch((error) => {
      if (error.code !== 'conflict') throw error;
    });
  }
}

/** Lifts sanctions; `tookMessages` is whether they took the messages out as well. */
export async function liftAll(moderate, actions, tookMessages) {
  await inParts(actions.map(({ target }) => target.user_id), (part) => moderate.lift(part));
  if (tookMessages) await restore(moderate, actions);
}
