// Creates the elements that show messages, and keeps their times and likes up to date.

import { colorOf, isAnnouncement } from './announcement.js';
import { fillAvatar } from './avatar.js';
import { clickable } from './clickable.js';
import { contained, element, setText } from './dom.js';
import { Fold } from './fold.js';
import { logWords } from './log-words.js';
import { plainName, plainText } from './plain-text.js';
import { Quotes, keepTabStop } from './quote.js';
import { partsOf } from './rich-text.js';

/** The same author's messages stand together if they come within this time. */
const GROUP_MS = 5 * 60_000;

export class MessageItems {
  #view;
  #words;
  #isOwn;
  #mayDelete;
  #mayPin;
  #likes;
  #onDelete;
  #onMenu;
  #isMuted;
  #me;
  #toldLinks;
  #fold;
  #quotes;
  /** The parts of which each row's text is made now, as JSON. */
  #drawn = new WeakMap();
  #mayLike = true;

  /**
   * `likes` are the visitor's own, `me` gives the visitor's name; `onMenu` is called with the message whose menu is asked for, and its
   * button, `onUnfold` when a long text is unfolded, `onQuote` with the id of the message to which a quote leads. `toldLinks` gives the
   * server's word on links.
   */
  constructor({ view, isOwn, mayDelete, mayPin, isMuted, likes, me, toldLinks, onDelete, onMenu, onQuote, onUnfold }) {
    this.#view = view;
    this.#words = view.words;
    this.#isOwn = isOwn;
    this.#mayDelete = mayDelete;
    this.#mayPin = mayPin;
    this.#likes = likes;
    this.#onDelete = onDelete;
    this.#onMenu = onMenu;
    this.#isMuted = isMuted;
    this.#me = me;
    this.#toldLinks = toldLinks;
    this.#fold = new Fold({ words: view.words, onUnfold });
    this.#quotes = new Quotes({ view, isMuted, onGo: onQuote });
  }

