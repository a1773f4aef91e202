// The code of <live-chat>, which comes from the chat itself.

const NAME = 'live-chat';

/** Loads it, unless the page has it. Resolves once the element is defined; rejects if the code cannot be had. */
export async function defineElement(baseUrl = '') {
  if (globalThis.customElements?.get(NAME)) return;
  const { href } = new URL(`${baseUrl.replace(/\/+$/, '')}/embed/v1.js`, document.baseURI);
  // No bundler looks for it: it is the chat's, of whichever version that is.
  await import(/* @vite-ignore */ /* webpackIgnore: true */ href);
}
