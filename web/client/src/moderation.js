// The calls of staff: acts, their log, and what waits for a decision (docs/contract.md, Moderation).
//
// @live-chat/client and @live-chat/server each have this file, since neither needs the other; a test holds the two equal.

export class Moderation {
  #call;
  #newId;

  /**
   * `call(method, path, { query, body, ifMatch }, options)` makes a call, and resolves with `{ body, etag }`. It is the one that knows
   * `options`: those that no method here has taken. `newId` makes the keys under which acts are repeated.
   */
  constructor(call, newId) {
    this.#call = call;
    this.#newId = newId;
  }

  /** Deletes messages. */
  async delete(messageIds, options) {
    const answer = await this.#act('delete', { message_ids: [messageIds].flat() }, options);
    // Up to 25 messages share an entry, which then is the answer. A list is answered by a list all the same.
    return Array.isArray(messageIds) && !answer.actions ? { actions: [answer], refused: [] } : answer;
  }

  async timeout(users, { seconds, deleteMessages, ...options } = {}) {
    return this.#act('timeout', { ...those(users), seconds, delete_messages: deleteMessages }, options);
  }

  async ban(users, { sessionOnly, deleteMessages, ...options } = {}) {
    return this.#act('ban', { ...those(users), session_only: sessionOnly, delete_messages: deleteMessages }, options);
  }

  async shadowBan(users, options) {
    return this.#act('shadow_ban', those(users), options);
  }

  /** Ends what holds of users: time-outs, bans, shadow bans. */
  async lift(users, options) {
    return this.#act('lift', those(users), options);
  }

  /** Closes the sockets of users. */
  async disconnect(users, options) {
    return this.#act('disconnect', those(users), options);
  }

  /** Takes out all messages of users in a session. */
  async purge(users, options) {
    return this.#act('purge', those(users), options);
  }

  /** Takes out all messages of a session. */
  async clear(options) {
    return this.#act('clear', {}, options);
  }

  /** Brings back what an act took out. */
  async restore(actionId, options) {
    return this.#act('restore', { action_id: actionId }, options);
  }

  /** Adds a note to a user's card. */
  async note(userId, text, options) {
    return this.#act('note', { ...those(userId), text }, options);
  }

  /** Refuses the tokens of a user that were issued before a time; by default, before now. */
  async revokeTokens(userId, { issuedBefore, ...options } = {}) {
    return this.#act('revoke_tokens', { ...those(userId), issued_before: issuedBefore }, options);
  }

  /** Takes whatever tells of a user from all sessions. */
  async erase(userId, options) {
    return this.#act('erase', those(userId), options);
  }

  async approve(heldIds, options) {
    return this.#act('approve', oneOrMany('held_id', heldIds), options);
  }

  async deny(heldIds, options) {
    return this.#act('deny', oneOrMany('held_id', heldIds), options);
  }

  async dismissReports(messageId, options) {
    return this.#act('dismiss_reports', { message_id: messageId }, options);
  }

  /** Pins a message of a session above the chat. */
  async pin(messageId, options) {
    return this.#act('pin', { message_id: messageId }, options);
  }

  async unpin(messageId, options) {
    return this.#act('unpin', { message_id: messageId }, options);
  }

