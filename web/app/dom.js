// Small helpers around the DOM.

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

const due = new Set();

/** Runs an action once in the next frame, however often it is requested until then. */
export function inNextFrame(action) {
  if (due.size === 0) requestAnimationFrame(runDue);
  due.add(action);
}

function runDue() {
  const actions = [...due];
  due.clear();
  for (const action of actions) contained(action);
}

/**
 * Runs an action whose failure must not stop what comes after it: a decoration that a browser cannot do, or the parts of one frame.
 * The failure is reported on the console.
 */
export function contained(action) {
  try {
    return action();
  } catch (error) {
    console.error(error);
    return undefined;
  }
}

/** Whether a key belongs to an input method. Safari ends the composition before the key that ended it, which then has this code. */
export const isOfInputMethod = (event) => event.isComposing || event.keyCode === 229;
