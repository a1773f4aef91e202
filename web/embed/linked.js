// Links to stylesheets in `styles/`.

const FOLDER = import.meta.url.replace(/[^/]*\/[^/]*$/, 'styles/');

/** `links` to the stylesheets with these names; `loaded` resolves once all of them apply, or cannot be had. */
export function linked(names) {
  const links = names.map((name) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = `${FOLDER}${name}.css`;
    return link;
  });
  const settled = (link) => new Promise((resolve) => ['load', 'error'].forEach((type) => link.addEventListener(type, resolve, { once: true })));
  return { links, loaded: Promise.all(links.map(settled)) };
}
