// The form in which a host takes an export of a session home, as a file.

import { plainName } from '../app/plain-text.js';
import { $, optionsOf, setText } from './elements.js';
import { wordsFor } from './notice.js';
import { words } from './words.js';

const TYPES = { jsonl: 'application/jsonl', csv: 'text/csv', vtt: 'text/vtt' };

export class ExportForm {
  #sessions;
  #onDone;
  #session;
  /** Another one each time that the form opens: what was begun before then goes on no further. */
  #turn;

  /** `onDone(session)` is told once the file is there. */
  constructor({ sessions, onDone }) {
    this.#sessions = sessions;
    this.#onDone = onDone;
    $('export-format').append(...optionsOf(words.exportFormats));
    $('export-format').addEventListener('change', () => this.#showDeleted());
    $('export-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#export();
    });
    $('export-no').addEventListener('click', () => $('export-dialog').close());
    $('export-dialog').addEventListener('close', () => (this.#turn = undefined));
  }

  open(session) {
    this.#session = session;
    this.#turn = {};
    setText($('export-title'), words.exportTitle(plainName(session.name)));
    setText($('export-problem'), '');
    this.#showProgress();
    this.#showDeleted();
    $('export-dialog').showModal();
    $('export-format').focus();
  }

  /** Subtitles have what viewers see. */
  #showDeleted() {
    $('export-deleted').disabled = $('export-format').value === 'vtt';
  }

  /** Without a page, nothing is under way. */
  #showProgress(page) {
    const { readTo = 0, upTo = 0 } = page ?? {};
    $('export-progress').hidden = !page;
    $('export-progress').value = upTo > 0 ? Math.min(1, readTo / upTo) : 0;
    $('export-yes').setAttribute('aria-disabled', String(Boolean(page)));
  }

  async #export() {
    const { id } = this.#session;
    const [session, turn, format] = [this.#session, this.#turn, $('export-format').value];
    if ($('export-yes').getAttribute('aria-disabled') === 'true') return;
    setText($('export-problem'), '');
    this.#showProgress({});
    try {
      const includeDeleted = format !== 'vtt' && $('export-deleted').checked;
      const pieces = [];
      for await (const page of await this.#sessions.exportPages(id, { format, includeDeleted: includeDeleted || undefined })) {
        if (turn !== this.#turn) return;
        // The browser keeps files out of the page's memory.
        pieces.push(new Blob([page.text]));
        this.#showProgress(page);
      }
      save(new Blob(pieces, { type: TYPES[format] }), `session-${id}.${format}`);
      $('export-dialog').close();
      this.#onDone(session);
    } catch (error) {
      if (!error.code) console.error(error);
      if (turn !== this.#turn) return;
      setText($('export-problem'), wordsFor(error, words.sessionFailures));
      this.#showProgress();
    }
  }
}

function save(file, name) {
  const link = document.createElement('a');
  Object.assign(link, { href: URL.createObjectURL(file), download: name });
  link.click();
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
