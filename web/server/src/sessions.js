// The sessions of rooms: lists, calls that create, change and end them, and exports (docs/contract.md, Sessions and rooms, and Export).
//
// @live-chat/client and @live-chat/server each have this file, since neither needs the other; a test holds the two equal.

export class Sessions {
  #call;
  #newId;

  /** `call` and `newId` as for `Moderation`. */
  constructor(call, newId) {
    this.#call = call;
    this.#newId = newId;
  }

  /** A page of sessions, the newest first. */
  async list({ room, state, before, limit, ...options } = {}) {
    return this.#make('GET', 'sessions', { query: { room, state, before, limit } }, options);
  }

  /** One session. */
  async get(sessionId, options = {}) {
    return (await this.#make('GET', pathOf(sessionId), {}, options)).session;
  }

  /** Opens a session, or schedules it. */
  async create({ name, room, startTime, ...more } = {}) {
    const { fields, options } = settingsIn(more);
    return this.#change('POST', 'sessions', { name, room, start_time: timeOf(startTime), ...fields }, options);
  }

  /** Changes the named settings of a session; the others stay. */
  async update(sessionId, { name, ...more } = {}) {
    const { fields, options } = settingsIn(more);
    return this.#change('PATCH', pathOf(sessionId), { name, ...fields }, options);
  }

  /** Ends a session that is open, or cancels one that is scheduled. */
  async end(sessionId, options) {
    return this.#change('POST', `${pathOf(sessionId)}/end`, {}, options);
  }

  /**
   * The pages of an export, one after the other: the first of them is fetched at once. `{ text, readTo, upTo, sha256 }`, the last one with the sum of
   * all.
   */
  async exportPages(sessionId, { format = 'jsonl', after, includeDeleted, userId, start, ...options } = {}) {
    const path = `${pathOf(sessionId)}/export`;
    const asked = { format, after, include_deleted: includeDeleted, user_id: userId, start: start instanceof Date ? timeOf(start).toISOString() : start };
    const page = (query) => this.#call('GET', path, { query, isText: true }, options);
    return pagesFrom(await page(asked), page);
  }

  /** The records of an export, one after the other. Throws a `TypeError` if some are missing. */
  async exportSession(sessionId, options) {
    return recordsOf(await this.exportPages(sessionId, { ...options, format: 'jsonl' }));
  }

  async #change(method, path, fields, { reason, clientActionId = this.#newId(), ...options } = {}) {
    const body = { ...fields, reason, client_action_id: clientActionId };
    return (await this.#make(method, path, { body }, options)).session;
  }

  async #make(method, path, details, options) {
    return (await this.#call(method, path, details, options)).body;
  }
}

async function* pagesFrom(answer, fetchPage) {
  for (;;) {
    const header = (name) => answer.headers.get(name);
    const [readTo, upTo] = ['export-read-to', 'export-up-to'].map((name) => Number(header(name)));
    yield { text: answer.body, readTo, upTo, sha256: header('export-sha256') };
    const [, next] = /<\?([^>]*)>; *rel="?next"?/.exec(header('link') ?? '') ?? [];
    if (next === undefined) return;
    answer = await fetchPage(Object.fromEntries(new URLSearchParams(next)));
  }
}

async function* recordsOf(pages) {
  let count = 0;
  let isWhole = false;
  for await (const { text } of pages) {
    for (const line of text.split('\n')) {
      if (line === '') continue;
      const record = JSON.parse(line);
      isWhole = record.type === 'end' && record.count === count;
      count += 1;
      yield record;
    }
  }
  if (!isWhole) throw new TypeError('The export is not complete');
}

/** The path of a session. Any other text would be another call. */
function pathOf(sessionId) {
  if (!(Number.isSafeInteger(sessionId) && sessionId > 0)) throw new TypeError(`${sessionId} is no id of a session`);
  return `sessions/${sessionId}`;
}

/** A time as it is given. An invalid date would be `null` in JSON, and that is "now", or "never". */
function timeOf(time) {
  if (time instanceof Date && Number.isNaN(time.getTime())) throw new TypeError('This date is no time');
  return time;
}

/** The settings that can change at any time, by the names of the API; and the other options. */
function settingsIn({ endTime, modes, tags, messagesPerMinute, maxMessageLength, retentionDays, ...options }) {
  const limits = { messages_per_minute: messagesPerMinute, max_message_length: maxMessageLength, retention_days: retentionDays };
  return { fields: { end_time: timeOf(endTime), modes, tags, ...limits }, options };
}
