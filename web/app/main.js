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

/** Enters with a token, or with a function that fetches one. Rejects if the chat does not accept it, unless that was handled. */
async function enter(token, startsAt) {
  leave();
  const entered = new Room({ token, startsAt, onRefused: refused });
  room = entered;
  try {
    await entered.enter();
    entrance.close();
  } catch (error) {
    // Another token arrived meanwhile, or the entrance is open again.
    if (room !== entered) return;
    leave();
    throw error;
  }
}

function refused(error) {
  leave();
  entrance.openAgain(error);
}

function leave() {
  room?.leave();
  room = null;
  for (const id of ['composer', 'room', 'numbers']) $(id).hidden = true;
}

/** If an application opened the page, it is asked for the next token once this one has expired. */
function renewable(token) {
  if (!host.isThere) return token;
  let first = token;
  return () => {
    const given = first ?? host.nextToken();
    first = undefined;
    return given;
  };
}

async function enterWith(token, startsAt) {
  try {
    await enter(renewable(token), startsAt);
  } catch (error) {
    entrance.open(entrance.wordsFor(error));
  }
}

function enterByHost({ token, starts_at: startsAt }) {
  // An open room asks for tokens itself.
  if (!room && claimsOf(token)) enterWith(token, startsAt);
}

function enterByAddress() {
  const token = takeFromAddress();
  if (token) enterWith(token);
  return token !== undefined;
}

addEventListener('hashchange', enterByAddress);
if (!enterByAddress()) entrance.open();
if (host.isThere) host.listen(enterByHost);
