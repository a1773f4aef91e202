// A server with Node's own declarations. It is only compiled, never run.

import { createPrivateKey, createSecretKey } from 'node:crypto';

import { createToken, LiveChatServer } from '@live-chat/server';

export const tokens = [createToken({ sub: 1n }, createPrivateKey('pem')), createToken({ sub: 1 }, Buffer.from('secret'))];
const chat = new LiveChatServer({ baseUrl: 'https://chat.example', serviceSecret: createSecretKey(Buffer.from('secret')), fetch });

export async function ban(): Promise<string> {
  const ending = new AbortController();
  return (await chat.ban('bob', { signal: AbortSignal.timeout(1_000) })).id + (await chat.log({ signal: ending.signal })).actions.length;
}
