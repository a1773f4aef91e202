// Rights that a deployment keeps in a claim of its own: the page and the console go by the chat's word, not by the token's roles.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SECRET, openWith, person, signed } from './console.mjs';
import { NO_RATE_LIMIT } from './gateway.mjs';
import { DESKTOP, inLog, isLive, noFaults, open, stage } from './page.mjs';

const GROUPS = { JWT_ROLES_CLAIM: '/groups', JWT_ROLE_MAP: '{"chat-mods":"moderator","show-hosts":"host"}' };
const on = stage({ settings: { ...NO_RATE_LIMIT, ...GROUPS, JWT_SECRET: SECRET } });

const tokenOf = (name, claims) => signed(name.toLowerCase(), { name, ...claims });

test('a message has the acts of staff for those whom the chat calls staff', async () => {
  await person(on, 'Vic').write('about rights');
  for (const [claims, count] of [[{}, 3], [{ groups: ['chat-mods'] }, 9], [{ groups: ['fans'] }, 3], [{ roles: ['moderator'] }, 3]]) {
    const page = await open(on.browser, `${on.gateway.url}/#token=${tokenOf('Mona', claims)}`, { viewport: DESKTOP });
    await isLive(page);
    await inLog(page, 'about rights').waitFor();
    const row = page.locator('#messages .message', { hasText: 'about rights' });
    await row.hover();
    await row.locator('.menu-button').click();
    await page.getByRole('menu').waitFor();
    assert.equal(await page.getByRole('menuitem').count(), count, JSON.stringify(claims));
    noFaults(page);
    await page.context().close();
  }
});

test('the console offers what needs a host to those whom the chat calls hosts', async () => {
  for (const [groups, canSave] of [[['chat-mods'], false], [['show-hosts'], true]]) {
    const page = await openWith(on, tokenOf('Hans', { groups }));
    await page.waitForSelector('#state[data-state=live]');
    await page.click('#to-terms');
    await page.locator('#view-terms').waitFor();
    assert.equal(await page.locator('#save-lists').isVisible(), canSave, groups[0]);
    noFaults(page);
    await page.context().close();
  }
});
