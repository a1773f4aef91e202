// What holds of whom, as far as the console has heard: shown beside names.

/** What an act makes of a user; null ends it. */
const STATES = { timeout: 'timed_out', ban: 'banned', shadow_ban: 'shadow_banned', lift: null };
/** Beyond so many pages of sanctions, only new ones are shown beside names. */
const MOST_PAGES = 5;

export class People extends EventTarget {
  #states = new Map();

  async load(moderate) {
    const states = new Map();
    let before;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const { sanctions, next_before: next } = await moderate.sanctions({ limit: 100, before });
      // The newest act comes first, and a ban outweighs a time-out.
      for (const { user_id: id, state, until } of sanctions) {
        if (id !== null && (!states.has(id) || state === 'banned')) states.set(id, { state, until });
      }
      before = next ?? undefined;
      if (before === undefined) break;
    }
    this.#states = states;
    this.#changed();
  }

  /** `banned`, `timed_out`, `shadow_banned`; undefined if nothing holds. */
  stateOf(userId) {
    const { state, until } = this.#states.get(userId) ?? {};
    return until && Date.parse(until) < Date.now() ? undefined : state;
  }

  /** An act of staff. */
  hear({ action, target, until }) {
    if (!Object.hasOwn(STATES, action) || !target.user_id) return;
    if (STATES[action] === null) this.#states.delete(target.user_id);
    else this.#states.set(target.user_id, { state: STATES[action], until });
    this.#changed(target.user_id);
  }

  #changed(userId) {
    this.dispatchEvent(Object.assign(new Event('change'), { userId }));
  }
}
