// A live chat over fake sockets that the test controls.

import { fakeChat, message, record, resumed, settle } from './support.mjs';

export const page = (seqs, more = {}) => ({ messages: seqs.map((seq) => message(seq)), session_id: 1, has_more: false, last_seq: seqs.at(-1) ?? 0, ...more });

/** A chat that is live, after a page with these numbers. */
export async function liveChat(options, seqs = [1, 2]) {
  const fake = fakeChat(options);
  fake.heard = record(fake.chat);
  fake.rest.messages = () => page(seqs);
  const connecting = fake.chat.connect();
  await settle();
  fake.sockets[0].open();
  await connecting;
  return fake;
}

/** Ends the first socket of a live chat and opens the next one, which has not answered yet. */
export async function reopened(fake) {
  fake.sockets[0].end();
  await fake.clock.pass(750);
  const [, socket] = fake.sockets;
  socket.open();
  await settle();
  return socket;
}

/** Opens the newest socket and answers its requests: no messages were missed. */
export async function comeBack({ sockets, chat }) {
  const socket = sockets.at(-1);
  socket.open();
  await settle();
  socket.tell(resumed([], [...chat.messages.values()].at(-1)?.seq ?? 0));
  await settle();
  return socket;
}
