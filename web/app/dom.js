// Small helpers around the DOM.

export const $ = (id) => document.getElementById(id);

/** Sets a text; if it has not changed, no new layout is needed. */
export function setText(node, text) {
  if (node.textContent !== String(text)) node.textContent = text;
}

export function element(name, className = '', text = '') {
  const created = document.createElement(name);
  if (className) created.className = className;
  if (text !== '') created.textContent = text;
  return created;
}

/** A copy of a template's content. */
export const copyOf = (templateId) => $(templateId).content.firstElementChild.cloneNode(true);

const due = new Set();

/** Runs an action once in the next frame, however often it is requested until then. */
export function inNextFrame(action) {
  if (due.size === 0) requestAnimationFrame(runDue);
  due.add(action);
}

function runDue() {
  const actions = [...due];
  due.clear();
  for (const action of actions) action();
}
