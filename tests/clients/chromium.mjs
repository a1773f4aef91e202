// Debian's Chromium, without a screen and without looking for updates.

import { chromium } from 'playwright-core';

export const launch = (extra = []) =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', ...extra],
  });
