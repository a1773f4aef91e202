// How a moderator likes to work, kept in this browser. Where storage is blocked, the choices hold until the tab is closed.

const KEY = 'live-chat-console';
const DEFAULTS = { keys: true, sound: false, deleteMessages: true, timeoutSeconds: 600 };

export class Preferences extends EventTarget {
  #values = { ...DEFAULTS };

  constructor() {
    super();
    try {
      const kept = JSON.parse(localStorage.getItem(KEY)) ?? {};
      for (const [name, value] of Object.entries(DEFAULTS)) {
        if (typeof kept[name] === typeof value) this.#values[name] = kept[name];
      }
    } catch {
      // The defaults hold.
    }
  }

  get(name) {
    return this.#values[name];
  }

  set(name, value) {
    this.#values[name] = value;
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#values));
    } catch {
      // Kept in memory.
    }
    this.dispatchEvent(new Event('change'));
  }
}
