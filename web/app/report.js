// The question why a message is reported, and the receipt of the report (docs/contract.md, Reports).

import { element } from './dom.js';
import { textFor } from './locale.js';
import { logWords } from './log-words.js';
import { plainName, plainText } from './plain-text.js';

const MOST_OF_COMMENT = 500;

export class Report {
  #words;
  #chat;
  #dialog;
  #text;
  #reason;
  #comment;
  #error;
  #form;
  #receipt;
  #message;
  /** The message whose report is under way. */
  #sending;

  constructor({ view, chat, signal }) {
    this.#words = { ...view.words, ...logWords(view) };
    this.#chat = chat;
    this.#build();
    view.$('chat').append(this.#dialog);
    signal.addEventListener('abort', () => this.#dialog.remove());
  }

  ask(message) {
    this.#message = message;
    this.#text.textContent = `${plainName(message.username)}: ${plainText(message.message)}`;
    this.#reason.value = '';
    this.#comment.value = '';
    this.#error.textContent = '';
    this.#form.hidden = false;
    this.#receipt.hidden = true;
    this.#dialog.showModal();
    this.#reason.focus();
  }

  async #send() {
    if (this.#sending === this.#message) return;
    if (!this.#reason.value) {
      this.#error.textContent = this.#words.reasonMissing;
      return this.#reason.focus();
    }
    const message = (this.#sending = this.#message);
    this.#error.textContent = '';
    try {
      const comment = this.#comment.value.trim() || undefined;
      const report = await this.#chat.report(message.id, this.#reason.value, { comment });
      if (message === this.#message) this.#thank(report);
    } catch ({ code }) {
      if (message === this.#message) this.#error.textContent = textFor(this.#words.reportFailures, code) ?? this.#words.actFailed;
    } finally {
      if (this.#sending === message) this.#sending = undefined;
    }
  }

  #thank({ report_id: id, already_reported: isRepeat }) {
    const [text, number, close] = this.#receipt.children;
    text.textContent = isRepeat ? this.#words.reportedBefore : this.#words.reported;
    number.textContent = this.#words.reference(id);
    this.#form.hidden = true;
    this.#receipt.hidden = false;
    close.querySelector('button').focus();
  }

  #build() {
    const words = this.#words;
    const labelled = (node, id, text, inner) => {
      const label = element('label', '', text);
      label.htmlFor = node.id = id;
      for (const part of inner) node.append(part);
      return [label, node];
    };
    const option = (value, text) => Object.assign(element('option', '', text), { value });
    const button = (className, text, press) => {
      const made = element('button', className, text);
      made.type = press ? 'button' : 'submit';
      if (press) made.addEventListener('click', press);
      return made;
    };
    const choices = (...buttons) => {
      const box = element('div', 'choices');
      box.append(...buttons);
      return box;
    };
    const close = () => this.#dialog.close();

    this.#dialog = Object.assign(element('dialog'), { id: 'report' });
    this.#dialog.setAttribute('part', 'dialog');
    this.#dialog.setAttribute('aria-labelledby', 'report-title');
    const title = Object.assign(element('h2', '', words.reportTitle), { id: 'report-title' });
    this.#form = Object.assign(element('form'), { method: 'dialog', noValidate: true });
    this.#text = Object.assign(element('p'), { dir: 'auto' });
    this.#error = element('p', 'error');
    this.#error.setAttribute('role', 'alert');
    this.#reason = element('select');
    this.#comment = Object.assign(element('textarea'), { rows: 2, maxLength: MOST_OF_COMMENT, dir: 'auto' });
    const reasons = [option('', words.chooseReason), ...Object.entries(words.reportReasons).map((entry) => option(...entry))];
    this.#form.append(
      this.#text,
      ...labelled(this.#reason, 'report-reason', words.reportReason, reasons),
      ...labelled(this.#comment, 'report-comment', words.reportComment, []),
      this.#error,
      choices(button('', words.cancel, close), button('primary', words.sendReport)),
    );
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#receipt = element('div', 'receipt');
    this.#receipt.setAttribute('role', 'status');
    this.#receipt.append(element('p'), element('p', 'reference'), choices(button('primary', words.close, close)));
    this.#dialog.append(title, this.#form, this.#receipt);
  }
}
