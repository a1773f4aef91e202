// Whether the visitor uses the keyboard now. When a script moves the focus, browsers show it, whatever the visitor's hand is at; a
// frame around the whole log would only startle somebody with a finger or a mouse.

const MODIFIERS = ['Shift', 'Control', 'Alt', 'Meta'];
const mark = (isByKeyboard) => document.documentElement.classList.toggle('by-keyboard', isByKeyboard);

addEventListener('keydown', ({ key }) => MODIFIERS.includes(key) || mark(true), { capture: true, passive: true });
addEventListener('pointerdown', () => mark(false), { capture: true, passive: true });
