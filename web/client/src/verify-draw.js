// Checks a draw by what is published of it, as docs/draws.md specifies.

/** The hash of a user in a draw. */
export function entrantHash(drawId, userId) {
  return sha256(new TextEncoder().encode(`${drawId}:${userId}`));
}

/**
 * Checks a draw that is revealed, with all hashes of its list. Resolves with `{ valid, problems }`: `commitment`, `entrants` (the list is not the
 * one that was frozen), `winners`; and `not_revealed`.
 */
export async function verifyDraw(draw, entrants) {
  if (!draw.seed || !draw.winners) return { valid: false, problems: ['not_revealed'] };
  const seed = bytesOf(draw.seed);
  const list = new TextEncoder().encode(entrants.map((hash) => `${hash}\n`).join(''));
  const isSorted = entrants.every((hash, index) => index === 0 || entrants[index - 1] < hash);
  const isHex = [draw.seed, ...entrants].every((text) => /^[0-9a-f]{64}$/.test(text));
  const problems = [];
  if (!isHex || (await sha256(seed)) !== draw.commitment) problems.push('commitment');
  if (!isHex || !isSorted || entrants.length !== draw.entrants || (await sha256(list)) !== draw.entrants_sha256) problems.push('entrants');
  const placed = await Promise.all(entrants.map(async (hash) => [await sha256(joined(seed, bytesOf(hash))), hash]));
  // Hexadecimal digits sort as the bytes do.
  placed.sort(([one], [other]) => (one < other ? -1 : 1));
  const expected = placed.slice(0, draw.winners_wanted + draw.redraws).map(([, hash]) => hash);
  // Of a winner who was erased since, only the place is known.
  const winners = await Promise.all(draw.winners.map((userId, index) => (userId === null ? expected[index] : entrantHash(draw.id, userId))));
  if (winners.length !== expected.length || winners.some((hash, index) => hash !== expected[index])) problems.push('winners');
  return { valid: problems.length === 0, problems };
}

/** Browsers have it on pages that are served over HTTPS or from this machine; Node 18 has it in a module. */
async function subtle() {
  const module = 'node:crypto';
  return globalThis.crypto?.subtle ?? (await import(/* @vite-ignore */ module)).webcrypto.subtle;
}

async function sha256(bytes) {
  const digest = await (await subtle()).digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function bytesOf(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => parseInt(digits, 16));
}

function joined(one, other) {
  const bytes = new Uint8Array(one.length + other.length);
  bytes.set(one);
  bytes.set(other, one.length);
  return bytes;
}
