// Asks before a token of another user takes over a running chat.

import { answerOf } from './answer.js';
import { element } from './dom.js';
import { $, words } from './page.js';

/** Stands for a name in a text until the name's own element takes its place. */
const HERE = '\u0000';

/** Resolves with whether to go on as the other user. */
export function mayJoinAs(other, current) {
  const dialog = $('join-as');
  // Two people may share a name, but not a user id.
  const isAlike = other.name === current.name;
  const nameOf = ({ name = sub, sub }) => (isAlike ? `${name} (${sub})` : name);
  const [now, next] = [nameOf(current), nameOf(other)];
  fill($('join-as-title'), words.joinAsTitle(HERE), next);
  fill($('join-as-text'), words.joinAsText(HERE, HERE), now, next);
  fill($('join-as-no'), words.stayAs(HERE), now);
  fill($('join-as-yes'), words.joinAs(HERE), next);
  dialog.returnValue = '';
  dialog.showModal();
  return answerOf(dialog, () => dialog.returnValue === 'yes');
}

/** Each name has an element of its own, so that its direction does not turn the text around it. */
function fill(place, text, ...names) {
  const [first, ...rest] = text.split(HERE);
  place.replaceChildren(first, ...rest.flatMap((part, i) => [element('bdi', '', names[i]), part]));
}
