// The page around the chat: its elements, and the view that its address and its meta tags ask for.

import { localeFor } from './locale.js';
import { linksFrom, maxMessageLength, pictureHosts } from './settings.js';
import { View } from './view.js';

const asked = new URLSearchParams(location.search);
const locale = localeFor({ lang: asked.get('lang'), dir: asked.get('dir') });

export const { words } = locale;
export const $ = (id) => document.getElementById(id);
export const view = new View({ root: document, locale, maxMessageLength, pictureHosts, links: linksFrom, layout: asked.get('layout') ?? undefined });

/** Names the page after the session, if that has a name. */
export function showTitle(name) {
  document.title = name ? `${name} – ${words.title}` : words.title;
}

document.documentElement.lang = locale.language;
document.documentElement.dir = locale.dir;
showTitle();
