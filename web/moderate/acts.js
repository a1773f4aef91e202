// What a moderator does: one act after the other, each told in the notice, and taken back where the chat can.

import { MOST_PINS } from '../app/pinning.js';
import { inParts, liftAll, restore } from '../app/staff-acts.js';
import { ask } from './ask.js';
import { wordsFor } from './notice.js';
import { textFor, words } from './words.js';

/** How many acts can be taken back, the last one first. */
const REMEMBERED = 50;

export class Acts {
  #moderate;
  #notice;
  #preferences;
  #onDone;
  #done = [];
  #last = Promise.resolve();

  /** `onDone(action, { ids, userIds })` is told what the chat has acknowledged. */
  constructor({ moderate, notice, preferences, onDone }) {
    this.#moderate = moderate;
    this.#notice = notice;
    this.#preferences = preferences;
    this.#onDone = onDone;
  }

  get canUndo() {
    return this.#done.length > 0;
  }

  async delete(ids) {
    if (ids.length > 1 && !(await ask(words.askDelete(ids.length), words.askDeleteText, words.deleteThem))) return;
    await this.#run(async () => {
      const { actions, refused } = await inParts(ids, (part) => this.#moderate.delete(part));
      const lost = new Set(refused.map(({ id }) => String(id)));
      this.#onDone('delete', { ids: ids.filter((id) => !lost.has(String(id))) });
      return { said: words.deleted(ids.length - lost.size), refused, undo: () => restore(this.#moderate, actions) };
    });
  }

  async timeout(userIds, seconds = this.#preferences.get('timeoutSeconds')) {
    const deleteMessages = this.#preferences.get('deleteMessages');
    await this.#sanction('timeout', userIds, deleteMessages, (part) => this.#moderate.timeout(part, { seconds, deleteMessages }));
  }

  async ban(userIds, { sessionOnly } = {}) {
    const deleteMessages = this.#preferences.get('deleteMessages');
    await this.#sanction('ban', userIds, deleteMessages, (part) => this.#moderate.ban(part, { sessionOnly, deleteMessages }));
  }

  async shadowBan(userIds) {
    await this.#sanction('shadow_ban', userIds, false, (part) => this.#moderate.shadowBan(part));
  }

  async purge(userIds) {
    await this.#sanction('purge', userIds, true, (part) => this.#moderate.purge(part), (actions) => restore(this.#moderate, actions));
  }

  async lift(userIds) {
    await this.#sanction('lift', userIds, false, (part) => this.#moderate.lift(part), null);
  }

  async disconnect(userIds) {
    await this.#sanction('disconnect', userIds, false, (part) => this.#moderate.disconnect(part), null);
  }

  async revokeTokens(userId) {
    if (!(await ask(words.askRevoke, words.askRevokeText, words.acts.revoke_tokens, { isGrave: true }))) return;
    await this.#run(async () => {
      await this.#moderate.revokeTokens(userId);
      return { said: words.did.revoke_tokens(1) };
    });
  }

  async clear() {
    if (!(await ask(words.askClear, words.askClearText, words.acts.clear, { isGrave: true }))) return;
    await this.#run(async () => {
      const entry = await this.#moderate.clear();
      return { said: words.did.clear(1), undo: () => restore(this.#moderate, [entry]) };
    });
  }

  /** `action` is `approve` or `deny`. */
  async decide(action, heldIds) {
    if (heldIds.length > 1 && !(await ask(words.askDecide[action](heldIds.length), words.askDecideText, words.acts[action]))) return;
    await this.#run(async () => {
      const { actions, refused } = await inParts(heldIds, (part) => this.#moderate[action](part));
      const decided = refused.filter(({ code }) => code === 'conflict').map(({ id }) => id);
      this.#onDone(action, { ids: actions.map(({ target }) => target.held_id) });
      if (decided.length > 0) this.#onDone('decided', { ids: decided });
      const theirs = decided.length === 1 ? await this.#decisionOn(decided[0]) : undefined;
      return { said: theirs ?? words.did[action](actions.length), refused: theirs ? [] : refused };
    });
  }

  async dismiss(messageIds) {
    await this.#run(async () => {
      const refused = [];
      for (const id of messageIds) {
        try {
          await this.#moderate.dismissReports(id);
        } catch (error) {
          // Somebody else was faster, or the message is gone.
          if (!['conflict', 'not_found'].includes(error.code)) throw error;
          refused.push({ id, code: error.code });
        }
      }
      this.#onDone('dismiss_reports', { ids: messageIds });
      return { said: words.did.dismiss_reports(messageIds.length - refused.length), refused };
    });
  }

  /** Pins a message, or unpins one that is among `pins`. */
  async pin(id, pins) {
    const isPinned = pins.some((pin) => pin.id === id);
    await this.#run(async () => {
      const [act, back] = isPinned ? ['unpin', 'pin'] : ['pin', 'unpin'];
      try {
        await this.#moderate[act](id);
      } catch (error) {
        if (isPinned || error.code !== 'conflict' || pins.length < MOST_PINS) throw error;
        return { said: words.pinsFull };
      }
      return { said: words.did[act](1), undo: () => this.#moderate[back](id) };
    });
  }

  /** Marks questions as answered; if all of them are, as open again. */
  async answer(questions) {
    const answered = !questions.every((question) => question.answered);
    const ids = questions.filter((question) => question.answered !== answered).map(({ id }) => id);
    const mark = async (isAnswered) => {
      for (const id of ids) await this.#moderate.markAnswered(id, isAnswered);
    };
    await this.#run(async () => {
      await mark(answered);
      return { said: (answered ? words.did.answer : words.reopened)(ids.length), undo: () => mark(!answered) };
    });
  }

  /** Tells of an announcement, which can be taken back, and pins it if that is wanted. */
  async announced(id, { pin }) {
    await this.#run(async () => {
      const undo = () => this.#moderate.delete([id]);
      if (!pin) return { said: words.announced, undo };
      try {
        await this.#moderate.pin(id);
        return { said: words.announcedAndPinned, undo };
      } catch (error) {
        // Nobody else has pinned what was said just now.
        const why = error.code === 'conflict' ? words.pinsFull : wordsFor(error);
        return { said: `${words.announced} ${why}`, undo };
      }
    });
  }

  async setModes(modes) {
    await this.#run(async () => {
      const { changes, session_id: sessionId } = await this.#moderate.setModes(modes);
      // Those of the session, not of a shield that lies over them.
      const before = only(Object.keys(modes), changes.before);
      return { said: words.did.set_modes(1), undo: () => this.#moderate.setModes(before, { sessionId }) };
    });
  }

  async shield(on, { minutes = 15, until } = {}) {
    await this.#run(async () => {
      const { session_id: sessionId } = await this.#moderate.shield(on ? { minutes } : { on: false });
      const left = Math.max(1, Math.round((Date.parse(until) - Date.now()) / 60_000)) || minutes;
      const undo = () => this.#moderate.shield({ ...(on ? { on: false } : { minutes: left }), sessionId });
      return { said: on ? words.shieldIsUp(minutes) : words.shieldIsDown, undo };
    });
  }

  async note(userId, text) {
    await this.#run(async () => {
      await this.#moderate.note(userId, text);
      return { said: words.did.note(1) };
    });
  }

  /** Takes an entry of the log back, in its session: brings messages back, and lifts what holds. */
  async reverse({ id, action, target, changes, session_id: sessionId }) {
    await this.#run(async () => {
      if (['delete', 'purge', 'clear'].includes(action)) await this.#moderate.restore(id);
      else if (['timeout', 'ban', 'shadow_ban'].includes(action)) {
        await this.#moderate.lift(target.user_id);
        await restore(this.#moderate, [{ id }]);
      } else if (action === 'shield' && changes?.on) await this.#moderate.shield({ on: false, sessionId });
      else if (action === 'set_modes' && changes?.before) {
        await this.#moderate.setModes(only(Object.keys(changes.modes), changes.before), { sessionId });
      }
      else return { said: words.cannotReverse };
      return { said: words.reversed };
    });
  }

  /** Takes back the last act that can be. */
  async undo() {
    const last = this.#done.pop();
    if (!last) return this.#notice.say(words.nothingToUndo);
    await this.#run(async () => {
      await last.undo();
      return { said: words.undone(last.said) };
    });
  }

  async #sanction(action, userIds, takesMessages, call, undo = (actions) => liftAll(this.#moderate, actions, takesMessages)) {
    if (userIds.length > 1 && !(await ask(words.askPeople[action](userIds.length), takesMessages ? words.askPeopleText : '', words.acts[action]))) return;
    await this.#run(async () => {
      const { actions, refused } = await inParts(userIds, call);
      const done = actions.map(({ target }) => target.user_id);
      this.#onDone(action, { userIds: done, takesMessages });
      const back = undo && actions.length > 0 ? () => undo(actions) : undefined;
      return { said: words.did[action](actions.length), refused, undo: back };
    });
  }

  /** Who decided on a held message before, and how. */
  async #decisionOn(heldId) {
    const { entries } = await this.#moderate.message(heldId).catch(() => ({ entries: [] }));
    const entry = entries.find(({ action }) => ['approve', 'deny'].includes(action));
    const by = entry && (entry.actor?.username ?? textFor(words.actorTypes, entry.actor_type));
    return by ? words.decidedBefore[entry.action](by) : undefined;
  }

  /** Runs an act after those before it, so that `undo` finds them in their order. */
  #run(act) {
    this.#last = this.#last.then(async () => {
      try {
        const { said, refused = [], undo } = await act();
        if (undo) this.#done.push({ said, undo });
        if (this.#done.length > REMEMBERED) this.#done.shift();
        const but = refused.length > 0 ? ` ${words.refusedSome(refused.length, [...new Set(refused.map(({ code }) => wordsFor({ code })))].join(' '))}` : '';
        this.#notice.say(said + but, { canUndo: Boolean(undo) });
      } catch (error) {
        if (!error.code) console.error(error);
        this.#notice.fail(error);
      }
      this.#onDone('any', {});
    });
    return this.#last;
  }
}

/** Some fields of an object. */
export const only = (names, object) => Object.fromEntries(names.map((name) => [name, object[name]]));
