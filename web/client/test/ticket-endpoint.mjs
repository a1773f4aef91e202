// A deployment with tickets in front of any gateway, even one without tickets: it answers `POST /live-chat/ticket` itself, accepts
// each ticket once, and forwards everything else.

import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';

export async function ticketEndpoint(gateway) {
  const tickets = new Map();
  const endpoint = { given: 0, taken: [] };
  const server = createServer((incoming, answer) => {
    if (incoming.method === 'POST' && incoming.url === '/live-chat/ticket') {
      const ticket = `ticket-${++endpoint.given}`;
      tickets.set(ticket, incoming.headers.authorization.replace('Bearer ', ''));
      answer.end(JSON.stringify({ ticket, expires_in: 30 }));
      return;
    }
    const { method, url: path, headers } = incoming;
    const passed = request({ port: gateway.port, host: '127.0.0.1', method, path, headers }, (response) => {
      answer.writeHead(response.statusCode, response.headers);
      response.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    incoming.pipe(passed);
  });
  server.on('upgrade', ({ url, headers }, near) => {
    const address = new URL(url, 'http://endpoint');
    const ticket = address.searchParams.get('ticket');
    endpoint.taken.push(ticket);
    if (!tickets.has(ticket)) return near.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
    address.searchParams.delete('ticket');
    address.searchParams.set('token', tickets.get(ticket));
    tickets.delete(ticket);
    const far = connect(gateway.port, '127.0.0.1');
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    far.write(`GET ${address.pathname}${address.search} HTTP/1.1\r\n${lines.join('')}\r\n`);
    near.pipe(far).pipe(near);
    for (const [socket, other] of [[near, far], [far, near]]) {
      socket.on('error', () => {});
      socket.on('close', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint.port = server.address().port;
  endpoint.url = `http://127.0.0.1:${endpoint.port}`;
  endpoint.close = () => {
    server.close();
    server.closeAllConnections();
  };
  return endpoint;
}
