// The stylesheet of reactions and questions, which comes with their code.

import { linked } from './linked.js';
import { OF_TAKING_PART } from './style-names.js';

/** Adds it to those that a shadow root has; resolves once it applies, or cannot be had. */
export function addStyles(root) {
  const { links, loaded } = linked(OF_TAKING_PART);
  root.append(...links);
  return loaded;
}
