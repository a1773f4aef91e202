// Many random sequences of events in a room and on one client's connection. The model of the server does only what docs/contract.md,
// Delivery, allows: numbers are stored late or never, sent in order and sometimes twice, and responses overtake pushed frames.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fakeChat, message, settle } from './support.mjs';

const RUNS = 500;
const STEPS = 80;

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function numbers(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Model {
  /** A server that `looks` stops after some numbers, whatever it has found, and tells how far it came; others stop after some messages. */
  constructor(random, { looks }) {
    this.random = random;
    this.looks = looks;
    this.rows = []; // By number - 1: 'open', 'stored' or 'void'.
    this.posted = 0; // The last number sent to the sockets.
    this.cursor = 0; // The last number stored as sent.
    this.fake = fakeChat();
    this.heard = [];
    this.fake.chat.addEventListener('message', ({ detail }) => this.heard.push(detail.seq));
    this.fake.rest.messages = (url) => {
      const after = Number(new URL(url).searchParams.get('after') ?? 100_000_000) - 100_000_000;
      const page = after !== 0 && this.looks ? this.look(after, 2) : this.page(after, after === 0 ? 1000 : 2);
      return { ...page, next_after: page.has_more && page.up_to ? message(page.up_to).id : null, session_id: 1 };
    };
  }

  get socket() {
    return this.fake.sockets.at(-1);
  }

  page(after, limit, last_seq = this.cursor) {
    const stored = this.stored().filter((seq) => seq > after);
    return { messages: stored.slice(0, limit).map((seq) => message(seq)), last_seq, has_more: stored.length > limit };
  }

  look(after, count, last_seq = this.cursor) {
    const up_to = Math.min(after + count, this.rows.length);
    const found = this.stored().filter((seq) => seq > after && seq <= up_to);
    return { messages: found.map((seq) => message(seq)), last_seq, has_more: up_to < this.rows.length, up_to };
  }

  stored() {
    return this.rows.flatMap((row, i) => (row === 'stored' ? [i + 1] : []));
  }

  /** Stores or gives up a random open number that the broadcast has not passed. */
  settleOne(outcome) {
    const open = this.rows.flatMap((row, i) => (row === 'open' && i >= this.posted ? [i] : []));
    if (open.length > 0) this.rows[open[Math.floor(this.random() * open.length)]] = outcome;
  }

  /** The broadcast sends the next number, unless it is open. */
  post() {
    const row = this.rows[this.posted];
    if (row === undefined || row === 'open') return false;
    this.posted += 1;
    if (row === 'stored') this.tell(this.posted);
    return true;
  }

  tell(seq) {
    if (this.socket?.isOpen) this.socket.queue.push({ type: 'new_message', message: message(seq) });
  }

  /** The broadcast crashed before it stored its cursor, and sends the same messages again. */
  repeat() {
    for (let seq = this.cursor + 1; seq <= this.posted; seq++) if (this.rows[seq - 1] === 'stored') this.tell(seq);
  }

  async openSocket() {
    const { socket } = this;
    if (!socket || socket.isOpen || socket.isClosed) return false;
    Object.assign(socket, { isOpen: true, queue: [], answered: 0 });
    socket.open();
    return true;
  }

  /** Reads for a `resume`; the cursor may be stale. */
  async answer() {
    const { socket } = this;
    const asked = socket?.isOpen ? socket.of('resume')[socket.answered] : undefined;
    if (!asked) return false;
    socket.answered += 1;
    const old = Math.max(0, this.cursor - Math.floor(this.random() * 2));
    const { has_more, ...rest } = this.looks ? this.look(asked.after, 3, old) : this.page(asked.after, 3, old);
    socket.tell({ type: 'resumed', ...rest, complete: !has_more });
    return true;
  }

  deliver() {
    const { socket } = this;
    if (!socket?.isOpen || socket.isClosed || socket.queue.length === 0) return false;
    socket.tell(socket.queue.shift());
    return true;
  }

  async step() {
    const choice = Math.floor(this.random() * 16);
    if (choice < 4) this.rows.push('open');
    else if (choice < 7) this.settleOne('stored');
    else if (choice < 8) this.settleOne('void');
    else if (choice < 10) this.post();
    else if (choice < 11) this.cursor = this.posted;
    else if (choice < 12 && this.random() < 0.3) this.repeat();
    else if (choice < 14) this.deliver();
    else if (choice < 15) (await this.openSocket()) || (await this.answer());
    else if (this.random() < 0.3 && this.socket?.isOpen && !this.socket.isClosed) this.socket.end();
    else await this.fake.clock.pass(1000);
    await settle();
  }

  /** Runs until nothing is left to do. */
  async finish() {
    this.rows = this.rows.map((row) => (row === 'open' ? 'void' : row));
    while (this.post());
    this.cursor = this.posted;
    for (let quiet = 0, steps = 0; quiet < 4; quiet++) {
      while ((await this.openSocket()) || (await this.answer()) || this.deliver()) {
        quiet = 0;
        assert.ok(++steps < 1_000, 'the client comes to rest');
        await settle();
      }
      await this.fake.clock.pass(16_000);
    }
  }
}

test(`in ${RUNS} random lives, every message comes once and in order`, { timeout: 120_000 }, async () => {
  let total = 0;
  for (let seed = 1; seed <= RUNS; seed++) {
    const model = new Model(numbers(seed), { looks: seed % 2 === 0 });
    model.fake.chat.connect().catch(() => {});
    for (let i = 0; i < STEPS; i++) await model.step();
    await model.finish();
    assert.equal(model.fake.chat.state, 'live', `seed ${seed}`);
    assert.deepEqual(model.heard, model.stored(), `seed ${seed}`);
    total += model.heard.length;
    model.fake.chat.close();
  }
  assert.ok(total > 5 * RUNS, 'the lives were not empty');
});
