/** A message's id is its session's id times this, plus its number. */
export const NUMBERS_PER_SESSION = 100_000_000;

/** The number of the message with an id. */
export const numberOf = (messageId) => messageId % NUMBERS_PER_SESSION;
