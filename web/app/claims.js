// Whose token it is. A token comes from outside: each claim is checked as the server checks it (docs/contract.md, Authentication),
// and a display claim of a wrong type counts as absent. Nothing is verified here: that is the server's job.

import { graphemesOf } from './intl.js';

const LONGEST_NAME = 100;
const LONGEST_USER_ID_BYTES = 255;
const NAMES = ['name', 'preferred_username', 'username'];
/** Three parts of base64url, of which the signature may be missing. Anything else could not even be sent. */
const TOKEN = /^[\w-]+\.([\w-]+)\.[\w-]*$/;

/**
 * `{ sub, name?, picture?, roles, capabilities?, expiresAt? }` of a token, with `expiresAt` in milliseconds since 1970; undefined if it is not a
 * token that names a user.
 */
export function claimsOf(token) {
  const claims = payloadOf(token);
  const sub = userId(claims?.sub);
  if (sub === undefined) return undefined;
  const expiresAt = typeof claims.exp === 'number' && Number.isFinite(claims.exp) ? claims.exp * 1000 : undefined;
  return {
    sub,
    name: NAMES.map((claim) => cleanName(claims[claim])).find(Boolean),
    picture: typeof claims.picture === 'string' ? claims.picture : undefined,
    roles: Array.isArray(claims.roles) ? claims.roles.filter((role) => typeof role === 'string') : [],
    capabilities: Array.isArray(claims.capabilities) ? claims.capabilities : undefined,
    expiresAt,
  };
}

/** The same with a `name` in any case: the one that the server makes of `sub` if no claim has one. */
export async function identityOf(token) {
  const claims = claimsOf(token);
  return claims && { ...claims, name: claims.name ?? (await nameFor(claims.sub)) };
}

/** A name as others will see it: one line, without hidden characters. Empty if nothing visible is left, or if it is not a text. */
export function cleanName(name) {
  if (typeof name !== 'string') return '';
  const line = name.toWellFormed?.() ?? name;
  const clean = line
    .normalize('NFC')
    .replace(/[\s\u0085\u2800\u{1d159}]+/gu, ' ')
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, '')
    // Emoji and some scripts need joiners, variation selectors and tags. Between other characters they only hide.
    .replace(/(?![\p{Join_Control}\p{Variation_Selector}\u{E0020}-\u{E007F}])[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replace(/(?<=^|[\s\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}])[\p{Join_Control}\p{Variation_Selector}\u{E0020}-\u{E007F}]+/gu, '')
    .replace(/(\p{M}{8})\p{M}+/gu, '$1')
    .trim();
  const isVisible = /[^\s\p{Cf}\p{Default_Ignorable_Code_Point}]/u.test(clean);
  return isVisible ? shortened(clean) : '';
}

function payloadOf(token) {
  try {
    const [, payload] = TOKEN.exec(token);
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function userId(sub) {
  const isUsable = (typeof sub === 'string' && sub !== '') || Number.isInteger(sub);
  return isUsable && new TextEncoder().encode(sub).length <= LONGEST_USER_ID_BYTES ? String(sub) : undefined;
}

/** Without the Web Cryptography API, which browsers offer to HTTPS and this machine only, the name waits for the first message. */
async function nameFor(sub) {
  try {
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(sub)));
    return `User-${[...hash.slice(0, 3)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  } catch {
    return 'User';
  }
}

/** The cut leaves whole what people see as one character. */
function shortened(name) {
  if ([...name].length <= LONGEST_NAME) return name;
  let short = '';
  for (const part of graphemesOf(name)) {
    if ([...short, ...part].length > LONGEST_NAME) break;
    short += part;
  }
  return short.trim();
}
