// A bot on Node. It is only compiled, never run.

import { once } from 'node:events';

import { LiveChat } from '@live-chat/client';
import type { ChatEvents, LiveChatOptions } from '@live-chat/client';

import { Socket } from './types-socket.js';

const options: LiveChatOptions = {
  token: process.env.TOKEN ?? '',
  WebSocket: Socket,
  fetch,
  network: new EventTarget(),
  clock: { now: () => Date.now(), setTimeout: (action, wait) => setTimeout(action, wait), clearTimeout: (timer) => clearTimeout(timer) },
};
const chat = new LiveChat(options);

export async function answer(): Promise<void> {
  const ending = new AbortController();
  chat.addEventListener('message', ({ detail }) => console.log(Buffer.byteLength(detail.message)), { signal: ending.signal });
  const target: EventTarget = chat;
  target.addEventListener('error', (event: Event) => console.error(event.type));
  const events: ChatEvents['state'][] = await once(chat, 'state');
  console.log(events.map(({ detail }) => detail.state));
  ending.abort();
}
