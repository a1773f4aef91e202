// Shared by the tests of rooms: sessions that a host opens and ends over REST, and time that passes in a page alone.

import { SECRET, signed } from './console.mjs';
import { NO_RATE_LIMIT } from './gateway.mjs';
import { call } from './page.mjs';

/** The settings of a chat in which nothing opens by itself. */
export const MANUAL = { ...NO_RATE_LIMIT, JWT_SECRET: SECRET, LIVE_CHAT_SCHEDULE: 'manual' };

/** A host over REST. */
export const host = (on, method, path, body) => call(on.gateway.url, signed('rest', { name: 'Rest', roles: ['host'] }), method, path, body);

/** Opens or schedules a session. */
export const openSession = async (on, room, name, more) => (await host(on, 'POST', 'sessions', { room, name, ...more })).session;

let given = 0;
/** The name of a room that nobody has used. */
export const freshRoom = (name) => `${name}-${++given}`;

export const endSession = (on, { id }) => host(on, 'POST', `sessions/${id}/end`, {});

/** Somebody writes in a room. */
export const writeIn = (on, room, name, message) => call(on.gateway.url, signed(name.toLowerCase(), { name }), 'POST', `send-message?room=${room}`, { message });

/** Lets the page's clock run until something shows. In small steps: calls have deadlines by that clock, and take real time. */
export async function runUntil(page, place) {
  for (let steps = 0; steps < 200 && !(await place.isVisible()); steps += 1) {
    await page.clock.runFor(2_000);
    await page.evaluate(() => fetch('/icon.svg').then((response) => response.text()));
  }
  await place.waitFor();
}
