// Tickets against a real gateway: with the gateway's own endpoint, and with one that counts the tickets it issues and accepts.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import WebSocket from 'ws';

import { Gateway } from '../../../tests/clients/gateway.mjs';
import { LiveChat } from '../src/index.js';
import { becomes, next, SECRET, token } from './support.mjs';
import { ticketEndpoint } from './ticket-endpoint.mjs';

const LIMIT = { timeout: 60_000 };
/** A deployment that accepts no token in a URL. */
const SETTINGS = { JWT_SECRET: SECRET, LIVE_CHAT_QUERY_TOKEN: 'false' };

let gateway;
before(async () => (gateway = await Gateway.start({ settings: SETTINGS })));
after(() => gateway.stop());

/** A chat, and the sockets that it opened. */
function watched(baseUrl, options) {
  const sockets = [];
  class Watched extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols);
      sockets.push({ socket: this, url, protocols });
    }
  }
  return { sockets, chat: new LiveChat({ baseUrl, WebSocket: Watched, ...options }) };
}

test('by default every socket takes a new ticket, and no address holds the token', LIMIT, async () => {
  const mine = token('ann');
  const { chat, sockets } = watched(gateway.url, { token: mine });
  try {
    await chat.connect();
    const arrives = next(chat, 'message');
    await chat.sendMessage('without a token in the address');
    assert.equal((await arrives).message, 'without a token in the address');
    sockets[0].socket.terminate();
    await becomes(chat, 'recovering');
    await becomes(chat, 'live');
    assert.equal(sockets.length, 2);
    const tickets = sockets.map(({ url }) => new URL(url).searchParams.get('ticket'));
    assert.ok(tickets.every((ticket) => ticket), String(tickets));
    assert.notEqual(tickets[0], tickets[1]);
    for (const { url, protocols } of sockets) {
      assert.ok(!url.includes(mine.split('.')[2]) && !url.includes('token='), url);
      assert.deepEqual(protocols, []);
    }
  } finally {
    chat.close();
  }
});

test('an eleventh socket of a user learns why it is refused, and gets in when there is a place', LIMIT, async () => {
  const mine = token('cal');
  const others = Array.from({ length: 10 }, () => watched(gateway.url, { token: mine, tokenIn: 'subprotocol' }).chat);
  const { chat, sockets } = watched(gateway.url, { token: mine });
  try {
    await Promise.all(others.map((other) => other.connect()));
    const why = next(chat, 'error', ({ refusedSocket }) => refusedSocket);
    const connecting = chat.connect();
    const { code, status, message } = await why;
    assert.deepEqual([code, status], ['rate_limited', 429]);
    assert.match(message, /10 sockets/);
    assert.deepEqual([chat.state, sockets.length], ['connecting', 1]);
    others[0].close();
    await connecting;
    assert.equal(chat.state, 'live');
  } finally {
    for (const one of [chat, ...others]) one.close();
  }
});

test('where there are tickets, each socket takes one, and each is taken once', LIMIT, async () => {
  // The endpoint turns tickets into the guide's `?token=`.
  const open = await Gateway.start({ settings: { JWT_SECRET: SECRET } });
  const endpoint = await ticketEndpoint(open);
  const { chat, sockets } = watched(endpoint.url, { token: () => token('bob') });
  try {
    await chat.connect();
    const arrives = next(chat, 'message');
    await chat.sendMessage('with a ticket');
    assert.equal((await arrives).message, 'with a ticket');
    sockets[0].socket.terminate();
    await becomes(chat, 'recovering');
    await becomes(chat, 'live');
    assert.deepEqual(endpoint.taken, ['ticket-1', 'ticket-2']);
    assert.equal(endpoint.given, 2);
  } finally {
    chat.close();
    endpoint.close();
    await open.stop();
  }
});
