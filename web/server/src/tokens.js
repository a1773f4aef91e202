// Tokens for the users of the chat, and for the operator's servers (docs/contract.md, Authentication, Who may do what).

import { claimsOf, demand, keyId as checkedKeyId, SERVICE_AUDIENCE } from './claims.js';
import { isSecret, signed } from './signing.js';

/** Twelve hours, which is longer than an event. */
const USER_SECONDS = 12 * 3600;
/** The longest life of a service's token. */
export const SERVICE_SECONDS = 300;

/** A token for a user, signed with the secret or private key whose counterpart the chat is configured with. */
export function createToken({ expiresIn = USER_SECONDS, keyId, issuedAt, ...options } = {}, key) {
  const now = nowInSeconds();
  const { iat, ...claims } = claimsOf({ ...options, issuedAt: issuedAt ?? now });
  demand(claims.sub !== undefined, 'A token needs sub, the id of the user');
  demand(isSeconds(expiresIn), 'expiresIn must be a whole number of seconds from 1 on');
  const exp = iat + expiresIn;
  demand(exp > now, 'The token would have expired already');
  demand(claims.nbf === undefined || claims.nbf < exp, 'The token would expire before notBefore');
  return signed({ ...claims, iat, exp }, key, keyId === undefined ? undefined : checkedKeyId(keyId));
}

/** A token for one of the operator's servers, signed with `LIVE_CHAT_SERVICE_SECRET`. */
export function createServiceToken({ expiresIn = SERVICE_SECONDS, ...options } = {}, secret) {
  return serviceToken({ expiresIn, ...options }, secret, nowInSeconds());
}

/** A service's token that is issued at a time, in seconds since 1970. */
export function serviceToken({ sub, name, capabilities, sessions, expiresIn, ...unknown }, secret, now) {
  const [other] = Object.keys(unknown);
  demand(other === undefined, `A service's token has no ${other}`);
  demand(sub !== undefined, 'A token needs sub, the name of the server');
  // Without a name, the audit log would show `User-` and six digits.
  const { iat, ...claims } = claimsOf({ sub, name: name ?? String(sub), capabilities, sessions, issuedAt: now });
  demand(isSeconds(expiresIn) && expiresIn <= SERVICE_SECONDS, `expiresIn must be 1 to ${SERVICE_SECONDS} seconds`);
  demand(isSecret(secret), "A service's token is signed with a secret, not with a private key");
  return signed({ ...claims, aud: SERVICE_AUDIENCE, iat, exp: iat + expiresIn }, secret);
}

const isSeconds = (value) => Number.isSafeInteger(value) && value >= 1;
const nowInSeconds = () => Math.floor(Date.now() / 1000);
