// Asks before a message is deleted. The question names the author and the text, so that nobody deletes another message.

import { answerOf } from './answer.js';
import { plainName, plainText } from './plain-text.js';

/** Resolves with whether to delete the message. */
export function confirmDeletion({ $ }, message) {
  const dialog = $('confirm');
  $('confirm-author').textContent = plainName(message.username);
  $('confirm-text').textContent = plainText(message.message);
  dialog.returnValue = '';
  dialog.showModal();
  return answerOf(dialog, () => dialog.returnValue === 'yes');
}
