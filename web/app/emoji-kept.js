// What this browser remembers of a visitor's emoji: those used last, and the tone of skin. A browser that keeps nothing still has them
// until the page is left.

const KEY = 'live-chat-emoji';
const MOST_RECENT = 24;
/** None, and the five of Unicode. */
const TONES = 6;

let kept;

/** The emoji used last, newest first, each without a tone. */
export const recent = () => read().recent;

/** The number of the tone: 0 for none, 1 (light) to 5 (dark). */
export const tone = () => read().tone;

/** An emoji was used. */
export function use(emoji) {
  write({ recent: [emoji, ...recent().filter((one) => one !== emoji)].slice(0, MOST_RECENT), tone: tone() });
}

export function chooseTone(number) {
  write({ recent: recent(), tone: number });
}

function read() {
  if (kept) return kept;
  let stored;
  try {
    stored = JSON.parse(localStorage.getItem(KEY));
  } catch {
    // Nothing is kept, or nothing that can be read.
  }
  const list = Array.isArray(stored?.recent) ? stored.recent : [];
  kept = {
    recent: [...new Set(list.filter((one) => typeof one === 'string'))].slice(0, MOST_RECENT),
    tone: Number.isInteger(stored?.tone) && stored.tone > 0 && stored.tone < TONES ? stored.tone : 0,
  };
  return kept;
}

function write(next) {
  kept = next;
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Remembered by this page alone.
  }
}
