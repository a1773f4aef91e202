// A receiver of the chat's events: `node examples/events/receiver.mjs`, with LIVE_CHAT_WEBHOOK_SECRET as the chat has it (docs/webhooks.md).

import { createServer } from 'node:http';
import { verifyEvent, WebhookError } from '../../web/server/src/index.js';

const MOST_BYTES = 256 * 1024;
const { PORT = 8020, LIVE_CHAT_WEBHOOK_SECRET: secret } = process.env;
/** Ids of events that were handled. Yours stand in a database, for a day and more: an event may come again. */
const handled = new Set();

async function bodyOf(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const server = createServer(async (request, response) => {
  const body = await bodyOf(request);
  if (body === undefined) return response.writeHead(413).end();
  try {
    const event = verifyEvent(body, request.headers, secret);
    if (!handled.has(event.id)) {
      console.log(JSON.stringify(event));
      handled.add(event.id);
    }
    // Only now: an error makes the chat send it again.
    return response.writeHead(204).end();
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    return response.writeHead(401).end();
  }
});
server.listen(PORT, '127.0.0.1', () => console.error(`events: http://127.0.0.1:${server.address().port}`));
