// Starts the page: a token first, then the chat.

import { claimsOf, identityOf } from './claims.js';
import { Entrance } from './entrance.js';
import { HOST_DEADLINE_MS, Host } from './host.js';
import { mayJoinAs } from './join-as.js';
import { NO_TOKEN, noMoreTokens } from './no-token.js';
import { chat, showTitle, words } from './page.js';
import { forgetToken, isValid, keepToken, keptToken, mayHaveDoor, takeFromAddress } from './tokens.js';
import '../embed/live-chat.js';

/** Codes with which the chat refuses a token for good. */
const REFUSED = ['unauthorized', 'token_expired', 'forbidden'];

const host = new Host();
/** The token with which the chat was entered by a link, and a newer one of the same user. */
let current;
let successor;
/** The users as whom the application offered to go on in this chat; the visitor is asked once about each. */
let offered = new Set();

/** What was decided about the last token that was brought. */
let decided = Promise.resolve();

const entrance = new Entrance({ onToken: enterByForm });

/**
 * Enters with a token, or with a function that fetches one and begins with the token `first`. Resolves with whether the chat is open.
 * Rejects if the chat does not accept the token, unless that was handled.
 */
async function enter(token, { first, startsAt }) {
  const entering = chat.connect({ token, first, startsAt });
  current = successor = undefined;
  offered = new Set();
  // Otherwise, another token arrived meanwhile, or the entrance is open again.
  const isIn = await entering;
  if (isIn) entrance.close();
  return isIn;
}

/** The chat no longer accepts the visitor's token. */
function refused(error) {
  const next = isValid(successor) ? successor : undefined;
  if (next) return enterWith(next);
  forgetToken();
  entrance.openAgain(error);
}

/** If an application opened the page, it is asked for the next token once this one has expired. */
function renewable(token) {
  if (!host.isThere) return token;
  const { sub } = claimsOf(token);
  let first = token;
  return async () => {
    const given = first ?? successor ?? (await nextToken((next) => claimsOf(next).sub === sub));
    first = successor = undefined;
    return given;
  };
}

/** The application's next token. Without one, a visitor on this machine can enter with a name instead. */
async function nextToken(isWanted) {
  try {
    return await host.nextToken(isWanted);
  } catch (error) {
    throw error.code === NO_TOKEN && mayHaveDoor() ? noMoreTokens('token_expired', error.message) : error;
  }
}

async function enterWith(token, startsAt) {
  entrance.wait();
  const entering = enter(renewable(token), { first: token, startsAt });
  current = token;
  try {
    await entering;
  } catch (error) {
    if (REFUSED.includes(error.code)) forgetToken();
    entrance.open(entrance.wordsFor(error));
  }
}

/** Enters with a pasted token, or with a function that fetches one for a name. */
async function enterByForm(token, first = token) {
  if (!(await enter(token, { first }))) return;
  if (token === first) keepToken(token);
  else forgetToken();
}

/** Whether a token is one for `renewal` in the running chat, or else may be used to `enter`: another user's only after a question. */
function useOf(token) {
  const decide = async () => {
    const next = await identityOf(token);
    const now = chat.user;
    if (now?.sub === next.sub) return 'renewal';
    return !now || (await mayJoinAs(next, now)) ? 'enter' : 'nothing';
  };
  // One after the other: a question does not change while somebody is about to answer it.
  decided = decided.then(decide);
  return decided;
}

async function enterByHost({ token, startsAt }) {
  const { sub } = claimsOf(token);
  if (chat.user && offered.has(sub)) return;
  offered.add(sub);
  // An open chat asks for its user's tokens itself.
  if ((await useOf(token)) === 'enter') enterWith(token, startsAt);
}

async function enterByLink(token) {
  const use = await useOf(token);
  if (use === 'enter') {
    keepToken(token);
    enterWith(token);
  } else if (use === 'renewal' && token !== current && isValid(token)) {
    keepToken(token);
    // The chat goes on. This token is for the time when the chat refuses the first one.
    successor = token;
  }
}

/** Enters with a token in the address; returns whether there was one. */
function enterByAddress() {
  const token = takeFromAddress();
  if (token === undefined) return false;
  if (claimsOf(token)) enterByLink(token);
  else if (chat.user) chat.notify(words.tokenMalformed);
  else entrance.open(words.tokenMalformed);
  return true;
}

/** Enters again after a reload or Back; returns whether there is nothing else to do. */
function enterAgain() {
  const kept = keptToken();
  if (kept?.isValid) enterWith(kept.token);
  // The application has a newer one.
  else if (!kept || host.isThere) return false;
  else refused({ code: 'token_expired' });
  return true;
}

chat.addEventListener('live-chat-ready', () => entrance.hide());
chat.addEventListener('live-chat-name', ({ detail }) => showTitle(detail.name));
chat.addEventListener('live-chat-ended', ({ detail }) => refused(detail));
addEventListener('hashchange', enterByAddress);
const isEntering = enterByAddress() || enterAgain();
if (!isEntering && !host.isThere) entrance.open();
if (host.isThere) {
  if (!isEntering) entrance.wait();
  host.listen(enterByHost);
  // Any page may have opened this one, also one that knows nothing of tokens.
  setTimeout(() => !chat.user && entrance.isWaiting && entrance.open(), HOST_DEADLINE_MS);
}
