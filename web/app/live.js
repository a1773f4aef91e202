// What a chat shows once it is live: the log with its rows, which is the largest part of it, the names to mention, the visitor's like,
// and the rules. The code is loaded while the chat connects.

import { addMarkup } from '../embed/log-markup.js';
import { addStyles } from '../embed/log-styles.js';
import { Deletion } from './deletion.js';
import { offerEmoji } from './emoji.js';
import { History } from './history.js';
import { later, once } from './later.js';
import { offerNames } from './mentions.js';
import { MessageItems } from './message-items.js';
import { MessageLog } from './message-log.js';

const PART_AFTER_MS = 2_000;

export { Rules } from './rules.js';
export { SessionLike } from './session-like.js';

/** The log of a chat; `onDraw` as for `MessageLog`, `composer` and `announcer` as for `Deletion`, and the others as for `MessageItems`. */
export async function logOf({ view, chat, signal, composer, announcer, onDraw, ...ofItems }) {
  await addStyles(view.root);
  addMarkup(view);
  const onQuote = (id) => log.goTo(id) || composer.notify(view.words.quoteAway);
  const toldLinks = () => chat.session?.clickable_links;
  const mayPin = () => chat.capabilities?.includes('announce') ?? false;
  const items = new MessageItems({ view, toldLinks, mayPin, onDelete: (message) => deletion.of(message), onQuote, ...ofItems });
  const log = new MessageLog({ view, history: new History(chat), items, signal, onDraw });
  const deletion = new Deletion({ view, chat, log, composer, announcer });
  chat.addEventListener('clickableLinks', () => log.showLinks(), { signal });
  showPins({ view, chat, signal, composer, announcer, mayPin, onGo: (id) => log.goTo(id) });
  showHosted({ view, chat, signal, composer, announcer });
  offerEmoji({ view, chat, composer, announcer, signal });
  offerNames({ view, chat, signal, composer, announcer, isMuted: ofItems.isMuted });
  offerPart({ view, chat, signal, composer, announcer, likes: ofItems.likes });
  return log;
}

/** Loads the bar of reactions and questions a moment after the chat is live: what one came for is there first. */
function offerPart({ chat, signal, ...of }) {
  const load = once(async () => (await import('./taking-part.js')).takePart({ chat, signal, ...of }));
  let timer;
  const show = () => {
    if (chat.state !== 'live' || chat.session?.reactions === undefined) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      if (!signal.aborted) load().catch((error) => console.error(error));
    }, PART_AFTER_MS);
  };
  for (const type of ['state', 'session']) chat.addEventListener(type, show, { signal });
  show();
}

/** Keeps the strip of pinned messages up to date, from the first pin on. */
function showPins({ view, chat, signal, composer, mayPin, ...of }) {
  const onUnpin = (id) => chat.moderate.unpin(id).catch(() => composer.notify(view.words.actFailed));
  const strip = later(async () => {
    const { Pins } = await import('./pins.js');
    return new Pins({ view, signal, mayUnpin: mayPin, onUnpin, ...of });
  });
  let shown = JSON.stringify([[], false]);
  const show = () => {
    const pins = chat.state === 'ended' ? [] : chat.pins;
    const next = JSON.stringify([pins, pins.length > 0 && mayPin()]);
    if (next === shown) return;
    shown = next;
    strip.show(pins);
  };
  for (const type of ['pins', 'session', 'state']) chat.addEventListener(type, show, { signal });
  show();
}

/** Keeps the cards of polls and of the draw up to date, from the first on. */
function showHosted({ view, chat, signal, ...of }) {
  const cards = later(async () => {
    const { Hosted } = await import('./hosted.js');
    return new Hosted({ view, chat, signal, ...of });
  });
  let [hasAny, isArrival] = [false, true];
  const show = () => {
    const { polls = [], draw = null } = (chat.state !== 'ended' && chat.session) || {};
    hasAny ||= polls.length > 0 || draw !== null;
    if (hasAny) cards.show(polls, draw, { isArrival });
    // What comes after the session has come is news.
    isArrival &&= !chat.session;
  };
  for (const type of ['poll', 'draw', 'session', 'state']) chat.addEventListener(type, show, { signal });
  show();
}
