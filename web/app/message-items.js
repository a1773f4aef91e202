// Creates the elements that show messages, and keeps their likes up to date.

import { fillAvatar } from './avatar.js';
import { copyOf, element, setText } from './dom.js';
import { count, fullTime, messageTime } from './format.js';
import { words } from './locale.js';

export class MessageItems {
  #isOwn;
  #mayDelete;
  #onLike;
  #onDelete;
  /** Messages that this visitor liked, as far as this page knows. */
  #liked = new Set();

  constructor({ isOwn, mayDelete, onLike, onDelete }) {
    this.#isOwn = isOwn;
    this.#mayDelete = mayDelete;
    this.#onLike = onLike;
    this.#onDelete = onDelete;
  }

  make(message) {
    const item = copyOf('message-template');
    const part = (selector) => item.querySelector(selector);
    item.id = `message-${message.id}`;
    item.dataset.id = message.id;
    item.classList.toggle('own', this.#isOwn(message));
    item.classList.toggle('winner', message.is_winner);
    const { username: name, user_id: userId, profile_pic: picture } = message;
    fillAvatar(part('.avatar'), { name, userId, picture });
    part('.name').textContent = name;
    if (message.is_host) part('.badges').append(element('span', 'badge host', words.host));
    if (message.is_winner) part('.badges').append(element('span', `badge winner ${medal(message.badge)}`, words.winner));
    const time = part('time');
    const created = new Date(message.created_at);
    time.dateTime = message.created_at;
    time.title = fullTime(created);
    time.textContent = messageTime(created);
    part('.text').textContent = message.message;
    this.#prepareButtons(item, message);
    return item;
  }

  /** Shows the number of likes. */
  showLikes(item, message) {
    const button = item.querySelector('.like-message');
    setText(button.querySelector('.likes'), message.likes > 0 ? count(message.likes) : '');
    button.setAttribute('aria-label', words.likeMessage(message.username, message.likes));
    button.setAttribute('aria-pressed', String(this.#liked.has(message.id)));
  }

  #prepareButtons(item, message) {
    const remove = item.querySelector('.delete-message');
    remove.hidden = !this.#mayDelete(message);
    remove.setAttribute('aria-label', words.deleteMessage);
    remove.addEventListener('click', () => this.#onDelete(message));
    item.querySelector('.like-message').addEventListener('click', async () => {
      if (this.#liked.has(message.id)) return;
      if (!(await this.#onLike(message))) return;
      this.#liked.add(message.id);
      this.showLikes(item, message);
    });
    this.showLikes(item, message);
  }
}

const medal = (badge) => (['gold', 'silver', 'bronze'].includes(badge) ? badge : '');
