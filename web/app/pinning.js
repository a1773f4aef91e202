// What a session allows of pins (docs/contract.md, Pins).

/** So many messages of a session are pinned at most. */
export const MOST_PINS = 3;
