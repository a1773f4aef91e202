// A stage on which the test plays the server: a browser, and chats that the test controls.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { launch } from './chromium.mjs';
import { isLive, open } from './page.mjs';
import { StubChat, stubToken } from './stub-chat.mjs';

/** A host name other than this machine's, as in the cloud. */
const CLOUD = 'chat.example';
export const inCloud = ({ url }) => url.replace('localhost', CLOUD);

/** Waits until a condition holds at the server, checking in each frame of a page, for at most a minute. */
export async function until(page, isSo) {
  const end = Date.now() + 60_000;
  while (!isSo() && Date.now() < end) await page.evaluate(() => new Promise(requestAnimationFrame));
  assert.ok(isSo(), String(isSo));
}

/** A `browser` for the tests of a file; `chat` starts a chat with this many messages. */
export function stubStage() {
  const stubs = [];
  const on = {
    async chat(count = 0) {
      const stub = await StubChat.start();
      stubs.push(stub);
      stub.fill(count);
      return stub;
    },
    /** A visitor who is entering. */
    open: (stub, { query = '', token = stubToken('reader'), ...options } = {}) => open(on.browser, `${stub.url}/${query}#token=${token}`, options),
    /** A visitor who has entered and sees the newest message. */
    async come(stub, options) {
      const page = await on.open(stub, options);
      await isLive(page);
      if (stub.messages.length > 0) await page.waitForSelector(`#message-${stub.messages.at(-1).id}`);
      return page;
    },
  };
  before(async () => (on.browser = await launch([`--host-resolver-rules=MAP ${CLOUD} 127.0.0.1`])));
  after(async () => {
    await on.browser?.close();
    for (const stub of stubs) await stub.stop();
  });
  return on;
}
