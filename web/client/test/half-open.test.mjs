// Network failures that only a timeout detects: a proxy in between stops forwarding, and the test moves the clock.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { after, before, test } from 'node:test';

import WebSocket from 'ws';

import { Gateway } from '../../../tests/clients/gateway.mjs';
import { LiveChat } from '../src/index.js';
import { assertInOrder, becomes, FakeClock, next, record, SECRET, settle, texts, token } from './support.mjs';
import { ticketEndpoint } from './ticket-endpoint.mjs';

const LIMIT = { timeout: 60_000 };

let gateway;
before(async () => {
  gateway = await Gateway.start({ settings: { JWT_SECRET: SECRET, LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE: '0' } });
});
after(() => gateway.stop());

/** Forwards bytes until it is frozen: then open connections stay open, but carry no data. */
async function proxy(port) {
  const pairs = new Set();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    const pair = [near, far];
    pairs.add(pair);
    near.pipe(far).pipe(near);
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => pair.forEach((other) => other.destroy()));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    freeze() {
      for (const pair of pairs) for (const socket of pair) socket.unpipe().pause();
    },
    close() {
      for (const [near] of pairs) near.destroy();
      server.close();
    },
  };
}

/** Resolves when a fake clock has a timer that is due within this time. */
async function timerWithin(clock, wait) {
  while (!(clock.waits[0] <= wait)) await new Promise((resolve) => setImmediate(resolve));
}

/** Cuts Ann's network off and back on. `comeBack` lets the clock run until she must be live again. */
async function halfOpen({ port, tokenIn, comeBack }) {
  const network = await proxy(port);
  const clock = new FakeClock();
  const [ann, bob] = [
    new LiveChat({ baseUrl: network.url, token: token('ann'), tokenIn, WebSocket, clock, random: () => 0.5 }),
    new LiveChat({ baseUrl: gateway.url, token: token('bob'), WebSocket, history: 0 }),
  ];
  try {
    const heard = record(ann);
    await Promise.all([ann.connect(), bob.connect()]);
    const arrived = next(ann, 'message');
    await bob.sendMessage('before');
    await arrived;
    network.freeze();
    await bob.sendMessage('while ann is cut off');
    const sending = ann.sendMessage('into the void');
    await clock.pass(30_000);
    assert.equal(ann.state, 'live', 'nothing tells yet');
    await clock.pass(10_000);
    assert.equal(ann.state, 'recovering');
    const arriving = texts(ann, 2);
    await clock.pass(750);
    await comeBack(ann, clock);
    await becomes(ann, 'live');
    assert.equal((await sending).duplicate, false);
    assert.deepEqual(await arriving, ['while ann is cut off', 'into the void']);
    assertInOrder(heard.message);
  } finally {
    ann.close();
    bob.close();
    network.close();
  }
}

test('a half-open socket is detected, and messages missed and written meanwhile arrive', LIMIT, () =>
  halfOpen({ port: gateway.port, tokenIn: 'subprotocol', comeBack: async () => {} }));

test('the same with tickets: the call for one hangs on a half-open connection, and is not waited for', LIMIT, async () => {
  const endpoint = await ticketEndpoint(gateway);
  try {
    await halfOpen({
      port: endpoint.port,
      comeBack: async (ann, clock) => {
        const failing = next(ann, 'error');
        // Node keeps several connections open, each of which may cost an attempt.
        ann.addEventListener('error', async () => {
          await settle();
          await clock.pass(clock.waits[0]);
        });
        await clock.pass(5_000);
        assert.equal((await failing).code, 'network');
      },
    });
    assert.deepEqual(endpoint.taken, ['ticket-1', 'ticket-2']);
  } finally {
    endpoint.close();
  }
});

test('a token is renewed while the room talks: the next socket opens first, and nothing is lost or doubled', LIMIT, async () => {
  const life = [];
  class Watched extends WebSocket {
    constructor(...address) {
      super(...address);
      const name = life.filter((moment) => moment.startsWith('new')).length + 1;
      life.push(`new ${name}`);
      this.on('open', () => life.push(`open ${name}`));
      this.on('close', () => life.push(`closed ${name}`));
    }
  }
  const clock = new FakeClock();
  let fetched = 0;
  const freshToken = () => token('ann', { expiresIn: 20, jti: String(++fetched) });
  const ann = new LiveChat({ baseUrl: gateway.url, token: freshToken, WebSocket: Watched, clock, history: 0 });
  const bob = new LiveChat({ baseUrl: gateway.url, token: token('bob'), WebSocket, history: 0 });
  try {
    const heard = record(ann);
    await Promise.all([ann.connect(), bob.connect()]);
    const arriving = texts(ann, 40);
    const wanted = Array.from({ length: 40 }, (_, i) => `talk ${i}`);
    const sent = wanted.map((text) => bob.sendMessage(text));
    await sent[9];
    await timerWithin(clock, 20_000);
    await clock.pass(18_500);
    await Promise.all(sent);
    assert.deepEqual(await arriving, wanted);
    assertInOrder(heard.message);
    while (!life.includes('closed 1')) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(life, ['new 1', 'open 1', 'new 2', 'open 2', 'closed 1']);
    assert.equal(fetched, 2);
    assert.deepEqual(heard.state.map(({ state }) => state), ['connecting', 'live']);
    assert.deepEqual(heard.error, []);
  } finally {
    ann.close();
    bob.close();
  }
});

test('a token that the gateway refuses is replaced; without a function the chat ends', LIMIT, async () => {
  const expired = token('ann', { expiresIn: -3600 });
  const tokens = [expired, token('ann')];
  const renewing = new LiveChat({ baseUrl: gateway.url, token: async () => tokens.shift(), WebSocket });
  await renewing.connect();
  assert.equal(tokens.length, 0);
  renewing.close();
  const fixed = new LiveChat({ baseUrl: gateway.url, token: expired, WebSocket });
  await assert.rejects(fixed.connect(), { code: 'unauthorized', status: 401 });
  assert.equal(fixed.state, 'ended');
});
