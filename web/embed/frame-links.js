// Whose addresses become links, as the address of a frame says: a module of its own, since the element has to find it set.

import { chat } from '../app/page.js';

const links = new URLSearchParams(location.search).get('links');
if (links !== null) chat.setAttribute('links', links);
