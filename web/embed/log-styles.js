// The stylesheets of the log, which come with its code.

import { linked } from './linked.js';
import { OF_LOG } from './style-names.js';

/** Adds them to those that a shadow root has; resolves once they apply, or cannot be had. */
export function addStyles(root) {
  const { links, loaded } = linked(OF_LOG);
  root.append(...links);
  return loaded;
}
