// A chat that was: an export of a session, played beside a recording or a clock, with the shape of `LiveChat`.
//
// What was removed is never shown, unless the application asks for it and the export has it: a replay is for the public.

import { ChatError } from './chat-error.js';
import { loseQuote } from './quotes.js';
import { ReplayClock } from './replay-time.js';
import { recordsOf } from './replay-source.js';
import { timelineOf } from './replay-timeline.js';

export { ChatError, ReplayClock };

/** A recording that jumps further than this, in seconds, has been sought, whatever it says. */
const JUMP = 2;
/** Timers are late: an entry is due if it is no further away than this, in milliseconds. */
const EARLY_MS = 20;
/** A browser says "timeupdate" four times a second; where nothing does, the replay looks itself. */
const LONGEST_WAIT_MS = 250;
const systemClock = {
  setTimeout: (action, wait) => setTimeout(action, wait),
  clearTimeout: (timer) => clearTimeout(timer),
};
const HEARD = ['play', 'playing', 'pause', 'seeking', 'seeked', 'ratechange', 'timeupdate', 'ended'];

/** An event with `detail`. (Node 18 has no `CustomEvent`.) */
class ReplayEvent extends Event {
  constructor(type, detail) {
    super(type);
    this.detail = detail;
  }
}

export class ReplayChat extends EventTarget {
  #source;
  #fetch;
  #start;
  #keep;
  #showsRemoved;
  #media;
  #clock;
  #entries = [];
  /** The number of entries that are played. */
  #played = 0;
  /** The position of the recording when entries were played last, in seconds. */
  #position = 0;
  #timer;
  #connecting;
  #found;
  #state = 'ended';
  #messages = new Map();

  /** `media` is a media element or a `ReplayClock`; without one, the replay has a clock of its own. */
  constructor({ source, media = new ReplayClock(), start, keepMessages = 1000, showRemoved = false, fetch = globalThis.fetch, clock = systemClock } = {}) {
    super();
    if (source === undefined) throw new TypeError('ReplayChat needs a source: an export as a text, an address, a file, a stream, or its records');
    if (start !== undefined && Number.isNaN(new Date(start).getTime())) throw new TypeError('start is a time');
    this.#source = source;
    this.#fetch = fetch;
    this.#start = start;
    this.#keep = keepMessages;
    this.#showsRemoved = showRemoved;
    this.#media = media;
    this.#clock = clock;
  }

  /** `ended` before `connect` and after `close`, `connecting` while the export is read, then `live`. */
  get state() {
    return this.#state;
  }

  /** The session, as the export has it; null before it is read. */
  get session() {
    return this.#found?.session ?? null;
  }

  /** The messages that show now, by id, in order: the newest of them. Treat it as read-only. */
  get messages() {
    return this.#messages;
  }

  /** What it plays beside. */
  get media() {
    return this.#media;
  }

