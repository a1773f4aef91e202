// What an export tells, in the order of time: what comes, and what goes.

import { ChatError } from './chat-error.js';

/** The version of the records that this file reads. */
const VERSION = 1;

/**
 * Reads records. `entries` are `{ at, seq, type, detail }`, by time, in milliseconds since 1970: a `message`, an `event`, and with
 * `showsRemoved` what took messages away. `removed` is the number of messages that are gone and not shown.
 */
export async function timelineOf(records, { showsRemoved }) {
  const found = { session: null, entries: [], removed: 0, isComplete: false };
  let last = -Infinity;
  for await (const record of records) {
    if (found.session === null && record.type !== 'session') fail('An export begins with its session: this is a part of one, or something else');
    const at = Date.parse(record.at ?? '');
    // Numbers stay in order, though clocks differ; and events from before exports have no time: they come with what is before them.
    last = Number.isNaN(at) ? last : Math.max(last, at);
    take(found, record, last, showsRemoved);
  }
  if (found.session === null) fail('The export is empty');
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
      if (showsRemoved) add('purged', { user_id: record.user_id, up_to_seq: record.up_to_seq });
      break;
    case 'chat_cleared':
      if (showsRemoved) add('cleared', { up_to_seq: record.up_to_seq });
      break;
    case 'end':
      found.isComplete = true;
      break;
    default:
    // Acts are for staff, and types of later versions for newer clients.
  }
}

function fail(message) {
  throw new ChatError('invalid_export', message);
}
