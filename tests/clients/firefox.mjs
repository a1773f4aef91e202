// Debian's Firefox by WebDriver BiDi, without a screen, with a profile of its own in a temporary folder. Playwright ends it by its process id.

import { fileURLToPath } from 'node:url';

import { firefox } from 'playwright-core';

/** No command chooses the colours of a context, so each browser has its own. */
const SCHEMES = { dark: 0, light: 1 };

/** Without a screen, Firefox finds no mouse, and would be a phone to the page. */
const MOUSE = { 'ui.primaryPointerCapabilities': 6, 'ui.allPointerCapabilities': 6 };

export const launchFirefox = (colorScheme = 'light') =>
  firefox.launch({
    channel: 'moz-firefox',
    executablePath: fileURLToPath(new URL('firefox-relay.mjs', import.meta.url)),
    firefoxUserPrefs: { 'layout.css.prefers-color-scheme.content-override': SCHEMES[colorScheme], ...MOUSE },
  });
