// How a source of tokens says that it has none.

/** For now: the chat tells the visitor, and asks again. */
export const NO_TOKEN = 'no_token';

/** For good: the chat ends with this code. */
export const noMoreTokens = (code, message) => Object.assign(new Error(message), { code, endsChat: true });
