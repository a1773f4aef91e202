// Starts the page: a token first, then the room.

import { $ } from './dom.js';
import { Entrance } from './entrance.js';
import { translate } from './locale.js';
import { Room } from './room.js';
import { Host, claimsOf, takeFromAddress } from './tokens.js';

translate();

const hosts = document.querySelector('meta[name="live-chat-hosts"]').content.split(/\s+/).filter(Boolean);
const host = new Host(hosts);
let room = null;

const entrance = new Entrance({ onToken: (token) => enter(token) });

/** Enters with a token, or with a function that fetches one. It rejects if the chat does not accept it. */
async function enter(token, startsAt) {
  leave();
  const entered = new Room({ token, startsAt, onRefused: refused });
  room = entered;
  try {
    await entered.enter();
    entrance.close();
  } catch (error) {
    // Unless another token came meanwhile, the way in starts over.
    if (room === entered) leave();
    throw error;
  }
}

function refused(error) {
  leave();
  entrance.open(entrance.wordsFor(error));
}

function leave() {
  room?.leave();
  room = null;
  for (const id of ['composer', 'room', 'numbers']) $(id).hidden = true;
}

async function enterByHost({ token, starts_at: startsAt }) {
  if (room || !claimsOf(token)) return;
  // The first time the token that was just sent is used; afterwards the application is asked for another one.
  let first = token;
  const next = () => {
    const given = first ?? host.nextToken();
    first = undefined;
    return given;
  };
  await enter(next, startsAt).catch((error) => entrance.open(entrance.wordsFor(error)));
}

function enterByAddress() {
  const token = takeFromAddress();
  if (!token) return false;
  enter(token).catch((error) => entrance.open(entrance.wordsFor(error)));
  return true;
}

addEventListener('hashchange', enterByAddress);
if (!enterByAddress()) entrance.open();
if (host.isThere) host.listen(enterByHost);
