// Browsers of before 2024 do not know `light-dark()`: page, element and console have their light colours there, whatever the system's are.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LAPTOP, SECRET, choose, moderator, person } from './console.mjs';
import { NO_RATE_LIMIT } from './gateway.mjs';
import { DESKTOP, enter, inLog, isAccessible, noFaults, open, say, stage } from './page.mjs';

const on = stage({ settings: { ...NO_RATE_LIMIT, JWT_SECRET: SECRET } });
const WHITE = 'rgb(255, 255, 255)';

/** The function gets a name that no browser knows, also where a stylesheet asks for it. */
const withoutLightDark = (page) =>
  page.route(/\.(css|js)$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replaceAll('light-dark(', 'unknown-function(') });
  });

const colourOf = (page, selector, name) => page.locator(selector).first().evaluate((node, name) => getComputedStyle(node)[name], name);

for (const colorScheme of ['light', 'dark']) {
  test(`the page is readable without light-dark() on a ${colorScheme} system`, async () => {
    const entrance = await open(on.browser, on.gateway.url, { prepare: withoutLightDark, colorScheme, viewport: DESKTOP });
    await entrance.waitForSelector('#enter:not([hidden])');
    await isAccessible(entrance, `old-entrance-${colorScheme}`);
    const page = await enter(on.browser, on.gateway.url, 'Ann', { prepare: withoutLightDark, colorScheme, viewport: DESKTOP });
    await say(page, `an old ${colorScheme} browser`);
    await inLog(page, `an old ${colorScheme} browser`).waitFor();
    await page.fill('#text', 'a draft');
    assert.equal(await colourOf(page, 'live-chat', 'backgroundColor'), WHITE);
    assert.equal(await colourOf(page, 'live-chat', 'colorScheme'), 'light');
    await isAccessible(page, `old-page-${colorScheme}`);
    await page.locator('.message.own').last().hover();
    await page.locator('.message.own .delete-message').last().click();
    await isAccessible(page, `old-question-${colorScheme}`);
    noFaults(entrance, page);
  });

  test(`the console is readable without light-dark() on a ${colorScheme} system`, async () => {
    await person(on, 'Ann').write(`read in ${colorScheme}`);
    const page = await moderator(on, 'Hans', { role: 'host', prepare: withoutLightDark, colorScheme, viewport: LAPTOP });
    await choose(page, 'feed', `read in ${colorScheme}`);
    await page.keyboard.press('c');
    await page.locator('#card-messages').getByText(`read in ${colorScheme}`).waitFor();
    await isAccessible(page, `old-console-card-${colorScheme}`);
    await page.click('#to-terms');
    await isAccessible(page, `old-console-terms-${colorScheme}`);
    await page.focus('#feed');
    await page.keyboard.press('?');
    assert.equal(await colourOf(page, '#set-sound', 'colorScheme'), 'light', 'a box that is not checked is white');
    await isAccessible(page, `old-console-settings-${colorScheme}`);
    noFaults(page);
  });
}