  /** When the recording began, in milliseconds since 1970. */
  get startTime() {
    return new Date(this.#start ?? this.session?.start_time ?? NaN).getTime();
  }

  /** The recording began at another time. */
  set startTime(time) {
    if (Number.isNaN(new Date(time).getTime())) throw new TypeError('startTime is a time');
    this.#start = time;
    if (this.#state === 'live') this.#showAll();
  }

  /** How long after the start the last entry comes, in seconds. */
  get duration() {
    return Math.max(0, ((this.#entries.at(-1)?.at ?? this.startTime) - this.startTime) / 1000);
  }

  /** The number of messages that it shows, all in all. */
  get total() {
    return this.#entries.filter(({ type }) => type === 'message').length;
  }

  /** The number of messages that are gone and that it does not show. */
  get removed() {
    return this.#found?.removed ?? 0;
  }

  /** Whether the export has its end. */
  get isComplete() {
    return this.#found?.isComplete ?? false;
  }

  /** Nobody likes, writes or is counted in a replay. */
  viewers = 0;
  likes = 0;
  pins = [];
  pending = [];
  userId = undefined;
  capabilities = null;
  standing = null;

  /** Reads the export; resolves once it plays. */
  connect() {
    this.#connecting ??= this.#connect();
    return this.#connecting;
  }

  async #connect() {
    this.#change('connecting');
    try {
      this.#found = await timelineOf(recordsOf(this.#source, this.#fetch), { showsRemoved: this.#showsRemoved });
    } catch (error) {
      this.#connecting = undefined;
      this.#change('ended', error);
      this.#emit('error', error);
      throw error;
    }
    if (!this.#connecting) throw new ChatError('closed', 'The replay was closed');
    this.#entries = this.#found.entries;
    this.#emit('session', { session: this.session });
    this.#listen();
    this.#change('live');
    this.#showAll();
  }

  /** Plays beside another recording or clock. */
  attach(media) {
    this.#deafen();
    this.#media = media;
    if (this.#state !== 'live') return;
    this.#listen();
    this.#showAll();
  }

  /** Stops; the recording goes on. */
  close() {
    if (!this.#connecting) return;
    this.#connecting = undefined;
    this.#deafen();
    this.#change('ended', new ChatError('closed', 'The replay was closed'));
  }

  /** A page of the messages that show by now; `before` and `after` are message ids. */
  async getMessages({ before, after, limit = 50 } = {}) {
    const shown = this.#visible().filter(({ id }) => (before === undefined || id < before) && (after === undefined || id > after));
    const messages = after === undefined ? shown.slice(-limit) : shown.slice(0, limit);
    return { messages, session_id: this.session?.id, has_more: messages.length < shown.length, last_seq: shown.at(-1)?.seq ?? 0 };
  }

  /** Nobody writes in a replay. */
  async sendMessage() {
    throw new ChatError('chat_not_active', 'This chat is a replay');
  }

  #listen() {
    for (const type of HEARD) this.#media.addEventListener(type, this.#look);
  }

  #deafen() {
    this.#clock.clearTimeout(this.#timer);
    for (const type of HEARD) this.#media.removeEventListener(type, this.#look);
  }

  /** Something about the recording has changed, or it is time for the next entry. */
  #look = (event) => {
    if (this.#state !== 'live') return;
    const position = this.#media.currentTime;
    const hasJumped = position < this.#position || position > this.#position + JUMP * Math.max(1, this.#media.playbackRate ?? 1);
    if (hasJumped || event?.type === 'seeked') this.#showAll();
    else this.#playOn(position);
  };

  /** Emits what is due since the last time. */
  #playOn(position) {
    this.#position = position;
    const now = this.startTime + position * 1000 + EARLY_MS;
    while (this.#played < this.#entries.length && this.#entries[this.#played].at <= now) {
      const entry = this.#entries[this.#played];
      this.#played += 1;
      this.#apply(entry, (type, detail) => this.#emit(type, detail));
    }
    this.#await();
  }

  /** The recording is somewhere else: what shows there is shown at once, and events on the way are none. */
  #showAll() {
    this.#position = this.#media.currentTime;
    const now = this.startTime + this.#position * 1000 + EARLY_MS;
    this.#played = countUpTo(this.#entries, now);
    this.#messages.clear();
    for (const message of this.#visible().slice(-this.#keep)) this.#messages.set(message.id, message);
    this.#emit('seeked', { position: this.#position, messages: [...this.#messages.values()] });
    this.#await();
  }

  /** All messages that show by now, in the order of the chat. */
  #visible() {
    const shown = new Map();
    const played = this.#entries.slice(0, this.#played);
    for (const entry of played) applyTo(shown, entry);
    return [...shown.values()].sort((a, b) => a.seq - b.seq);
  }

  #apply(entry, emit) {
    const told = applyTo(this.#messages, entry);
    if (this.#messages.size > this.#keep) this.#messages.delete(this.#messages.keys().next().value);
    if (told) emit(entry.type, told);
  }

  /** Looks again when the next entry is due. */
  #await() {
    this.#clock.clearTimeout(this.#timer);
    const next = this.#entries[this.#played];
    if (this.#media.paused || this.#media.ended || next === undefined) return;
    const rest = (next.at - this.startTime) / 1000 - this.#media.currentTime;
    const wait = (rest * 1000) / (this.#media.playbackRate || 1);
    this.#timer = this.#clock.setTimeout(this.#look, Math.min(LONGEST_WAIT_MS, Math.max(0, wait)));
    // Node would wait for it.
    this.#timer?.unref?.();
  }

  #change(state, reason) {
    this.#state = state;
    this.#emit('state', { state, reason });
  }

  #emit(type, detail) {
    this.dispatchEvent(new ReplayEvent(type, detail));
  }
}

/** The number of entries up to a time. */
function countUpTo(entries, time) {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle].at <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Applies an entry to the messages that show; returns what is told of it. */
function applyTo(messages, { type, detail }) {
  if (type === 'event') return detail;
  if (type === 'message') {
    const message = { ...detail };
    messages.set(message.id, message);
    return message;
  }
  const isGone = {
    deleted: ({ id }) => id === detail,
    purged: ({ user_id, seq }) => user_id === detail.user_id && seq <= detail.up_to_seq,
    cleared: ({ seq }) => seq <= detail.up_to_seq,
  }[type];
  const gone = [...messages.values()].filter(isGone);
  for (const { id } of gone) messages.delete(id);
  for (const message of messages.values()) loseQuote(message, isGone);
  if (type !== 'deleted') return { ...detail, messages: gone };
  return gone.length > 0 ? { message_id: detail, message: gone[0], client_message_id: gone[0].client_message_id ?? undefined } : undefined;
}
