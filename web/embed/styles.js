// The stylesheets of a chat, as files: a policy that allows the chat's origin allows them.

const NAMES = ['base', 'element', 'layout', 'dialogs', 'log', 'messages', 'compact', 'composer', 'edges'];

const FOLDER = import.meta.url.replace(/[^/]*\/[^/]*$/, 'styles/');

/** `links` to the stylesheets; `loaded` resolves once they apply, or cannot be had. */
export function styleLinks() {
  const links = NAMES.map((name) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = `${FOLDER}${name}.css`;
    return link;
  });
  const settled = (link) => new Promise((resolve) => ['load', 'error'].forEach((type) => link.addEventListener(type, resolve, { once: true })));
  return { links, loaded: Promise.all(links.map(settled)) };
}
