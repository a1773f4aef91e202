// The form that opens or schedules a session, or changes one.

import { $, setText } from './elements.js';
import { wordsFor } from './notice.js';
import { isEndless } from './session-row.js';
import { words } from './words.js';

/** The limits by the names of their fields: in a session, and as an option of the client. */
const LIMITS = Object.entries({
  rate: ['messages_per_minute', 'messagesPerMinute'],
  length: ['max_message_length', 'maxMessageLength'],
  days: ['retention_days', 'retentionDays'],
});
/** Fields that cannot be changed later. */
const ONLY_NEW = ['room', 'start'];

export class SessionForm {
  #sessions;
  #room;
  #onDone;
  #session;
  /** Another one each time that the form opens: an answer that comes later changes nothing of it. */
  #turn;
  /** The fields when the form opened. */
  #before;

  /** `room` is that of new sessions; `onDone(session, isNew)` gets the session that the chat has made of it. */
  constructor({ sessions, room = 'main', onDone }) {
    this.#sessions = sessions;
    this.#room = room;
    this.#onDone = onDone;
    setText($('session-zone'), words.timeZone(Intl.DateTimeFormat().resolvedOptions().timeZone));
    $('session-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    $('session-no').addEventListener('click', () => $('session-dialog').close());
  }

  /** Shows the form for a session, or for a new one. */
  open(session) {
    this.#session = session;
    this.#turn = {};
    $('session-yes').setAttribute('aria-disabled', 'false');
    setText($('session-title'), session ? words.editTitle : words.newTitle);
    setText($('session-yes'), session ? words.save : words.createIt);
    setText($('session-problem'), '');
    for (const name of ONLY_NEW) $(`session-${name}-part`).hidden = Boolean(session);
    for (const [name, value] of Object.entries(session ? told(session) : { ...EMPTY, room: this.#room })) $(`session-${name}`).value = value;
    this.#before = this.#fields;
    $('session-dialog').showModal();
    $('session-name').focus();
  }

  get #fields() {
    return Object.fromEntries(Object.keys(EMPTY).map((name) => [name, $(`session-${name}`).value.trim()]));
  }

  async #send() {
    if ($('session-yes').getAttribute('aria-disabled') === 'true') return;
    const [session, turn] = [this.#session, this.#turn];
    const asked = session ? changed(this.#fields, this.#before) : wanted(this.#fields);
    if (session && Object.keys(asked).length === 0) return $('session-dialog').close();
    $('session-yes').setAttribute('aria-disabled', 'true');
    setText($('session-problem'), '');
    try {
      const made = session ? await this.#sessions.update(session.id, asked) : await this.#sessions.create(asked);
      if (turn === this.#turn) $('session-dialog').close();
      this.#onDone(made, !session);
    } catch (error) {
      if (!error.code) console.error(error);
      if (turn === this.#turn) setText($('session-problem'), wordsFor(error, words.sessionFailures));
    }
    if (turn === this.#turn) $('session-yes').setAttribute('aria-disabled', 'false');
  }
}

/** The fields of a new session, by their names. */
const EMPTY = { name: '', room: '', start: '', end: '', tags: '', rate: '', length: '', days: '' };

/** A session as the fields tell it. */
function told(session) {
  const limits = LIMITS.map(([field, [told]]) => [field, String(session[told])]);
  const { name, room, start_time: start, end_time: end, tags } = session;
  return { name, room, start: localTime(start), end: isEndless(session) ? '' : localTime(end), tags: tags.join(', '), ...Object.fromEntries(limits) };
}

/** The options of a new session. Empty fields are left to the chat. */
function wanted({ name, room, start, end, tags, ...limits }) {
  const options = { name, room: room || undefined, startTime: timeIn(start), endTime: timeIn(end), tags: tags ? listed(tags) : undefined };
  for (const [field, [, option]] of LIMITS) if (limits[field] !== '') options[option] = Number(limits[field]);
  return options;
}

/** The options of the changed fields. */
function changed(now, before) {
  const isNew = (field) => now[field] !== before[field];
  const options = {};
  if (isNew('name')) options.name = now.name;
  if (isNew('end')) options.endTime = timeIn(now.end) ?? null;
  if (isNew('tags')) options.tags = listed(now.tags);
  for (const [field, [, option]] of LIMITS) if (isNew(field)) options[option] = now[field] === '' ? null : Number(now[field]);
  return options;
}

const listed = (tags) => tags.split(',').map((tag) => tag.trim()).filter(Boolean);
const timeIn = (local) => (local === '' ? undefined : new Date(local));

/** A time as a field of the browser takes it: that of this device, in whole minutes. */
function localTime(at) {
  const date = new Date(at);
  return new Date(date - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
