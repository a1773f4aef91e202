// Asks before a message is deleted.

import { $ } from './dom.js';

/** Resolves with whether to delete the message. */
export function confirmDeletion(message) {
  const dialog = $('confirm');
  $('confirm-text').textContent = message.message;
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}
