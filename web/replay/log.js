// The log of a replay: that of the chat, in which nobody writes, likes or acts.

import { addStyles } from '../embed/log-styles.js';
import { addMarkup } from '../embed/log-markup.js';
import { elementsOf, markup } from '../embed/markup.js';
import { styled } from '../embed/styles.js';
import { History } from '../app/history.js';
import { MessageItems } from '../app/message-items.js';
import { MessageLog } from '../app/message-log.js';
import { View } from '../app/view.js';
import { withWords } from '../app/words.js';

/** What of a chat there is no use for. */
const UNUSED = ['header', 'banner', 'footer', 'why'];

/** The rows without their buttons. Their likes are those that they had when they were exported. */
class Rows extends MessageItems {
  make(message) {
    const item = super.make(message);
    item.querySelector('.menu-button').hidden = true;
    item.querySelector('.like-message').hidden = !(message.likes > 0);
    return item;
  }
}

/** Makes the log in an element, which it fills. `show(replay)` shows the messages of a replay in it. */
export async function makeLog(host, { locale, strings, pictureHosts }) {
  const root = host.attachShadow({ mode: 'open' });
  const { links, loaded } = styled(root);
  root.replaceChildren(...links, markup());
  const settings = { links: { from: 'staff', domains: [] }, layout: 'compact', pictureHosts };
  const view = new View({ root, locale: withWords(locale, strings), elementsOf, ...settings });
  await Promise.all([loaded, addStyles(root)]);
  addMarkup(view);
  for (const id of UNUSED) view.$(id).hidden = true;
  view.$('room').hidden = false;
  let listeners = new AbortController();
  let log;
  const show = (replay) => {
    listeners.abort();
    log?.clear();
    listeners = new AbortController();
    log = logOf(replay, view, listeners.signal);
  };
  return { show };
}

function logOf(replay, view, signal) {
  const never = () => false;
  const items = new Rows({
    view,
    isOwn: never,
    mayDelete: never,
    mayPin: never,
    isMuted: never,
    likes: { isLiked: never, toggle() {} },
    me: () => '',
    toldLinks: () => undefined,
    onDelete() {},
    onMenu() {},
    onQuote: (id) => log.goTo(id),
    onUnfold: () => log.stay(),
  });
  const log = new MessageLog({ view, history: new History(replay), items, signal, onDraw() {} });
  const hear = (type, act) => replay.addEventListener(type, ({ detail }) => act(detail), { signal });
  hear('message', (message) => log.add(message));
  hear('seeked', () => log.reload());
  hear('deleted', ({ message_id: id }) => log.remove(id));
  hear('purged', ({ user_id: user, up_to_seq: upTo }) => log.removeCovered((message) => message.user_id === user && message.seq <= upTo));
  hear('cleared', ({ up_to_seq: upTo }) => log.removeCovered((message) => message.seq <= upTo));
  log.setMayLike(false);
  log.begun();
  log.reload();
  return log;
}
