// Notices: frames about moderation, each meant for staff, for this user or for everybody. And states that stand in a frame as in an event.

/** How many ids are remembered. A repeat follows a crash of the broadcast, soon after the first. */
const REMEMBERED = 500;

/** The event of each type, and the fields of its detail. */
const EVENTS = {
  moderation_action: ['moderation', 'action'],
  message_held: ['held', 'held'],
  held_resolved: ['heldResolved', 'held_id', 'decision', 'message_id'],
  message_reported: ['reported', 'message_id', 'reports', 'reasons'],
  message_approved: ['approved', 'held_id', 'client_message_id', 'message_id'],
  message_denied: ['denied', 'held_id', 'client_message_id', 'reason'],
  standing_update: ['standing', 'standing'],
  modes_update: ['modes', 'modes'],
  clickable_links_update: ['clickableLinks', 'clickable_links'],
  question_update: ['question', 'message_id', 'answered'],
  pins_update: ['pins', 'pins'],
  poll_update: ['poll', 'poll'],
  draw_update: ['draw', 'draw'],
};

export class Notices {
  #emit;
  #heard = new Set();

  constructor({ emit }) {
    this.#emit = emit;
  }

  /** Emits a notice, unless it was heard before. Other frames are ignored. */
  hear(frame) {
    if (!Object.hasOwn(EVENTS, frame.type) || this.#isRepeat(frame.notice_id)) return;
    const [type, ...fields] = EVENTS[frame.type];
    this.#emit(type, Object.fromEntries(fields.map((field) => [field, frame[field]])));
  }

  #isRepeat(id) {
    if (id === undefined) return false;
    if (this.#heard.has(id)) return true;
    this.#heard.add(id);
    if (this.#heard.size > REMEMBERED) this.#heard.delete(this.#heard.values().next().value);
    return false;
  }
}
