// Times, numbers and names as people read them.

import { formatter, graphemesOf } from './intl.js';

/** Without `Intl`; empty for what is not a date. */
const plainTime = (date) => (Number.isNaN(Number(date)) ? '' : date.toTimeString().slice(0, 5));
const plainDate = (date) => (Number.isNaN(Number(date)) ? '' : `${date.toDateString()}, ${plainTime(date)}`);

const HUES = 10;

/** What depends on the language. */
export class Formats {
  #region;
  #timeOfDay;
  #dayAndTime;
  #inFull;
  #day;
  #exactNumber;
  #shortNumber;

  constructor({ language, region }) {
    const made = (...format) => formatter([region, language], ...format);
    this.#region = region;
    this.#timeOfDay = made('DateTimeFormat', { hour: 'numeric', minute: '2-digit' }, plainTime);
    this.#dayAndTime = made('DateTimeFormat', { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' }, plainDate);
    this.#inFull = made('DateTimeFormat', { dateStyle: 'full', timeStyle: 'medium' }, plainDate);
    this.#day = made('DateTimeFormat', { weekday: 'long', month: 'long', day: 'numeric' }, (date) => date.toDateString());
    this.#exactNumber = made('NumberFormat');
    this.#shortNumber = made('NumberFormat', { notation: 'compact', maximumFractionDigits: 1 });
  }

  /** The time; with the date unless it is today. */
  messageTime(date, now = new Date()) {
    return (date.toDateString() === now.toDateString() ? this.#timeOfDay : this.#dayAndTime).format(date);
  }

  day(date) {
    return this.#day.format(date);
  }

  fullTime(date) {
    return this.#inFull.format(date);
  }

  count(number) {
    try {
      return (number < 10_000 ? this.#exactNumber : this.#shortNumber).format(number);
    } catch {
      return String(number);
    }
  }

  /** The first letters of the first and the last word. */
  initials(name) {
    const words = name.trim().split(/\s+/u);
    const chosen = words.length > 1 ? [words[0], words.at(-1)] : words;
    return chosen.map(firstLetter).join('').toLocaleUpperCase(this.#region) || '?';
  }
}

/** A duration: `4:07` below an hour, `2 h 5 min`, `3 d 4 h`. */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  if (hours >= 1) return `${hours} h ${minutes % 60} min`;
  return `${minutes}:${String(seconds % 60).padStart(2, '0')}`;
}

/** A duration rounded to minutes, where seconds do not matter. */
export function roughDuration(milliseconds) {
  return milliseconds < 3_600_000 ? `${Math.max(0, Math.floor(milliseconds / 60_000))} min` : duration(milliseconds);
}

/** One of ten colours, always the same for a user. */
export function hueOf(userId) {
  let hash = 0x811c9dc5;
  for (const character of userId) hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % HUES;
}

function firstLetter(word) {
  return graphemesOf(word)[0] ?? '';
}
