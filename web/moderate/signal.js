// Tells of new holds and reports: the number that waits in the title, and a sound if it is switched on.

import { words } from './words.js';

const NOTE_S = 0.12;
/** Many at once are one sound. */
const SILENCE_MS = 1_500;

export class Signal {
  #preferences;
  #counts = { held: 0, reports: 0 };
  #audio;
  #last = 0;

  constructor(preferences) {
    this.#preferences = preferences;
  }

  count(what, size) {
    this.#counts[what] = size;
    const waiting = this.#counts.held + this.#counts.reports;
    document.title = waiting > 0 ? `(${waiting}) ${words.title}` : words.title;
  }

  news() {
    const now = Date.now();
    if (!this.#preferences.get('sound') || now - this.#last < SILENCE_MS) return;
    this.#last = now;
    this.sound();
  }

  sound() {
    try {
      this.#audio ??= new AudioContext();
      this.#audio.resume();
      const [tone, volume] = [this.#audio.createOscillator(), this.#audio.createGain()];
      tone.frequency.value = 660;
      volume.gain.value = 0.1;
      tone.connect(volume).connect(this.#audio.destination);
      tone.start();
      tone.stop(this.#audio.currentTime + NOTE_S);
    } catch (error) {
      // A browser without sound still has the title.
      console.error(error);
    }
  }
}
