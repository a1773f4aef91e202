// The button in the field that opens the emoji picker. The code of the picker and its emoji are loaded with the first click. On
// touch-only screens styles hide the button, since keyboards have emoji, unless the room takes emoji only.

import wordsOf from './emoji-words.js';
import { once } from './later.js';
import { withStrings } from './own-words.js';

const SVG = 'http://www.w3.org/2000/svg';
const FACE = 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm0 2a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM8.5 8.2a1.4 1.4 0 1 0 0 2.8 1.4 1.4 0 0 0 0-2.8zm7 0a1.4 1.4 0 1 0 0 2.8 1.4 1.4 0 0 0 0-2.8zM7 13.5a5.2 5.2 0 0 0 10 0z';

/** Puts the button into the field until the signal aborts. `composer` shows what does not work, `announcer` speaks. */
export function offerEmoji({ view, chat, composer, announcer, signal }) {
  const language = Object.hasOwn(wordsOf, view.language) ? view.language : 'en';
  const words = withStrings(wordsOf[language], view.strings);
  const [form, text] = [view.$('composer'), view.$('text')];
  const button = buttonOf(words.emoji);
  text.after(button);

  const picker = once(async () => {
    const [{ EmojiPicker }, { default: data }] = await Promise.all([import('./emoji-picker.js'), dataOf(language)]);
    return signal.aborted ? undefined : EmojiPicker.make({ view, words, data, button, composer, announcer, signal });
  });
  // Whether the picker is to open, or to close, once it is loaded: a second click takes the wish back.
  let isWanted = false;
  let isLoading = false;
  let hasComplained = false;
  const want = (wants) => {
    isWanted = wants;
    button.setAttribute('aria-busy', String(wants));
  };
  const isClosed = () => text.readOnly || form.hidden;
  const clear = () => {
    if (hasComplained && view.$('notice').textContent === view.words.cannotReach) composer.notify('');
    hasComplained = false;
  };
  const load = async () => {
    isLoading = true;
    try {
      const made = await picker();
      clear();
      if (isWanted && !isClosed()) made?.toggle();
    } catch (error) {
      console.error(error);
      hasComplained = isWanted && !isClosed();
      if (hasComplained) composer.notify(view.words.cannotReach);
    }
    isLoading = false;
    want(false);
  };
  // The focus stays where it is, and returns there.
  button.addEventListener('mousedown', (event) => event.preventDefault());
  button.addEventListener('click', () => {
    if (isClosed()) return;
    want(!isWanted);
    if (!isLoading) load();
  });
  // A visitor who goes on with something else does not want the focus taken away later. Outside of the chat's root, nothing tells of a focus
  // that moves within it.
  const drop = (event) => isWanted && !event.composedPath().includes(button) && want(false);
  for (const type of ['input', 'pointerdown', 'focusin']) {
    for (const target of [globalThis, view.root]) target.addEventListener(type, drop, { signal, capture: true });
  }

  const showUse = () => button.classList.toggle('wanted', chat.session?.modes?.emoji_only === true);
  for (const type of ['session', 'modes']) chat.addEventListener(type, showUse, { signal });
  showUse();
  const showRight = () => {
    button.setAttribute('aria-disabled', String(text.readOnly));
    if (isClosed()) want(false);
  };
  const watch = new MutationObserver(showRight);
  watch.observe(form, { attributes: true, attributeFilter: ['class', 'hidden'] });
  showRight();
  signal.addEventListener('abort', () => {
    watch.disconnect();
    button.remove();
  });
}

/** Emoji have names and keywords in the languages of the chat. */
const dataOf = (language) => (language === 'es' ? import('./emoji.es.js') : import('./emoji.en.js'));

function buttonOf(label) {
  const button = document.createElement('button');
  Object.assign(button, { id: 'emoji', type: 'button', className: 'round', title: label });
  button.setAttribute('part', 'emoji');
  button.setAttribute('aria-label', label);
  button.setAttribute('aria-haspopup', 'dialog');
  button.setAttribute('aria-expanded', 'false');
  const icon = document.createElementNS(SVG, 'svg');
  icon.setAttribute('viewBox', '0 0 24 24');
  icon.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', FACE);
  icon.append(path);
  button.append(icon);
  return button;
}
