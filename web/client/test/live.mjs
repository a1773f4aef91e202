// A live chat over sockets that the test controls.

import assert from 'node:assert/strict';

import { fakeChat, message, record, settle } from './support.mjs';

export const MINUTE = 60_000;

/** A chat that is live, after a page with these numbers. */
export async function live(options, seqs = [1, 2]) {
  const fake = fakeChat(options);
  fake.heard = record(fake.chat);
  fake.rest.messages = () => ({ messages: seqs.map((seq) => message(seq)), session_id: 1, has_more: false, last_seq: seqs.at(-1) ?? 0 });
  const connecting = fake.chat.connect();
  await settle();
  fake.sockets[0].open();
  await connecting;
  fake.seqs = () => fake.heard.message.map(({ seq }) => seq);
  return fake;
}

/** Cuts a chat's socket, lets it open the next one, and returns that. */
export async function reconnect({ chat, clock, sockets }) {
  sockets.at(-1).end();
  assert.equal(chat.state, 'recovering');
  await clock.pass(1000);
  sockets.at(-1).open();
  await settle();
  return sockets.at(-1);
}
