// Whose addresses become links: the page's own word, and the server's where the page has none (docs/contract.md, Clickable links).

import { isBelow } from './rich-text.js';

/**
 * A test of a URL in a text of staff, or of others. `own` is the page's setting, whose `from` is `staff`, `all`, `none` or undefined, and
 * `told` what the server tells, if it does. The domains of both count, unless the links are from nobody.
 */
export function clickable(own, told) {
  const from = own.from ?? told?.from ?? 'staff';
  const isListed = isBelow([...own.domains, ...(told?.domains ?? [])]);
  return (url, { isOfStaff }) => from !== 'none' && (from === 'all' || isOfStaff || isListed(url));
}
