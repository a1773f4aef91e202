// Tokens: their claims, their signatures, and what is refused.

import assert from 'node:assert/strict';
import { createHmac, createSecretKey, generateKeyPairSync, verify } from 'node:crypto';
import { test } from 'node:test';

import { createServiceToken, createToken } from '../src/index.js';
import { partsOf } from './support.mjs';

const NOW = Math.floor(Date.now() / 1000);
const claimsOf = (options) => partsOf(createToken({ sub: 'ann', ...options }, 'secret')).claims;
const pem = (key) => key.export({ type: key.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' });

test('each option becomes the claim of the contract', () => {
  const created = new Date('2024-01-01T19:00:00.750Z');
  const cases = [
    [{ sub: 42 }, { sub: '42' }],
    [{ sub: 12345678901234567890n }, { sub: '12345678901234567890' }],
    [{ sub: 'é'.repeat(127) }, { sub: 'é'.repeat(127) }],
    [{ name: 'Ann' }, { name: 'Ann' }],
    [{ roles: ['host', 'chat-mods'] }, { roles: ['host', 'chat-mods'] }],
    [{ capabilities: ['read', 'uncounted'] }, { capabilities: ['read', 'uncounted'] }],
    [{ capabilities: [] }, { capabilities: [] }],
    [{ sessions: [7, '8', 'main'] }, { sessions: [7, '8', 'main'] }],
    [{ attributes: { team: 'red', city: '' } }, { attributes: { team: 'red', city: '' } }],
    [{ attributes: { ab: 'é'.repeat(511) } }, { attributes: { ab: 'é'.repeat(511) } }],
    [{ accountCreated: created }, { account_created: 1_704_135_600 }],
    [{ accountCreated: 5.9 }, { account_created: 5 }],
    [{ badge: 'gold' }, { badge: 'gold' }],
    [{ badge: '🏅'.repeat(50) }, { badge: '🏅'.repeat(50) }],
    [{ picture: ' https://example.org/a.png ' }, { picture: 'https://example.org/a.png' }],
    [{ issuer: 'https://login.example' }, { iss: 'https://login.example' }],
    [{ audience: ['chat', 'shop'] }, { aud: ['chat', 'shop'] }],
    [{ notBefore: created }, { nbf: 1_704_135_600 }],
    [{ name: undefined, sessions: undefined }, {}],
  ];
  for (const [options, expected] of cases) {
    const { iat, exp, ...claims } = claimsOf(options);
    assert.deepEqual(claims, { sub: 'ann', ...expected }, JSON.stringify(expected));
    assert.equal(exp - iat, 12 * 3600);
    assert.ok(Math.abs(iat - NOW) < 60);
  }
});

test('a token lives as long as it is asked to', () => {
  const { iat, exp } = claimsOf({ expiresIn: 90, issuedAt: NOW - 30 });
  assert.deepEqual([iat, exp], [NOW - 30, NOW + 60]);
});

test('what the chat would refuse, or not use, is an error that names the option', () => {
  const cases = [
    [{ sub: undefined }, /needs sub/],
    [{ sub: '' }, /sub must have 1 to 255 bytes, not 0/],
    [{ sub: 'é'.repeat(128) }, /sub must have 1 to 255 bytes, not 256/],
    [{ sub: 2 ** 53 }, /sub must be a string or a whole number/],
    [{ sub: 1.5 }, /sub must be/],
    [{ sub: null }, /sub must be/],
    [{ sub: 'a\ud800' }, /sub must not contain a lone surrogate/],
    [{ name: ' \u200b' }, /name must have something to see/],
    [{ name: 7 }, /name must be a string/],
    [{ roles: 'host' }, /roles must be an array/],
    [{ roles: [''] }, /roles\[0\] must have something to see/],
    [{ capabilities: 'read' }, /capabilities must be an array/],
    [{ capabilities: null }, /capabilities must be an array/],
    [{ capabilities: ['read', 'moderat'] }, /capabilities\[1\] must be one of read, send/],
    [{ sessions: '7' }, /sessions must be an array/],
    [{ sessions: [7.5] }, /sessions\[0\] must be the id of a session or the name of a room/],
    [{ sessions: [0] }, /sessions\[0\]/],
    [{ sessions: ['Main'] }, /sessions\[0\]/],
    [{ attributes: [] }, /attributes must be an object/],
    [{ attributes: { team: 7 } }, /attributes\.team must be a string/],
    [{ attributes: { '': 'x' } }, /empty name/],
    [{ attributes: Object.fromEntries(Array.from({ length: 11 }, (_, nth) => [`n${nth}`, ''])) }, /11 strings; at most 10/],
    [{ attributes: { ab: 'é'.repeat(512) } }, /1026 bytes/],
    [{ accountCreated: 'yesterday' }, /accountCreated must be a Date, or seconds/],
    [{ accountCreated: new Date(NaN) }, /accountCreated/],
    [{ accountCreated: Date.now() }, /accountCreated/],
    [{ badge: 'x'.repeat(51) }, /badge has 51 characters; at most 50/],
    [{ badge: '  ' }, /badge must have something to see/],
    [{ picture: 'http://example.org/a.png' }, /picture must be an https: address/],
    [{ picture: '/a.png' }, /picture must be an https: address/],
    [{ picture: 'https://example.org/a\u200bb.png' }, /invisible/],
    [{ picture: `https://example.org/${'x'.repeat(2030)}` }, /2050 bytes; at most 2048/],
    [{ issuer: '' }, /issuer must have something to see/],
    [{ audience: [] }, /audience must name/],
    [{ audience: 'live-chat-service' }, /createServiceToken/],
    [{ audience: ['chat', 'live-chat-service'] }, /createServiceToken/],
    [{ notBefore: NOW + 20, expiresIn: 10 }, /expire before notBefore/],
    [{ expiresIn: 0 }, /expiresIn/],
    [{ expiresIn: 1.5 }, /expiresIn/],
    [{ expiresIn: '12h' }, /expiresIn/],
    [{ issuedAt: NOW - 100, expiresIn: 10 }, /expired already/],
    [{ keyId: '' }, /keyId/],
    [{ keyId: 'a\nb' }, /keyId/],
    [{ capabilites: ['read'] }, /A token has no capabilites/],
    [{ isHost: true }, /A token has no isHost/],
    [{ roles: Array(900).fill('a-long-role') }, /The token would have \d+ bytes; at most 8192/],
  ];
  for (const [options, sentence] of cases) {
    assert.throws(() => claimsOf(options), (error) => error instanceof TypeError && sentence.test(error.message), JSON.stringify(options));
  }
});

test('the key decides how a token is signed', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pairs = [
    ['RS256', 'sha256', rsa, rsa.privateKey],
    ['RS256', 'sha256', rsa, rsa.privateKey.export({ type: 'pkcs1', format: 'pem' })],
    ['RS256', 'sha256', rsa, pem(rsa.privateKey).replaceAll('\n', '\\n')],
    ...[['ES256', 'sha256', 'P-256'], ['ES384', 'sha384', 'P-384']].map(([algorithm, digest, namedCurve]) => {
      const pair = generateKeyPairSync('ec', { namedCurve });
      return [algorithm, digest, pair, pem(pair.privateKey)];
    }),
  ];
  const edwards = generateKeyPairSync('ed25519');
  for (const [algorithm, digest, pair, key] of [...pairs, ['EdDSA', null, edwards, pem(edwards.privateKey)]]) {
    const token = createToken({ sub: 'ann', keyId: 'key 1' }, key);
    assert.deepEqual(partsOf(token).header, { alg: algorithm, typ: 'JWT', kid: 'key 1' });
    const [header, claims, signature] = token.split('.');
    const content = Buffer.from(`${header}.${claims}`);
    const publicKey = { key: pair.publicKey, dsaEncoding: 'ieee-p1363' };
    assert.ok(verify(digest, content, publicKey, Buffer.from(signature, 'base64url')), algorithm);
  }
  for (const secret of ['sécret ', Buffer.from('sécret '), createSecretKey(Buffer.from('sécret '))]) {
    const [header, claims, signature] = createToken({ sub: 'ann' }, secret).split('.');
    assert.equal(signature, createHmac('sha256', 'sécret ').update(`${header}.${claims}`).digest('base64url'));
    assert.deepEqual(JSON.parse(Buffer.from(header, 'base64url')), { alg: 'HS256', typ: 'JWT' });
  }
});

test('a key that the chat would not accept is refused', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const cases = [
    [undefined, /The key must be a secret/],
    [7, /The key must be a secret/],
    ['', /must not be empty/],
    [new Uint8Array(0), /must not be empty/],
    // As a secret, it would be known to everybody.
    [pem(publicKey), /private key, and this PEM has none/],
    [publicKey, /not with the public one/],
    [pem(privateKey).slice(0, 200), /this PEM|cannot be read/],
    [`${pem(privateKey).slice(0, 200)}\n-----END PRIVATE KEY-----`, /cannot be read/],
    [generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey, /2048 bits; this one has 1024/],
    [generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey, /not on secp256k1/],
    [generateKeyPairSync('x25519').privateKey, /no signatures by x25519/],
  ];
  for (const [key, sentence] of cases) assert.throws(() => createToken({ sub: 'ann' }, key), sentence);
});

