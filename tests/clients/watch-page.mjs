// A page of somebody's own with a video and, beside or below it, the chat: what the README's pictures show.

import { once } from 'node:events';
import { createServer } from 'node:http';

import { relayCall, relaySocket } from './relay.mjs';

/** In place of a video: a stage before it begins, of 16 by 9. In flat colours, for the size of the pictures. */
const POSTER = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 90"><path fill="#1c2242" d="M0 0h160v90H0z"/>
  <path fill="#2b3467" d="m30 0-20 74h50zM130 0l20 74h-50z"/><path fill="#3a4688" d="M80 0 55 74h50z"/><path fill="#10142a" d="M0 74h160v16H0z"/>
  <circle fill="#fff" cx="80" cy="45" r="12"/><path fill="#1c2242" d="M76.5 39v12L87 45z"/></svg>`;

const STYLES = `
  body { margin: 0; background: #e8eaf2; color: #171923; font: 1rem/1.4 system-ui, sans-serif }
  main { display: grid; grid-template: auto 1fr / 1fr 22rem; gap: 0 1rem; height: 100dvh; padding: 1rem; box-sizing: border-box }
  h1 { grid-column: 1; margin: .75rem 0 0; font-size: 1.25rem }
  video { display: block; width: 100%; aspect-ratio: 16 / 9; border-radius: .75rem }
  live-chat { grid-area: 1 / 2 / 3; height: auto; border-radius: .75rem }
  @media (width < 48rem) {
    main { grid-template: auto auto 1fr / 1fr; padding: 0 }
    h1 { margin: .5rem 1rem; font-size: 1rem }
    video, live-chat { border-radius: 0 }
    live-chat { grid-area: 3 / 1 }
  }`;

/** Whose scripts, styles and pictures the page allows: those of its own site, which leads to the chat, too. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types live-chat";

const pageWith = (attributes) => `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>The draw</title>
  <link rel="stylesheet" href="/styles.css"><script type="module" src="/embed/v1.js"></script>
  <main><video poster="/poster.svg" aria-label="The draw"></video><h1>The draw, live from Vienna</h1><live-chat ${attributes}></live-chat></main></html>`;

/** A site in front of the chat at `url`: `address(attributes)` is its page, whose chat has these attributes; `close` ends it. */
export async function watchSite(url) {
  const server = createServer((asked, answer) => {
    const { pathname, searchParams } = new URL(asked.url, 'http://site');
    const files = {
      '/watch': ['text/html', () => pageWith(searchParams.get('attributes'))],
      '/styles.css': ['text/css', () => STYLES],
      '/poster.svg': ['image/svg+xml', () => POSTER],
    };
    if (!Object.hasOwn(files, pathname)) return relayCall(url, asked, answer);
    const [type, body] = files[pathname];
    return answer.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': POLICY }).end(body());
  });
  server.on('upgrade', (asked, socket) => relaySocket(url, asked, socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: (attributes) => `http://127.0.0.1:${server.address().port}/watch?${new URLSearchParams({ attributes })}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
