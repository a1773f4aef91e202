// The log with its rows: the largest part of a chat, and the one that is needed last. Its code is loaded while the chat connects.

import { History } from './history.js';
import { MessageItems } from './message-items.js';
import { MessageLog } from './message-log.js';

/** The log of a chat; `onDraw` as for `MessageLog`, and the others as for `MessageItems`. */
export function logOf({ view, chat, signal, onDraw, ...ofItems }) {
  const items = new MessageItems({ view, ...ofItems });
  return new MessageLog({ view, history: new History(chat), items, signal, onDraw });
}
