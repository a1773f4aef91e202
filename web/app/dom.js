// Small helpers around the DOM.

export const $ = (id) => document.getElementById(id);

/** Sets a text; where it is the same already, nothing has to be laid out anew. */
export function setText(node, text) {
  if (node.textContent !== String(text)) node.textContent = text;
}

export function element(name, className = '', text = '') {
  const created = document.createElement(name);
  if (className) created.className = className;
  if (text !== '') created.textContent = text;
  return created;
}

/** A copy of what is in a template. */
export const copyOf = (templateId) => $(templateId).content.firstElementChild.cloneNode(true);

const due = new Set();

/** Runs an action once in the next frame, however often it is asked for until then. */
export function inNextFrame(action) {
  if (due.size === 0) requestAnimationFrame(runDue);
  due.add(action);
}

function runDue() {
  const actions = [...due];
  due.clear();
  for (const action of actions) action();
}
