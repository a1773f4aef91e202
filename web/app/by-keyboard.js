// Whether the visitor uses the keyboard now. When a script moves the focus, browsers show it, whatever the visitor's hand is at; a
// frame around the whole log would only startle somebody with a finger or a mouse.

const MODIFIERS = ['Shift', 'Control', 'Alt', 'Meta'];
const OPTIONS = { capture: true, passive: true };

/** Marks an element while the keyboard is in use within it. */
export function followKeyboard(element) {
  const mark = (isByKeyboard) => element.classList.toggle('by-keyboard', isByKeyboard);
  element.addEventListener('keydown', ({ key }) => MODIFIERS.includes(key) || mark(true), OPTIONS);
  element.addEventListener('pointerdown', () => mark(false), OPTIONS);
}
