// What this browser remembers of a visitor's emoji: those used last, and the tone of skin. A browser that keeps nothing still has them
// until the page is left.

const KEY = 'live-chat-emoji';
const MOST_RECENT = 24;
/** None, and the five of Unicode. */
const TONES = 6;

/** As it was last read or written; and whether that is all there is, because the browser keeps nothing. */
let kept = { recent: [], tone: 0 };
let isOursAlone = false;

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

/** Anew each time: other tabs write, too. */
function read() {
  if (isOursAlone) return kept;
  try {
    const stored = JSON.parse(localStorage.getItem(KEY));
    if (stored) kept = cleaned(stored);
  } catch {
    // Nothing is kept, or nothing that can be read.
  }
  return kept;
}

function cleaned({ recent, tone }) {
  const list = Array.isArray(recent) ? recent : [];
  return {
    recent: [...new Set(list.filter((one) => typeof one === 'string'))].slice(0, MOST_RECENT),
    tone: Number.isInteger(tone) && tone > 0 && tone < TONES ? tone : 0,
  };
}

function write(next) {
  kept = next;
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    isOursAlone = true;
  }
}
