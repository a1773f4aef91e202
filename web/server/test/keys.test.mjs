// Real gateways verify the tokens that private keys sign, each by its public key.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';

import { Gateway } from '../../../tests/clients/gateway.mjs';
import { createToken } from '../src/index.js';

const KEYS = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};

for (const [algorithm, pairOf] of Object.entries(KEYS)) {
  test(`a gateway with the public key takes a token that is signed by ${algorithm}`, { timeout: 60_000 }, async () => {
    const { publicKey, privateKey } = pairOf();
    const settings = { JWT_PUBLIC_KEY: publicKey.export({ type: 'spki', format: 'pem' }), JWT_ISSUER: 'https://login.example', JWT_AUDIENCE: 'chat' };
    const gateway = await Gateway.start({ settings });
    try {
      const status = async (options) => {
        const token = createToken({ sub: 'ann', ...options }, privateKey.export({ type: 'pkcs8', format: 'pem' }));
        return (await fetch(`${gateway.url}/live-chat/status`, { headers: { authorization: `Bearer ${token}` } })).status;
      };
      assert.equal(await status({ issuer: 'https://login.example', audience: ['shop', 'chat'], keyId: 'k1' }), 200);
      assert.equal(await status({ issuer: 'https://login.example' }), 401);
    } finally {
      await gateway.stop();
    }
  });
}
