// The dialog with the keys and the settings.

import { $, element, optionsOf } from './elements.js';
import { TABLE } from './keys.js';
import { words } from './words.js';

export class Settings {
  constructor({ preferences, signal }) {
    $('key-rows').append(...TABLE.map(([key, name]) => element('tr', '', element('th', '', key), element('td', '', words.keys[name]))));
    for (const row of $('key-rows').rows) row.firstElementChild.scope = 'row';
    for (const name of ['keys', 'sound', 'deleteMessages']) {
      const box = $(`set-${name}`);
      box.checked = preferences.get(name);
      box.addEventListener('change', () => preferences.set(name, box.checked));
    }
    // Whoever switches it on hears what it is; a browser allows sounds after such a click, too.
    $('set-sound').addEventListener('change', () => preferences.get('sound') && signal.sound());
    const length = $('set-timeoutSeconds');
    length.append(...optionsOf(words.lengths));
    length.value = String(preferences.get('timeoutSeconds'));
    length.addEventListener('change', () => preferences.set('timeoutSeconds', Number(length.value)));
  }

  open() {
    $('settings').showModal();
  }
}
