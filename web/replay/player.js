// What the replay plays beside: a recording, or a clock with controls of its own.

import { ReplayClock } from '../client/src/replay-time.js';
import { setText } from '../app/dom.js';

/** Arrow keys move the slider by so many seconds. */
const STEP = 5;

export class Player {
  #elements;
  #words;
  #clock = new ReplayClock();
  #address;

  /** `onVideoError` is called if a recording cannot be played. */
  constructor({ $, words, onVideoError }) {
    this.#elements = { video: $('video'), clock: $('clock'), time: $('time'), position: $('position'), play: $('play'), rate: $('rate') };
    this.#words = words;
    const { video, position, play, rate } = this.#elements;
    video.addEventListener('error', () => video.hasAttribute('src') && onVideoError());
    play.addEventListener('click', () => (this.#clock.paused ? this.#clock.play() : this.#clock.pause()));
    position.addEventListener('input', () => (this.#clock.currentTime = Number(position.value)));
    position.addEventListener('keydown', (event) => this.#press(event));
    rate.addEventListener('change', () => (this.#clock.playbackRate = Number(rate.value)));
    for (const type of ['play', 'pause', 'seeked']) this.#clock.addEventListener(type, () => this.#show());
  }

  /** A recording if there is one, otherwise the clock. */
  get media() {
    return this.#elements.video.hidden ? this.#clock : this.#elements.video;
  }

  /** Takes a recording: its address, or a file. */
  takeVideo(source) {
    const { video, clock } = this.#elements;
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = source instanceof Blob ? URL.createObjectURL(source) : undefined;
    this.#clock.pause();
    video.src = this.#address ?? source;
    video.hidden = false;
    clock.hidden = true;
  }

  /** Shows the clock, unless there is a recording. */
  takeDuration(seconds) {
    const { clock, video, position } = this.#elements;
    this.#clock.pause();
    this.#clock.duration = seconds;
    this.#clock.currentTime = 0;
    position.max = Math.ceil(seconds);
    clock.hidden = !video.hidden;
    this.#show();
  }

  #press(event) {
    const step = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP, PageDown: -60, PageUp: 60 }[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.#clock.currentTime = Math.min(this.#clock.duration, Math.max(0, this.#clock.currentTime + step));
  }

  #show = () => {
    const { time, position, play } = this.#elements;
    const { currentTime, duration, paused } = this.#clock;
    const [now, whole] = [clockTime(currentTime), clockTime(duration)];
    setText(time, `${now} / ${whole}`);
    position.value = currentTime;
    position.setAttribute('aria-valuetext', now);
    setText(play, paused ? this.#words.play : this.#words.pause);
    if (!paused && currentTime >= duration) this.#clock.pause();
    else if (!paused) requestAnimationFrame(this.#show);
  };
}

/** `1:02:03`, or `2:03` in the first hour. */
function clockTime(seconds) {
  const whole = Math.floor(seconds);
  const two = (number) => String(number).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
