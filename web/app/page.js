// The page around the chat: its elements, and what its address and its meta tags ask for.

import { localeFor, translate } from './locale.js';
import englishOfPage from './page-strings.en.js';
import spanishOfPage from './page-strings.es.js';
import { links, maxMessageLength, pictureHosts } from './settings.js';
import { withWords } from './words.js';

const asked = new URLSearchParams(location.search);
const { language, dir, words: ofChat } = await withWords(localeFor({ lang: asked.get('lang'), dir: asked.get('dir') }));

/** Those of the chat, and those of the page. */
export const words = { ...ofChat, ...(language === 'es' ? spanishOfPage : englishOfPage) };
export const $ = (id) => document.getElementById(id);
export const chat = $('live-chat');

/** Names the page after the session, if that has a name. */
export function showTitle(name) {
  document.title = name ? `${name} – ${words.title}` : words.title;
}

for (const element of [document.documentElement, chat]) Object.assign(element, { lang: language, dir });
const settings = { 'max-message-length': maxMessageLength, 'picture-hosts': pictureHosts, links };
for (const [name, value] of Object.entries(settings)) chat.setAttribute(name, value);
if (asked.get('layout') === 'compact') chat.setAttribute('layout', 'compact');
translate(document, words);
showTitle();
