// The page around the chat: its elements, and what its address and its meta tags ask for.

import { localeFor, translate } from './locale.js';
import englishOfPage from './page-strings.en.js';
import spanishOfPage from './page-strings.es.js';
import { links, maxMessageLength, pictureHosts } from './settings.js';
import english from './strings.en.js';
import spanish from './strings.es.js';
import { learnWords } from './words.js';

/** The settings in an address besides language and direction: the chat to enter, and its look. */
const WHERE = ['room', 'session'];
const CHOICES = { layout: ['comfortable', 'compact'], theme: ['light', 'dark'] };

const asked = new URLSearchParams(location.search);
const { language, dir } = localeFor({ lang: asked.get('lang'), dir: asked.get('dir') });
/** Those of the chat, and those of the page. The page has all of them: nothing shows before its words. */
const WORDS = { en: { ...english, ...englishOfPage }, es: { ...spanish, ...spanishOfPage } };

export const words = WORDS[language];
learnWords('es', spanish);
export const $ = (id) => document.getElementById(id);
export const chat = $('live-chat');

/** Names the page after the session, if that has a name. */
export function showTitle(name) {
  document.title = name ? `${name} – ${words.title}` : words.title;
}

for (const element of [document.documentElement, chat]) Object.assign(element, { lang: language, dir });
const settings = { 'max-message-length': maxMessageLength, 'picture-hosts': pictureHosts, links };
for (const [name, value] of Object.entries(settings)) chat.setAttribute(name, value);
for (const name of WHERE) if (asked.has(name)) chat.setAttribute(name, asked.get(name));
for (const [name, values] of Object.entries(CHOICES)) {
  if (values.includes(asked.get(name))) chat.setAttribute(name, asked.get(name));
}
document.documentElement.style.colorScheme = chat.getAttribute('theme') ?? '';
translate(document, words);
showTitle();
