// JSON Web Signatures (RFC 7515) with the algorithms that the chat verifies. The key decides which.

import { createHmac, createPrivateKey, createSecretKey, KeyObject, sign } from 'node:crypto';

import { demand } from './claims.js';

/** API Gateway limits all headers together, and the chat the token. */
const MAX_TOKEN_BYTES = 8192;
const MIN_RSA_BITS = 2048;
const CURVES = { prime256v1: ['ES256', 'sha256'], secp384r1: ['ES384', 'sha384'] };

/** The signed token with these claims. */
export function signed(claims, key, keyId) {
  const { algorithm, signature } = signerOf(keyOf(key));
  const header = { alg: algorithm, typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) };
  const content = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const token = `${content}.${signature(content).toString('base64url')}`;
  demand(token.length <= MAX_TOKEN_BYTES, `The token would have ${token.length} bytes; at most ${MAX_TOKEN_BYTES}`);
  return token;
}

/** Whether a key is a secret, with which only HMAC signs. */
export const isSecret = (key) => keyOf(key).type === 'secret';

/** The key object of a secret, of a private key in PEM, or of a key object. */
function keyOf(key) {
  if (key instanceof KeyObject) return key;
  const isBytes = key instanceof Uint8Array;
  demand(isBytes || typeof key === 'string', 'The key must be a secret, a private key in PEM, or a KeyObject');
  demand(key.length > 0, 'The key must not be empty');
  // The chat takes a secret byte by byte, too: white space at its ends is part of it.
  return !isBytes && key.includes('-----BEGIN ') ? privateKey(key) : createSecretKey(Buffer.from(key));
}

function privateKey(pem) {
  // A public key signs nothing. As a secret, it would be one that everybody knows.
  demand(pem.includes('PRIVATE KEY-----'), 'A token is signed with the private key, and this PEM has none');
  try {
    // A setting on one line often writes line breaks as the two characters `\n`.
    return createPrivateKey(pem.replaceAll('\\n', '\n'));
  } catch (cause) {
    throw new TypeError(`The private key cannot be read: ${cause.message}`, { cause });
  }
}

function signerOf(key) {
  demand(key.type !== 'public', 'A token is signed with the private key, not with the public one');
  if (key.type === 'secret') {
    demand(key.symmetricKeySize > 0, 'The key must not be empty');
    return { algorithm: 'HS256', signature: (content) => createHmac('sha256', key).update(content).digest() };
  }
  const [algorithm, digest] = asymmetric(key);
  return { algorithm, signature: (content) => sign(digest, Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' }) };
}

/** The algorithm of a private key, and its digest. */
function asymmetric(key) {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'rsa':
      demand(modulusLength >= MIN_RSA_BITS, `The chat demands RSA keys of ${MIN_RSA_BITS} bits; this one has ${modulusLength}`);
      return ['RS256', 'sha256'];
    case 'ec':
      demand(Object.hasOwn(CURVES, namedCurve), `The chat verifies keys on P-256 and P-384, not on ${namedCurve}`);
      return CURVES[namedCurve];
    case 'ed25519':
      return ['EdDSA', null];
    default:
      throw new TypeError(`The chat verifies no signatures by ${key.asymmetricKeyType}`);
  }
}