  /** Marks a question as answered, or as open again. */
  async markAnswered(messageId, answered = true, { reason, ...options } = {}) {
    const path = `questions/${encodeURIComponent(messageId)}/answered`;
    return (await this.#call('POST', path, { body: { answered, reason } }, options)).body;
  }

  /** Says something as the host, so that it stands out. */
  async announce(text, { color, sessionId, clientMessageId = this.#newId(), ...options } = {}) {
    const body = { message: text, color, client_message_id: clientMessageId };
    return (await this.#call('POST', 'announcements', { query: { session_id: sessionId }, body }, options)).body;
  }

  /** Tells the applications of the room something that is no message. `attributes` are texts by their names. */
  async sendEvent(name, attributes, { sessionId, clientEventId = this.#newId(), ...options } = {}) {
    const body = { name, attributes, client_event_id: clientEventId };
    return (await this.#call('POST', 'events', { query: { session_id: sessionId }, body }, options)).body;
  }

  /** Asks the room. `hideResults` keeps the results back until the end. */
  async startPoll(question, choices, { seconds = 60, hideResults, ...options } = {}) {
    return (await this.#start('polls', { question, options: choices, seconds, hide_results: hideResults }, options)).poll;
  }

  /** Ends a poll before its time; resolves with its result. */
  async closePoll(pollId, options) {
    return (await this.#start(`polls/${segment(pollId)}/close`, {}, options)).poll;
  }

  /** Commits to a seed, and freezes the list of those who may win. */
  async startDraw(prize, { winners = 1, among = 'viewers', pollId, exclude, ...options } = {}) {
    return (await this.#start('draws', { prize, winners, among, poll_id: pollId, exclude }, options)).draw;
  }

  /** Publishes the seed and the winners of a draw. */
  async revealDraw(drawId, options) {
    return (await this.#start(`draws/${segment(drawId)}/reveal`, {}, options)).draw;
  }

  /** Publishes the next winner of the same order. */
  async redraw(drawId, reason, options) {
    return (await this.#start(`draws/${segment(drawId)}/redraw`, {}, { ...options, reason })).draw;
  }

  /** Changes some modes of a session; the others stay. */
  async setModes(modes, options) {
    return this.#act('set_modes', { modes }, options);
  }

  /** Raises the shield for some minutes; `on: false` takes it down. */
  async shield({ on = true, minutes, ...options } = {}) {
    return this.#act('shield', { on, minutes }, options);
  }

  /** A page of the audit log, the newest entry first. */
  async log({ sessionId, userId, actor, action, before, limit, ...options } = {}) {
    return this.#read('actions', { session_id: sessionId, user_id: userId, actor, action, before, limit }, options);
  }

  /** An entry of the audit log. */
  async action(actionId, options) {
    return this.#read(`actions/${segment(actionId)}`, {}, options);
  }

  /** A message, gone or not, with the acts on it and its reports. */
  async message(id, { sessionId, ...options } = {}) {
    return this.#read(`messages/${segment(id)}`, { session_id: sessionId }, options);
  }

  /** A user's card. */
  async user(userId, { sessionId, ...options } = {}) {
    return this.#read(`users/${segment(userId)}`, { session_id: sessionId }, options);
  }

  /** The people of a session whose names begin so, those seen last first. */
  async users(name, { sessionId, limit, ...options } = {}) {
    return this.#read('users', { name, session_id: sessionId, limit }, options);
  }

  /** Who is banned or timed out, the newest act first; with `active: false`, all that the audit log has. */
  async sanctions({ sessionId, active, before, limit, ...options } = {}) {
    return this.#read('sanctions', { session_id: sessionId, active, before, limit }, options);
  }

  /** The messages that wait for a decision, the oldest first. */
  async held({ sessionId, after, limit, ...options } = {}) {
    return this.#read('held', { session_id: sessionId, after, limit }, options);
  }

  /** The messages that were reported, the one with most reports first. */
  async reports({ sessionId, limit, ...options } = {}) {
    return this.#read('reports', { session_id: sessionId, limit }, options);
  }

  /** The list of terms, with the `etag` for `putTerms`. */
  async terms(options = {}) {
    const { body, etag } = await this.#call('GET', 'moderation/terms', {}, options);
    return { ...body, etag };
  }

  /** Replaces the list of terms; with an `etag`, only if it is still the one that `terms` told. */
  async putTerms({ terms = [], allow = [], link_domains = [] }, { etag, ...options } = {}) {
    const list = { terms, allow, link_domains };
    try {
      const answer = await this.#call('PUT', 'moderation/terms', { body: list, ifMatch: etag ?? undefined }, options);
      return { entry: answer.body, etag: answer.etag };
    } catch (error) {
      if (error.code !== 'precondition_failed') throw error;
      // The answer to an earlier try may have been lost: then the list is the one that is asked for.
      const now = await this.terms(options);
      if (!isSameList(list, now)) throw error;
      return { entry: null, etag: now.etag };
    }
  }

  /** The terms that match a text. */
  async testTerms(text, options = {}) {
    return (await this.#call('POST', 'moderation/terms/test', { body: { text } }, options)).body;
  }

  /** The modes that new sessions start with, and those of the shield. */
  async presets({ room, ...options } = {}) {
    return this.#read('presets', { room }, options);
  }

  async putPresets(presets, { room, ...options } = {}) {
    return (await this.#call('PUT', 'moderation/presets', { query: { room }, body: presets }, options)).body;
  }

  async #act(action, fields, { reason, explanation, sessionId, clientActionId = this.#newId(), ...options } = {}) {
    const body = { action, ...fields, reason, explanation, session_id: sessionId, client_action_id: clientActionId };
    return (await this.#call('POST', 'moderation/actions', { body }, options)).body;
  }

  /** An act with a route of its own. */
  async #start(path, fields, { reason, sessionId, clientActionId = this.#newId(), ...options } = {}) {
    const body = { ...fields, reason, client_action_id: clientActionId };
    return (await this.#call('POST', path, { query: { session_id: sessionId }, body }, options)).body;
  }

  async #read(path, query, options = {}) {
    return (await this.#call('GET', `moderation/${path}`, { query }, options)).body;
  }
}

/** Users by their ids. A number that JavaScript has rounded is the id of somebody else. */
function those(users) {
  for (const id of [users].flat()) {
    const isId = typeof id === 'string' || Number.isSafeInteger(id);
    if (!isId) throw new TypeError(`${id} is no id of a user: give it as a string`);
  }
  return oneOrMany('user_id', users);
}

/** One id, or a list of them under the plural of its name. */
const oneOrMany = (name, ids) => ({ [Array.isArray(ids) ? `${name}s` : name]: ids });

/** The order of a term's fields, and fields that are absent, make no difference. */
function isSameList(...lists) {
  const written = ({ terms, allow, link_domains }) =>
    JSON.stringify([terms.map(({ term, match, action, explanation = null }) => [term, match, action, explanation]), allow, link_domains]);
  const [one, other] = lists.map(written);
  return one === other;
}

/** An id as a part of a path. */
function segment(id) {
  const text = String(id ?? '');
  // An address without the id would be another call; one with dots is shortened by whoever reads it (RFC 3986, 5.2.4).
  if (text === '' || text === '.' || text === '..') throw new TypeError(`"${text}" is no id that a call can address`);
  return encodeURIComponent(text);
}
