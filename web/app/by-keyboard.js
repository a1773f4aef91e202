// Whether the visitor uses the keyboard now. When a script moves the focus, browsers show it, whatever the visitor's hand is at; a
// frame around the whole log would only startle somebody with a finger or a mouse.

const MODIFIERS = ['Shift', 'Control', 'Alt', 'Meta'];

/** Marks an element while the keyboard is in use within a document or a shadow root. */
export function followKeyboard(root, element) {
  const mark = (isByKeyboard) => element.classList.toggle('by-keyboard', isByKeyboard);
  const options = { capture: true, passive: true };
  root.addEventListener('keydown', ({ key }) => MODIFIERS.includes(key) || mark(true), options);
  root.addEventListener('pointerdown', () => mark(false), options);
}
