// What the page remembers for its tab. A browser that blocks cookies throws on every access to its storage, and a full one on
// every write: the page then remembers in memory, until it is left.

const memory = new Map();

/** The value that was stored under a key; undefined if there is none that can be read. */
export function recall(key) {
  if (memory.has(key)) return memory.get(key);
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(key, value) {
  forget(key);
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    memory.set(key, value);
  }
}

export function forget(key) {
  memory.delete(key);
  try {
    sessionStorage.removeItem(key);
  } catch {
    // What cannot be reached was not stored, either.
  }
}
