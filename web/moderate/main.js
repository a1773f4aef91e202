// Starts the console: a token first, then what it lets its holder do.

import { LiveChat } from '../client/src/index.js';
import { forget, isToken, keep, kept, rightsOf, takeFromAddress } from './access.js';
import { Console } from './console.js';
import { $ } from './elements.js';
import { Entrance } from './entrance.js';
import { wordsFor } from './notice.js';
import { askedRoom } from './rooms.js';
import { translate, words } from './words.js';

/** How many messages the client keeps, so that it can tell which ones an act brings back. */
const KEPT = 2_000;
/** Names of rooms. */
const ROOM = /^[a-z0-9-]{1,64}$/;

translate();

let isOpen = false;
const entrance = new Entrance({ onToken: enter });

async function enter(token) {
  keep(token);
  // A console belongs to one moderator: another one begins anew.
  if (isOpen) return location.reload();
  entrance.wait();
  const room = askedRoom();
  if (room !== undefined && !ROOM.test(room)) return entrance.open(words.noSuchRoom);
  const chat = new LiveChat({ token, room, keepMessages: KEPT });
  try {
    const rights = await rightsOf(chat, token);
    if (!rights.moderate && !rights.audit) return refuse(words.notStaff);
    isOpen = true;
    new Console({ chat, rights, room, onOver: leave }).start();
    entrance.close();
  } catch (error) {
    if (!error.code) throw error;
    if (error.code === 'unauthorized') return refuse(words.tokenRefused);
    entrance.open(wordsFor(error));
  }
  return undefined;
}

function refuse(text) {
  forget();
  entrance.open(text);
}

/** The chat no longer accepts the token. */
function leave(error) {
  refuse(error.code === 'banned' ? wordsFor(error) : words.tokenRefused);
}

function enterByAddress() {
  const token = takeFromAddress();
  if (token === undefined) return false;
  if (isToken(token)) enter(token);
  else if (!isOpen) entrance.open(words.tokenMalformed);
  return true;
}

$('leave').addEventListener('click', () => {
  forget();
  location.reload();
});
addEventListener('hashchange', enterByAddress);
if (!enterByAddress()) {
  const token = kept();
  if (token) enter(token);
  else entrance.open();
}