  /** Whatever of it fails, the text shows. */
  make(message) {
    const item = this.#view.copyOf('message-template');
    const part = (selector) => item.querySelector(selector);
    const { username, user_id: userId, profile_pic: picture } = message;
    const name = plainName(username);
    item.id = `message-${message.id}`;
    item.dataset.id = message.id;
    this.showMuted(item, message);
    part('.name').textContent = name;
    this.showText(item, message);
    item.classList.toggle('own', this.#isOwn(message));
    item.classList.toggle('winner', message.is_winner);
    if (message.is_host) part('.badges').append(element('span', 'badge host', this.#words.host));
    if (message.is_moderator) part('.badges').append(element('span', 'badge moderator', logWords(this.#view).moderator));
    if (message.resembles_staff) part('.badges').append(warning(logWords(this.#view)));
    if (message.is_winner) part('.badges').append(element('span', `badge winner ${medal(message.badge)}`, this.#words.winner));
    if (isAnnouncement(message)) this.#standOut(item, message);
    if (message.message_type === 'question') part('.badges').append(element('span', 'badge question', logWords(this.#view)[message.answered ? 'answered' : 'question']));
    if (message.shadowed) part('.badges').append(element('span', 'badge shadowed', this.#words.shadowed));
    this.#prepareButtons(item, message, name);
    contained(() => this.showQuote(item, message));
    contained(() => this.showTime(item, message));
    contained(() => fillAvatar(this.#view, part('.avatar'), { name, userId, picture }));
    return item;
  }

  #standOut(item, message) {
    item.classList.add('announcement');
    item.dataset.color = colorOf(message);
    item.querySelector('.badges').append(element('span', 'badge announcement', logWords(this.#view).announcement));
  }

  /** A message soon after one of the same author goes without its head; the first of another day has that day above it. */
  relate(item, message, previous) {
    const [at, before] = [message, previous].map((of) => of && new Date(of.created_at));
    const isOfAuthor = ['user_id', 'username', 'is_host', 'is_moderator', 'resembles_staff', 'is_winner', 'badge', 'shadowed', 'message_type'].every((part) => message[part] === previous?.[part]);
    const isOfDay = (before ?? new Date()).toDateString() === at.toDateString();
    item.classList.toggle('grouped', isOfAuthor && isOfDay && at - before < GROUP_MS && !isAnnouncement(message));
    item.classList.toggle('new-day', !isOfDay);
    setText(item.querySelector('.day'), isOfDay ? '' : this.#view.format.day(at));
  }

  /** The text, with its links and the mentions of the visitor. If its links are others, the focus in the old ones is at the row. */
  showText(item, message) {
    const node = item.querySelector('.text');
    const text = plainText(message.message);
    const of = { mayLink: (url) => this.#mayLink(url, message), me: this.#isOwn(message) ? '' : this.#me() };
    const parts = contained(() => partsOf(text, of)) ?? [{ text }];
    const drawn = JSON.stringify(parts);
    // Somebody may have selected it.
    if (this.#drawn.get(item) === drawn) return;
    this.#drawn.set(item, drawn);
    const hadFocus = node.contains(this.#view.active);
    node.replaceChildren(...parts.map(nodeOf));
    keepTabStop(item, node);
    if (hadFocus) item.focus({ preventScroll: true });
    this.#markForMe(item, message);
  }

  /** What it shows of the message that it replies to, which may have changed. */
  showQuote(item, message) {
    this.#quotes.show(item, message);
    this.#markForMe(item, message);
  }

  /** What names the visitor stands out, and so does a reply to them. */
  #markForMe(item, message) {
    item.classList.toggle('mentions-me', item.querySelector('.text .mention') !== null || this.#isForMe(message));
  }

  #isForMe(message) {
    const named = [message.reply_to?.user_id, ...(message.mentions ?? [])];
    return !this.#isOwn(message) && named.some((id) => this.#isOwn({ user_id: id ?? '' }));
  }

  #mayLink(url, message) {
    return clickable(this.#view.links, this.#toldLinks())(url, { isOfStaff: message.is_host || message.is_moderator });
  }

  /** Folds the long ones of messages that are on the page. */
  fold(entries) {
    contained(() => this.#fold.measure(entries.map(({ item }) => item)));
  }

  /** Shows the time, which has a date unless it is from today. */
  showTime(item, message) {
    const time = item.querySelector('time');
    const created = new Date(message.created_at);
    time.dateTime = message.created_at;
    time.title = this.#view.format.fullTime(created);
    setText(time, this.#view.format.messageTime(created));
  }

  /** Hides what somebody wrote who is muted, and what others quote of it. */
  showMuted(item, message) {
    item.hidden = this.#isMuted(message);
    this.#quotes.showMuted(item, message);
  }

  /** Shows the number of likes, and whether the visitor's is among them. */
  showLikes(item, message) {
    const button = item.querySelector('.like-message');
    setText(button.querySelector('.likes'), message.likes > 0 ? this.#view.format.count(message.likes) : '');
    button.setAttribute('aria-label', this.#words.likeMessage(plainName(message.username), message.likes));
    button.setAttribute('aria-pressed', String(this.#isLiked(message)));
    button.setAttribute('aria-disabled', String(!this.#mayLike));
  }

  /** Likes are off once the session has ended. */
  setMayLike(mayLike) {
    this.#mayLike = mayLike;
  }

  /** The message was deleted, but its row is still needed: it keeps its size, and shows nothing of the message. */
  empty(item) {
    const hadFocus = item !== this.#view.active && item.contains(this.#view.active);
    item.style.minHeight = `${item.offsetHeight}px`;
    item.removeAttribute('id');
    item.className = 'message emptied';
    item.replaceChildren(element('p', 'body', this.#words.deleted));
    if (hadFocus) item.focus({ preventScroll: true });
  }

  #isLiked(message) {
    return this.#likes.isLiked(message.id, message.user_liked);
  }

  #prepareButtons(item, message, name) {
    const remove = item.querySelector('.delete-message');
    remove.hidden = !this.#mayDelete(message);
    remove.setAttribute('aria-label', this.#words.deleteMessageOf(name));
    remove.addEventListener('click', () => this.#onDelete(message));
    const menu = item.querySelector('.menu-button');
    menu.hidden = this.#isOwn(message) && !this.#mayPin();
    menu.setAttribute('aria-label', this.#words.menuOf(name));
    menu.addEventListener('click', () => this.#onMenu(message, menu));
    const like = item.querySelector('.like-message');
    // Staff see it, but nobody likes it except its author, whose page does not know that it is shadowed.
    like.hidden = message.shadowed === true;
    like.addEventListener('click', () => {
      if (this.#mayLike) this.#likes.toggle(message.id, this.#isLiked(message));
    });
    this.#fold.prepare(item, message.id, name);
    this.showLikes(item, message);
  }
}

/** A link tells the other site nothing, and hands it nothing. */
function nodeOf({ text, url, isMention }) {
  if (isMention) return element('mark', 'mention', text);
  if (url === undefined) return document.createTextNode(text);
  const link = element('a', '', text);
  Object.assign(link, { href: url, target: '_blank', rel: 'noopener noreferrer nofollow ugc', title: url, tabIndex: -1 });
  return link;
}

const medal = (badge) => (['gold', 'silver', 'bronze'].includes(badge) ? badge : '');

/** The mark of an author whose name can be taken for that of a host or moderator in the room. */
function warning({ notStaff, notStaffHint }) {
  const badge = element('span', 'badge not-staff', notStaff);
  badge.title = notStaffHint;
  return badge;
}
