// The claims of a token, as docs/contract.md (Authentication, Who may do what) has them. The chat refuses a token for some faults, and
// counts a claim as absent for the others; here, each of them is an error, because nobody asks for a claim that does nothing.

/** The audience of the operator's servers. */
export const SERVICE_AUDIENCE = 'live-chat-service';

const CAPABILITIES = ['read', 'send', 'react', 'announce', 'moderate', 'manage', 'uncounted', 'audit'];
const MAX_USER_ID_BYTES = 255;
const MAX_BADGE = 50;
const MAX_PICTURE_BYTES = 2048;
const MAX_ATTRIBUTES = 10;
const MAX_ATTRIBUTES_BYTES = 1024;
const MAX_KEY_ID_BYTES = 256;
/** Seconds or less: milliseconds are far beyond. */
const MAX_SECONDS = 253_402_300_799;

/** Something to see. U+2800 and U+1D159 are blanks. */
const VISIBLE = /[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800\u{1D159}]/u;
const HIDDEN = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u;
const ROOM = /^[a-z0-9-]{1,64}$/;

/** The claim of each option, and how it is read. */
const CLAIMS = {
  sub: ['sub', userId],
  name: ['name', visibleText],
  roles: ['roles', (roles, option) => listOf(roles, option, visibleText)],
  capabilities: ['capabilities', (names, option) => listOf(names, option, capability)],
  sessions: ['sessions', (sessions, option) => listOf(sessions, option, session)],
  attributes: ['attributes', attributes],
  accountCreated: ['account_created', seconds],
  badge: ['badge', badge],
  picture: ['picture', picture],
  issuer: ['iss', visibleText],
  audience: ['aud', audience],
  notBefore: ['nbf', seconds],
  issuedAt: ['iat', seconds],
};

/** The claims of these options. An option that is `undefined` counts as absent; any other name than those above is an error. */
export function claimsOf(options) {
  const claims = {};
  for (const [option, value] of Object.entries(options)) {
    // A misspelt `capabilities` would leave all that the roles bring.
    demand(Object.hasOwn(CLAIMS, option), `A token has no ${option}`);
    if (value === undefined) continue;
    const [claim, read] = CLAIMS[option];
    claims[claim] = read(value, option);
  }
  return claims;
}

export function demand(isTrue, sentence) {
  if (!isTrue) throw new TypeError(sentence);
}

/** A text that JSON can carry: the chat refuses lone surrogates. */
function text(value, option) {
  demand(typeof value === 'string', `${option} must be a string`);
  demand(!/\p{Surrogate}/u.test(value), `${option} must not contain a lone surrogate`);
  return value;
}

function visibleText(value, option) {
  demand(VISIBLE.test(text(value, option)), `${option} must have something to see`);
  return value;
}

/** The chat shows each user id as a string, so an integer becomes its digits. */
function userId(value, option) {
  const isWhole = Number.isSafeInteger(value) || typeof value === 'bigint';
  demand(isWhole || typeof value === 'string', `${option} must be a string or a whole number below 2^53`);
  const id = text(String(value), option);
  const bytes = Buffer.byteLength(id);
  demand(bytes >= 1 && bytes <= MAX_USER_ID_BYTES, `${option} must have 1 to ${MAX_USER_ID_BYTES} bytes, not ${bytes}`);
  return id;
}

/** The id of a key, for the token's header. */
export function keyId(value) {
  const bytes = Buffer.byteLength(text(value, 'keyId'));
  const isKeyId = bytes >= 1 && bytes <= MAX_KEY_ID_BYTES && !/\p{Cc}/u.test(value);
  demand(isKeyId, `keyId must have 1 to ${MAX_KEY_ID_BYTES} bytes without control characters`);
  return value;
}

function listOf(values, option, read) {
  demand(Array.isArray(values), `${option} must be an array`);
  return values.map((value, index) => read(value, `${option}[${index}]`));
}

function capability(value, option) {
  demand(CAPABILITIES.includes(value), `${option} must be one of ${CAPABILITIES.join(', ')}`);
  return value;
}

function session(value, option) {
  const isId = Number.isSafeInteger(value) && value > 0;
  demand(isId || (typeof value === 'string' && ROOM.test(value)), `${option} must be the id of a session or the name of a room`);
  return value;
}

function attributes(value, option) {
  demand(value !== null && typeof value === 'object' && !Array.isArray(value), `${option} must be an object`);
  const entries = Object.entries(value);
  demand(entries.length <= MAX_ATTRIBUTES, `${option} has ${entries.length} strings; at most ${MAX_ATTRIBUTES}`);
  let bytes = 0;
  for (const [name, attribute] of entries) {
    demand(name !== '', `${option} must not have an empty name`);
    bytes += Buffer.byteLength(text(name, `a name of ${option}`)) + Buffer.byteLength(text(attribute, `${option}.${name}`));
  }
  demand(bytes <= MAX_ATTRIBUTES_BYTES, `${option} has ${bytes} bytes of names and values; at most ${MAX_ATTRIBUTES_BYTES}`);
  return value;
}

function badge(value, option) {
  const characters = [...visibleText(value, option).trim()].length;
  demand(characters <= MAX_BADGE, `${option} has ${characters} characters; at most ${MAX_BADGE}`);
  return value;
}

function picture(value, option) {
  const address = text(value, option).trim();
  const bytes = Buffer.byteLength(address);
  demand(bytes <= MAX_PICTURE_BYTES, `${option} has ${bytes} bytes; at most ${MAX_PICTURE_BYTES}`);
  demand(protocolOf(address) === 'https:' && !HIDDEN.test(address), `${option} must be an https: address without control or invisible characters`);
  return address;
}

function protocolOf(address) {
  try {
    return new URL(address).protocol;
  } catch {
    return undefined;
  }
}

function audience(value, option) {
  const names = Array.isArray(value) ? listOf(value, option, visibleText) : [visibleText(value, option)];
  demand(names.length > 0, `${option} must name an audience`);
  demand(!names.includes(SERVICE_AUDIENCE), `${option}: createServiceToken makes tokens for ${SERVICE_AUDIENCE}`);
  return value;
}

/** A time in whole seconds since 1970 (RFC 7519, section 2), of a `Date` or of seconds. */
function seconds(value, option) {
  const time = value instanceof Date ? value.getTime() / 1000 : value;
  const isTime = typeof time === 'number' && Math.abs(time) <= MAX_SECONDS;
  demand(isTime, `${option} must be a Date, or seconds since 1970`);
  return Math.floor(time);
}
