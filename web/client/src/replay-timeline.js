// What an export tells, in the order of time: what comes, and what goes.

import { ChatError } from './chat-error.js';

/** The version of the records that this file reads. */
const VERSION = 1;

/** What a record of each type has. Others are damaged: they are refused, and not half read. */
const FIELDS = {
  session: { session: isObject },
  message: { seq: isNumber, message: isMessage },
  deletion: { seq: isNumber, message: (message) => message == null || isMessage(message) },
  event: { seq: isNumber, name: isText },
  user_purged: { seq: isNumber, user_id: isText, up_to_seq: isNumber },
  chat_cleared: { seq: isNumber, up_to_seq: isNumber },
  messages_restored: { from_seq: isNumber, up_to_seq: isNumber },
  action: { action: isAction },
};

/**
 * Reads records. `entries` are `{ at, seq, type, detail }`, by time, in milliseconds since 1970: a `message`, an `event`, and with
 * `showsRemoved` what took messages away. `removed` is the number of messages that are gone and not shown.
 */
export async function timelineOf(records, { showsRemoved }) {
  const found = { session: null, entries: [], removed: 0, isComplete: false, gone: new Map() };
  let last = -Infinity;
  for await (const record of records) {
    if (found.session === null && record.type !== 'session') fail('An export begins with its session: this is a part of one, or something else');
    const damaged = Object.entries(Object.hasOwn(FIELDS, record.type) ? FIELDS[record.type] : {}).find(([name, isSound]) => !isSound(record[name]));
    if (damaged) fail(`A record of the type ${record.type} has no usable ${damaged[0]}`);
    const at = Date.parse(record.at ?? '');
    // Numbers stay in order, though clocks differ; and events from before exports have no time: they come with what is before them.
    last = Number.isNaN(at) ? last : Math.max(last, at);
    take(found, record, last, showsRemoved);
  }
  if (found.session === null) fail('The export is empty');
  if (!showsRemoved) leaveOut(found);
  found.entries.sort((a, b) => a.at - b.at || a.seq - b.seq);
  return found;
}

function take(found, record, at, showsRemoved) {
  const { entries } = found;
  const add = (type, detail, when = at) => entries.push({ at: when, seq: record.seq, type, detail });
  switch (record.type) {
    case 'session':
      if (record.version > VERSION) fail(`This export has the version ${record.version}, which a newer client reads`);
      found.session = record.session;
      break;
    case 'message':
      if (record.state === 'standing') add('message', record.message);
      break;
    case 'deletion':
      if (!showsRemoved || !record.message || record.message.shadowed) {
        found.removed += 1;
        break;
      }
      add('message', record.message);
      if (record.gone_at) add('deleted', record.message.id, Math.max(at, Date.parse(record.gone_at)));
      break;
    case 'event':
      add('event', { seq: record.seq, name: record.name, attributes: record.attributes });
      break;
    case 'user_purged':
    case 'chat_cleared': {
      const { user_id, up_to_seq } = record;
      const isOfUser = record.type === 'user_purged';
      if (showsRemoved) add(isOfUser ? 'purged' : 'cleared', isOfUser ? { user_id, up_to_seq } : { up_to_seq });
      else found.gone.set(`seq ${record.seq}`, (message) => message.seq <= up_to_seq && (!isOfUser || message.user_id === user_id));
      break;
    }
    case 'messages_restored': {
      // What covered them does so no more.
      const isOver = ({ type, detail }) => ['purged', 'cleared'].includes(type) && detail.up_to_seq === record.up_to_seq;
      found.entries = entries.filter((entry) => !isOver(entry));
      for (const [name, isGone] of found.gone) {
        found.gone.set(name, (message) => isGone(message) && !(message.seq >= record.from_seq && message.seq <= record.up_to_seq));
      }
      break;
    }
    case 'action': {
      const { id, action, target, changes } = record.action;
      const ids = target?.message_ids ?? [];
      if (['delete', 'hide'].includes(action)) found.gone.set(id, (message) => ids.includes(message.id));
      if (action === 'restore') found.gone.delete(changes?.action_id);
      break;
    }
    case 'end':
      found.isComplete = true;
      break;
    default:
    // Types of later versions are for newer clients.
  }
}

/** Leaves out messages that were removed after their page of the export was read. */
function leaveOut(found) {
  const tests = [...found.gone.values()];
  const standing = found.entries.filter(({ type, detail }) => type !== 'message' || !tests.some((isGone) => isGone(detail)));
  found.removed += found.entries.length - standing.length;
  found.entries = standing;
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumber(value) {
  return Number.isSafeInteger(value);
}

function isText(value) {
  return typeof value === 'string';
}

function isMessage(value) {
  return isObject(value) && isNumber(value.id) && isNumber(value.seq);
}

function isAction(value) {
  return isObject(value) && (value.target?.message_ids === undefined || Array.isArray(value.target.message_ids));
}

function fail(message) {
  throw new ChatError('invalid_export', message);
}
