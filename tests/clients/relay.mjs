// Passes calls and sockets of a page's server on to a gateway.

import { request } from 'node:http';

const call = (url, { method, url: path, headers }, onReply) => request(url + path, { method, headers }).on('response', onReply).on('upgrade', onReply);

/** Passes a call on; `change` returns the headers of the reply. */
export function relayCall(url, asked, answer, change = (headers) => headers) {
  asked.pipe(call(url, asked, (reply) => reply.pipe(answer.writeHead(reply.statusCode, change(reply.headers)))));
}

/** Passes a socket on, from an `upgrade` of the server. */
export function relaySocket(url, asked, socket) {
  const accept = (reply, far) => {
    const lines = Object.entries(reply.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
    far.pipe(socket).pipe(far);
    for (const end of [far, socket]) end.on('error', () => far.destroy(socket.destroy()));
  };
  call(url, asked, accept).end();
}
