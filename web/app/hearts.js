// Hearts that float up when a user likes the session.

import { contained } from './dom.js';

const MOST_AT_ONCE = 6;
const MOST_ALIVE = 24;
const RISE_MS = 2200;

export class Hearts {
  #place;
  #drawing;
  #stillness = contained(() => matchMedia('(prefers-reduced-motion: reduce)'));

  constructor({ $, root }) {
    this.#place = $('hearts');
    this.#drawing = root.querySelector('.heart svg');
  }

  rise(likes) {
    contained(() => this.#rise(likes));
  }

  #rise(likes) {
    if (this.#stillness?.matches || document.hidden) return;
    const room = MOST_ALIVE - this.#place.childElementCount;
    for (let i = 0; i < Math.min(likes, MOST_AT_ONCE, room); i++) this.#one(i * 90);
  }

  #one(delay) {
    const heart = this.#drawing.cloneNode(true);
    heart.setAttribute('class', `hue-${Math.floor(Math.random() * 3)}`);
    this.#place.append(heart);
    const drift = () => Math.round((Math.random() - 0.5) * 56);
    const size = 0.8 + Math.random() * 0.6;
    const frames = [
      { transform: `translate(0, 0) scale(${size / 3})`, opacity: 0 },
      { transform: `translate(${drift()}px, -3rem) scale(${size})`, opacity: 1, offset: 0.2 },
      { transform: `translate(${drift()}px, -8rem) scale(${size})`, opacity: 0.9, offset: 0.6 },
      { transform: `translate(${drift()}px, -14rem) scale(${size * 0.9})`, opacity: 0 },
    ];
    try {
      heart.animate(frames, { duration: RISE_MS, delay, fill: 'both', easing: 'ease-out' }).onfinish = () => heart.remove();
    } catch (error) {
      heart.remove();
      throw error;
    }
  }
}
