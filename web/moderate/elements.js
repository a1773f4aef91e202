// Small helpers around the DOM.

import { format } from './words.js';

export const $ = (id) => document.getElementById(id);

export function element(name, className = '', ...content) {
  const created = document.createElement(name);
  if (className) created.className = className;
  created.append(...content);
  return created;
}

/** A text by somebody else, which runs in its own direction. */
export function foreign(name, className, text) {
  const created = element(name, className, text);
  created.dir = 'auto';
  return created;
}

export function button(text, onClick, className = '') {
  const created = element('button', className, text);
  created.type = 'button';
  created.addEventListener('click', onClick);
  return created;
}

/** The options of a choice, from the texts of its values. */
export const optionsOf = (texts) => Object.entries(texts).map(([value, text]) => new Option(text, value));

/** Sets a text; if it has not changed, no new layout is needed. */
export function setText(node, text) {
  if (node.textContent !== String(text)) node.textContent = text;
}

/** A time for people, and for machines. */
export function timeOf(at) {
  const created = element('time');
  const date = new Date(at);
  if (Number.isNaN(Number(date))) return created;
  created.dateTime = at;
  created.textContent = format.messageTime(date);
  created.title = format.fullTime(date);
  return created;
}
