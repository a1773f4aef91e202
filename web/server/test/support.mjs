// Shared test helpers: a server that answers what a test tells it, and the parts of a token.

import { once } from 'node:events';
import { createServer } from 'node:http';

/** The secrets with which the tests' gateways verify tokens of users and of services. */
export const SECRET = 'a secret of users, for the tests of the server package';
export const SERVICE_SECRET = 'a secret of services, for the tests of the server package';

/** Header and claims of a token. */
export function partsOf(token) {
  const [header, claims] = token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
  return { header, claims };
}

export const problem = (status, code, more = {}) => ({
  status,
  body: { type: 'about:blank', title: code, status, detail: `Why: ${code}`, code },
  ...more,
});

/** An HTTP server that records calls, and answers each with the next of `answers`, or with an empty object. */
export class StubServer {
  calls = [];
  /** `{ status, body, headers }`, a function of the call that returns one, or null for a connection that is cut. */
  answers = [];

  static async start() {
    const stub = new StubServer();
    stub.server = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      const { method, url, headers } = request;
      const call = { method, url, headers, body: body && JSON.parse(body) };
      stub.calls.push(call);
      const next = stub.answers.length > 0 ? stub.answers.shift() : {};
      const answer = typeof next === 'function' ? await next(call) : next;
      if (answer === null) return request.socket.destroy();
      const { status = 200, body: told = {}, headers: more = {} } = answer;
      response.writeHead(status, { 'content-type': 'application/json', ...more });
      response.end(typeof told === 'string' ? told : JSON.stringify(told));
    });
    stub.server.listen(0, '127.0.0.1');
    await once(stub.server, 'listening');
    stub.url = `http://127.0.0.1:${stub.server.address().port}`;
    return stub;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

/** A fetch whose first answer is lost; `calls` counts its requests. */
export function lossyFetch() {
  const lossy = async (...request) => {
    const response = await fetch(...request);
    lossy.calls += 1;
    if (lossy.calls === 1) throw new TypeError('fetch failed');
    return response;
  };
  lossy.calls = 0;
  return lossy;
}
