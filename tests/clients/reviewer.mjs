// A review handler that denies every message.

import { once } from 'node:events';
import { createServer } from 'node:http';

/** Starts it on a free port, and returns its address. It ends with the process. */
export async function denies(reason) {
  const verdict = JSON.stringify({ ReviewResult: 'DENY', Attributes: { Reason: reason } });
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end(verdict));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return `http://127.0.0.1:${server.address().port}`;
}
