// The stylesheets of a chat, as files: a policy that allows the chat's origin allows them. In the bundle, the chat has one sheet in its
// script instead (web/bundle/page.mjs).

export const NAMES = ['base', 'element', 'layout', 'dialogs', 'log', 'messages', 'compact', 'composer', 'menu', 'edges'];

const FOLDER = import.meta.url.replace(/[^/]*\/[^/]*$/, 'styles/');

/** Gives a shadow root its styles. `links` belong into it; `loaded` resolves once they apply, or cannot be had. */
export function styled() {
  const links = NAMES.map((name) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = `${FOLDER}${name}.css`;
    return link;
  });
  const settled = (link) => new Promise((resolve) => ['load', 'error'].forEach((type) => link.addEventListener(type, resolve, { once: true })));
  return { links, loaded: Promise.all(links.map(settled)) };
}