test('a service has a token for five minutes at most, signed with a secret', () => {
  const { header, claims } = partsOf(createServiceToken({ sub: 'billing', capabilities: ['moderate'], sessions: ['main'] }, 'secret'));
  const { iat, exp, ...others } = claims;
  assert.equal(header.alg, 'HS256');
  assert.deepEqual(others, { sub: 'billing', name: 'billing', aud: 'live-chat-service', capabilities: ['moderate'], sessions: ['main'] });
  assert.equal(partsOf(createServiceToken({ sub: 'billing', name: 'Billing' }, 'secret')).claims.name, 'Billing');
  assert.equal(exp - iat, 300);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const cases = [
    [{}, 'secret', /needs sub/],
    [{ sub: 'x', expiresIn: 301 }, 'secret', /1 to 300 seconds/],
    [{ sub: 'x', expiresIn: 0 }, 'secret', /1 to 300 seconds/],
    [{ sub: 'x', roles: ['host'] }, 'secret', /no roles/],
    [{ sub: 'x', issuedAt: NOW }, 'secret', /no issuedAt/],
    [{ sub: 'x', capabilities: ['all'] }, 'secret', /capabilities\[0\]/],
    [{ sub: 'x' }, privateKey, /signed with a secret/],
    [{ sub: 'x' }, '', /must not be empty/],
  ];
  for (const [options, key, sentence] of cases) assert.throws(() => createServiceToken(options, key), sentence, JSON.stringify(options));
});
