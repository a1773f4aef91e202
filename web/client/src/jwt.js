// Reads a token's claims. Nothing is verified here: that is the server's job.

const TEXTS = ['name', 'preferred_username', 'username', 'email', 'picture', 'badge'];

/**
 * The claims of a JWT; empty if the token is not a JWT. As on the server, `sub` is text, and a claim for display counts as absent if
 * its type is wrong.
 */
export function claimsOf(token) {
  try {
    const payload = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const text = new TextDecoder().decode(bytes);
    const claims = JSON.parse(text);
    if (Object.getPrototypeOf(claims) !== Object.prototype) return {};
    const usable = Object.entries(claims).map(([name, value]) => [name, name === 'sub' ? subject(value, text) : ofItsType(name, value)]);
    return Object.fromEntries(usable.filter(([, value]) => value !== undefined));
  } catch {
    return {};
  }
}

function ofItsType(name, value) {
  const isRight = TEXTS.includes(name) ? typeof value === 'string' : name !== 'roles' || Array.isArray(value);
  return isRight ? value : undefined;
}

/** The user id: a string, or an integer as text. Beyond 2^53, the digits are those of the JSON. */
function subject(sub, json) {
  if (typeof sub === 'string' && sub !== '') return sub;
  if (!Number.isInteger(sub)) return undefined;
  if (Number.isSafeInteger(sub)) return String(sub);
  return [...json.matchAll(/"sub"\s*:\s*(-?\d+)/g)].map(([, digits]) => digits).find((digits) => Number(digits) === sub);
}
