// Asks before a message is deleted. The question names the author and the text, so that nobody deletes another message.

import { plainName, plainText } from './plain-text.js';

/** Resolves with whether to delete the message. */
export function confirmDeletion({ $ }, message) {
  const dialog = $('confirm');
  $('confirm-author').textContent = plainName(message.username);
  $('confirm-text').textContent = plainText(message.message);
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}
