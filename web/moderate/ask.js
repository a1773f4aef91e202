// Asks before something large. Enter answers yes where the answer is easily taken back.

import { answerOf } from '../app/answer.js';
import { $, setText } from './elements.js';
import { words } from './words.js';

/** Resolves with whether to do it. */
export function ask(title, text, yes, { isGrave = false } = {}) {
  const dialog = $('ask');
  setText($('ask-title'), title);
  setText($('ask-text'), text);
  setText($('ask-yes'), yes);
  setText($('ask-no'), words.cancel);
  dialog.returnValue = '';
  dialog.showModal();
  (isGrave ? $('ask-no') : $('ask-yes')).focus();
  return answerOf(dialog, () => dialog.returnValue === 'yes');
}

/** Resolves with a text; undefined if nobody wants to say any. */
export function askFor(title, text = '') {
  const dialog = $('ask-term');
  setText($('ask-term-title'), title);
  $('ask-term-text').value = text;
  dialog.returnValue = '';
  dialog.showModal();
  $('ask-term-text').select();
  // No button of the form: Enter in the field would press it.
  $('ask-term-no').onclick = () => dialog.close();
  return answerOf(dialog, () => (dialog.returnValue === 'yes' ? $('ask-term-text').value : undefined));
}
