// Which emoji this system can draw. A font that lacks one draws a box, or the parts of a sequence one by one. Browsers do not say what
// their fonts have, so a canvas shows it: a drawn emoji has its own colours, whatever the colour of the text is.

const SIZE_PX = 24;
/** Where a canvas does not tell: what systems since 2019 draw. */
const SURE_VERSION = 12;
const SURE = '😀';
const FLAG = '🇪🇸';
/** Of private use, the last of Unicode: no font has it. */
const BOX = '\u{10fffd}';
/** Two pictures side by side instead of one. */
const TOO_WIDE = 1.5;
const JOINER = '\u200d';
/** Flags of countries, and of parts of them: some systems have none. */
const IS_FLAG = /^\p{Regional_Indicator}|\u{e0067}/u;

/**
 * A test of an emoji and its version (UTS #51). `versions` are the emoji of each version: one of each is drawn as a sample; all
 * are, where the font has no colours.
 */
export function drawnHere(versions, canvas = document.createElement('canvas')) {
  const isSure = (_, version) => version <= SURE_VERSION;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return isSure;
  Object.assign(canvas, { width: SIZE_PX, height: SIZE_PX });
  context.textBaseline = 'top';
  context.font = `${SIZE_PX * 0.75}px "Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", "Twemoji Mozilla", sans-serif`;
  // A browser that guards against being recognised shows the same for everything.
  if (hasOwnColours(context, BOX)) return isSure;
  if (!hasOwnColours(context, SURE)) {
    const box = pixels(context, BOX, '#000');
    const isBox = (text) => same(pixels(context, String.fromCodePoint(text.codePointAt(0)), '#000'), box);
    return (text, version) => isSure(text, version) && isOnePicture(context, text) && !isBox(text);
  }
  const isDrawn = (text) => hasOwnColours(context, text) && isOnePicture(context, text);
  const newest = [...versions.keys()].sort((a, b) => b - a).find((version) => isDrawn(sampleOf(versions.get(version)))) ?? SURE_VERSION;
  const hasFlags = isDrawn(FLAG);
  return (text, version) => version <= newest && (hasFlags || !IS_FLAG.test(text));
}

/** A single character shows best what a font has. */
const sampleOf = (emoji) => emoji.find((one) => [...one].length === 1) ?? emoji[0];

function hasOwnColours(context, text) {
  const [black, white] = ['#000', '#fff'].map((colour) => pixels(context, text, colour));
  return black.some((value) => value > 0) && same(black, white);
}

const same = (one, other) => one.every((value, i) => value === other[i]);

function pixels(context, text, colour) {
  context.clearRect(0, 0, SIZE_PX, SIZE_PX);
  context.fillStyle = colour;
  context.fillText(text, 0, 0);
  return context.getImageData(0, 0, SIZE_PX, SIZE_PX).data;
}

function isOnePicture(context, text) {
  if (!text.includes(JOINER)) return true;
  return context.measureText(text).width < TOO_WIDE * context.measureText(SURE).width;
}
