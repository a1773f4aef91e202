// Reactions that float up over the log, all of them drawn on one canvas: however many come in, the page has no more elements.

import { contained, element } from './dom.js';

/** More would hide each other. */
const MOST_ALIVE = 80;
const RISE_MS = 2_600;
/** Those of one frame are spread over the time until the next one. */
const SPREAD_MS = 250;
const SIZE = 28;
/** A blurred picture is worse than a coarse one, and a fine one costs four times as much. */
const MOST_DENSITY = 2;

export class Bursts {
  #room;
  #canvas;
  #pen;
  #pictures = new Map();
  #alive = [];
  #frame;
  #stillness = contained(() => matchMedia('(prefers-reduced-motion: reduce)'));

  constructor({ view, signal }) {
    this.#room = view.$('room');
    this.#canvas = element('canvas');
    this.#canvas.id = 'bursts';
    this.#canvas.setAttribute('aria-hidden', 'true');
    this.#pen = this.#canvas.getContext('2d');
    this.#room.append(this.#canvas);
    signal.addEventListener('abort', () => {
      cancelAnimationFrame(this.#frame);
      this.#canvas.remove();
    });
  }

  /** Lets so many rise, as far as there is room for them. */
  add(name, count) {
    if (this.#stillness?.matches || document.hidden || !this.#pen) return;
    const now = performance.now();
    const room = Math.min(count, MOST_ALIVE - this.#alive.length);
    for (let i = 0; i < room; i++) {
      const [start, side, drift, scale] = [now + Math.random() * SPREAD_MS, Math.random(), Math.random() - 0.5, 0.7 + Math.random() * 0.6];
      this.#alive.push({ picture: this.#pictureOf(name), start, side, drift, scale });
    }
    if (room > 0) this.#frame ??= requestAnimationFrame((time) => this.#draw(time));
  }

  #draw(now) {
    this.#frame = undefined;
    const [width, height] = this.#fit();
    const pen = this.#pen;
    pen.clearRect(0, 0, width, height);
    this.#alive = this.#alive.filter(({ start }) => now - start < RISE_MS);
    for (const { picture, start, side, drift, scale } of this.#alive) {
      const age = (now - start) / RISE_MS;
      if (age < 0) continue;
      const size = SIZE * scale * Math.min(1, 0.4 + age * 6);
      const [x, y] = [width * (0.55 + 0.4 * side) + Math.sin(age * 6 + side * 9) * 12 + drift * 40 * age, height - size / 2 - age * Math.min(height, 420)];
      pen.globalAlpha = age > 0.6 ? Math.max(0, (1 - age) / 0.4) : 1;
      pen.drawImage(picture, x - size / 2, y - size / 2, size, size);
    }
    pen.globalAlpha = 1;
    if (this.#alive.length > 0) this.#frame = requestAnimationFrame((time) => this.#draw(time));
  }

  /** Makes the canvas as large as the log, and returns that size. */
  #fit() {
    const { clientWidth: width, clientHeight: height } = this.#room;
    const density = this.#density;
    const [across, down] = [Math.round(width * density), Math.round(height * density)];
    if (this.#canvas.width !== across || this.#canvas.height !== down) Object.assign(this.#canvas, { width: across, height: down });
    this.#pen.setTransform(density, 0, 0, density, 0, 0);
    return [width, height];
  }

  get #density() {
    return Math.min(globalThis.devicePixelRatio || 1, MOST_DENSITY);
  }

  /** An emoji, drawn once: text is slow to draw. */
  #pictureOf(name) {
    if (this.#pictures.has(name)) return this.#pictures.get(name);
    const picture = document.createElement('canvas');
    picture.width = picture.height = SIZE * 2 * this.#density;
    const pen = picture.getContext('2d');
    pen.font = `${picture.width * 0.78}px sans-serif`;
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.fillText(name, picture.width / 2, picture.height * 0.54);
    this.#pictures.set(name, picture);
    return picture;
  }
}
