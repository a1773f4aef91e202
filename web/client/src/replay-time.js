// Time to replay by where there is no recording: with the properties, methods and events of a media element, as far as a replay needs them.

export class ReplayClock extends EventTarget {
  #now;
  /** The position at the moment `#since`, in seconds. */
  #position = 0;
  #since = 0;
  #rate = 1;
  #isPaused = true;
  /** In seconds. */
  duration = Infinity;

  constructor({ now = () => performance.now() } = {}) {
    super();
    this.#now = now;
  }

  /** In seconds. */
  get currentTime() {
    const played = this.#isPaused ? 0 : ((this.#now() - this.#since) / 1000) * this.#rate;
    return Math.min(this.#position + played, this.duration);
  }

  set currentTime(seconds) {
    this.#settle(Math.max(0, seconds));
    this.#tell('seeked');
  }

  get playbackRate() {
    return this.#rate;
  }

  set playbackRate(rate) {
    if (!(rate > 0 && rate <= 16)) throw new RangeError('playbackRate is above 0, and 16 at most');
    this.#settle();
    this.#rate = rate;
    this.#tell('ratechange');
  }

  get paused() {
    return this.#isPaused;
  }

  async play() {
    this.#settle();
    this.#isPaused = false;
    this.#tell('play');
  }

  pause() {
    this.#settle();
    this.#isPaused = true;
    this.#tell('pause');
  }

  #settle(position = this.currentTime) {
    this.#position = position;
    this.#since = this.#now();
  }

  #tell(type) {
    this.dispatchEvent(new Event(type));
  }
}
