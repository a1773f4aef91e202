// The form for a token.

import { cleaned, isToken } from './access.js';
import { $, setText } from './elements.js';
import { words } from './words.js';

const ON_THIS_MACHINE = ['localhost', '127.0.0.1', '[::1]'];

export class Entrance {
  constructor({ onToken }) {
    $('enter').addEventListener('submit', (event) => {
      event.preventDefault();
      const token = cleaned($('token').value);
      if (!token) return this.#refuse(words.tokenMissing);
      if (!isToken(token)) return this.#refuse(words.tokenMalformed);
      onToken(token);
    });
    $('enter-local').hidden = !ON_THIS_MACHINE.includes(location.hostname);
  }

  open(error = '') {
    $('loading').hidden = true;
    $('console').hidden = true;
    $('entrance').hidden = false;
    this.#refuse(error);
  }

  wait() {
    $('entrance').hidden = true;
    $('loading').hidden = false;
  }

  close() {
    $('loading').hidden = $('entrance').hidden = true;
    $('token').value = '';
  }

  #refuse(error) {
    setText($('enter-error'), error);
    if (error) $('token').setAttribute('aria-invalid', 'true');
    else $('token').removeAttribute('aria-invalid');
    $('token').focus();
  }
}
