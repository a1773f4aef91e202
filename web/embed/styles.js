// The stylesheets of a chat, as files: a policy that allows the chat's origin allows them. In the bundle they are in the scripts instead
// (web/bundle/page.mjs).

import { linked } from './linked.js';
import { OF_CHAT } from './style-names.js';

/** Gives a shadow root its styles. `links` belong into it; `loaded` resolves once they apply, or cannot be had. */
export const styled = () => linked(OF_CHAT);
