// An application that uses no name of any platform: neither the DOM's nor Node's. It is only compiled, never run.

import { ChatError, LiveChat } from '@live-chat/client';
import type { ChatEvents, LiveChatOptions, WebSocketLike } from '@live-chat/client';

export async function listen(token: string, WebSocket: new (url: string, protocols?: string[]) => WebSocketLike): Promise<string[]> {
  const heard: string[] = [];
  const fetch: LiveChatOptions['fetch'] = async (url, { method, headers, body = '' }) => ({
    ok: headers.Authorization !== '',
    status: method === 'GET' ? 200 : 404,
    headers: { get: (name) => name },
    text: async () => url + body,
  });
  const network = { addEventListener: (_type: string, _listener: () => void) => {}, removeEventListener: () => {} };
  const chat = new LiveChat({ token: async () => token, baseUrl: 'https://chat.example', WebSocket, fetch, network });
  const onState = ({ detail, type }: ChatEvents['state']) => void heard.push(type, detail.state);
  chat.addEventListener('state', onState, { once: true });
  chat.addEventListener('message', ({ detail }) => void heard.push(detail.username, detail.message));
  chat.addEventListener('error', { handleEvent: ({ detail }) => void heard.push(detail.code, String(detail.cause)) });
  chat.addEventListener('of the application', ({ type }) => void heard.push(type));
  chat.removeEventListener('state', onState);
  await chat.connect();
  const { messages, next_before } = await chat.getMessages({ mine: true });
  try {
    for (const { id, user_liked } of messages) await (user_liked ? chat.unlikeMessage(id) : chat.likeMessage(id));
    await chat.unlike();
  } catch (error) {
    if (error instanceof ChatError) heard.push(`${error.code} ${error.status} ${error.retryAfterMs} ${error.cause} ${error.stack}`);
  }
  return [...heard, `${next_before}`];
}

// Wrong uses must not compile anywhere.
const chat = new LiveChat('a token');
// @ts-expect-error: there is no such option's value
new LiveChat({ token: 'x', tokenIn: 'cookie' });
// @ts-expect-error: the detail of a message has no such field
chat.addEventListener('message', ({ detail }) => detail.text);
// @ts-expect-error: the client has no such method
chat.shout();
// @ts-expect-error: the number of likes is the client's alone
chat.likes = 1;
