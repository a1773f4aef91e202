// Starts the page: a token first, then the room.

import { $ } from './dom.js';
import { Entrance } from './entrance.js';
import { words, translate } from './locale.js';
import { Room } from './room.js';
import { Host, claimsOf, takeFromAddress } from './tokens.js';

translate();

const hosts = document.querySelector('meta[name="live-chat-hosts"]').content.split(/\s+/).filter(Boolean);
const host = new Host(hosts);
let room = null;

const entrance = new Entrance({ onToken: (token) => enter(token) });

/** Enters with a token, or with a function that fetches one. It rejects if the chat does not accept it. */
async function enter(token, startsAt) {
  room?.leave();
  room = new Room({ token, startsAt, onRefused: refused });
  await room.enter();
  entrance.close();
}

function refused() {
  room.leave();
  room = null;
  $('composer').hidden = true;
  $('room').hidden = true;
  $('numbers').hidden = true;
  entrance.open(words.tokenRefused);
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
  room?.leave();
  enter(token).catch((error) => entrance.open(entrance.wordsFor(error)));
  return true;
}

addEventListener('hashchange', enterByAddress);
if (!enterByAddress()) entrance.open();
if (host.isThere) host.listen(enterByHost);
