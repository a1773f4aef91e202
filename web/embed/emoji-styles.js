// The stylesheet of the emoji picker, which comes with its code.

import { linked } from './linked.js';
import { OF_EMOJI } from './style-names.js';

/** Adds it to those that a shadow root has; resolves once it applies, or cannot be had. */
export function addStyles(root) {
  const { links, loaded } = linked(OF_EMOJI);
  root.append(...links);
  return loaded;
}
