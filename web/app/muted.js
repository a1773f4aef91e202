// The people whom this visitor does not want to read, kept in this browser. Where it blocks storage, they are remembered until the
// page is left.

const KEY = 'live-chat-muted';
/** More than anybody mutes by hand; the oldest go first. */
const MOST = 500;
/** Tells the other chats of this page, which hear no `storage` events of it. */
const here = new EventTarget();

export class Muted {
  #key;
  #onMute;
  #onUnmute;
  /** The names by user id. */
  #names = new Map();

  /** `onMute` is called once somebody is muted, `onUnmute` once somebody no longer is; in any tab. */
  constructor({ view, signal, onMute, onUnmute }) {
    this.#key = `${KEY} ${view.baseUrl}`;
    this.#onMute = onMute;
    this.#onUnmute = onUnmute;
    this.#names = this.#read() ?? this.#names;
    addEventListener('storage', ({ key }) => key === this.#key && this.#adopt(this.#read() ?? new Map()), { signal });
    here.addEventListener(this.#key, () => this.#adopt(this.#now), { signal });
  }

  has(userId) {
    return this.#names.has(userId);
  }

  /** `[userId, name]` of each, in the order in which they were muted. */
  get all() {
    return [...this.#names];
  }

  mute(userId, name) {
    this.#change([...this.#now, [userId, name]].slice(-MOST));
  }

  unmute(userId) {
    this.#change([...this.#now].filter(([id]) => id !== userId));
  }

  /** Another tab may have changed them while this one slept. */
  get #now() {
    return this.#read() ?? this.#names;
  }

  #change(people) {
    this.#adopt(new Map(people));
    this.#write();
    here.dispatchEvent(new Event(this.#key));
  }

  #adopt(names) {
    const before = this.#names;
    this.#names = names;
    if (this.all.some(([id]) => !before.has(id))) this.#onMute();
    if ([...before.keys()].some((id) => !names.has(id))) this.#onUnmute();
  }

  /** What was kept; undefined if nothing was, or not by this module. */
  #read() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.#key));
      return new Map(kept.filter(([id, name]) => typeof id === 'string' && typeof name === 'string').slice(-MOST));
    } catch {
      return undefined;
    }
  }

  #write() {
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.all));
    } catch {
      // Remembered by this page alone.
    }
  }
}
