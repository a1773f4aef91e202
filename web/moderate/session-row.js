// A session in the list of sessions.

import { plainName, plainText } from '../app/plain-text.js';
import { button, element, foreign, timeOf } from './elements.js';
import { linkTo } from './rooms.js';
import { textFor, words } from './words.js';

/** The end of a session that somebody has to end (docs/contract.md). */
const NEVER = /^9999/;

export const isEndless = ({ end_time: end }) => NEVER.test(end);

/** `onEdit`, `onEnd` and `onExport` are absent if this moderator may not do that. */
export function rowOf(session, { onEdit, onEnd, onExport }) {
  const { name, room, state, tags, viewer_count: viewers, total_messages: messages } = session;
  const head = element('p', 'head', foreign('bdi', 'name', plainName(name)), ' ');
  const stateText = isCalledOff(session) ? words.calledOff : textFor(words.sessionStates, state);
  head.append(element('span', `chip of-${state}`, stateText), ' ', element('code', 'quiet', room));
  const numbers = element('p', 'quiet', `${words.viewers(viewers)}, ${words.onMessages(messages)}`);
  const row = element('li', '', head, timesOf(session), numbers);
  if (tags.length > 0) row.append(foreign('p', 'quiet', tags.map((tag) => plainText(tag)).join(', ')));
  const acts = element('p', 'acts');
  if (state === 'open') acts.append(linkTo(room, words.moderateIt));
  if (state !== 'ended' && onEdit) acts.append(button(words.editSession, () => onEdit(session), 'essential'));
  if (state !== 'ended' && onEnd) acts.append(button(state === 'open' ? words.endSession : words.callOff, () => onEnd(session), 'essential'));
  if (state !== 'scheduled' && onExport) acts.append(button(words.exportSession, () => onExport(session), 'essential'));
  // Many rows have the same buttons.
  for (const act of acts.children) act.setAttribute('aria-label', `${act.textContent} ${plainName(name)}`);
  if (acts.children.length > 0) row.append(acts);
  return row;
}

/** It has ended before its start. */
const isCalledOff = ({ start_time: start, end_time: end }) => Date.parse(end) < Date.parse(start);

function timesOf(session) {
  const times = element('p', 'quiet', timeOf(session.start_time));
  if (!isCalledOff(session)) times.append(' – ', isEndless(session) ? words.withoutEnd : timeOf(session.end_time));
  return times;
}
