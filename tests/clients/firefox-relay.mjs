#!/usr/bin/env node
// Debian's Firefox, for Playwright to start. For each context, Playwright calls a command that this Firefox does not know yet, even if there
// is nothing to emulate. The refusal becomes a success then; everything else of WebDriver BiDi is passed on as it is.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { WebSocket, WebSocketServer } from 'ws';

const asksForNothing = ({ method, params }) => method === 'emulation.setMediaFeaturesOverride' && Object.keys(params.features).length === 0;

const options = process.argv.slice(2);
const profile = options[options.indexOf('--profile') + 1];
const firefox = spawn(process.env.FIREFOX ?? '/usr/bin/firefox-esr', options, {
  stdio: ['ignore', 'ignore', 'pipe'],
  // As root, Firefox does not start with a home of somebody else's, as in the containers of GitHub's runners.
  env: { ...process.env, HOME: profile },
});
firefox.on('exit', (code) => process.exit(code ?? 1));
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => firefox.kill(signal));

for await (const line of createInterface({ input: firefox.stderr })) {
  const address = /^WebDriver BiDi listening on (ws:.*)$/.exec(line)?.[1];
  if (address) relayTo(address);
  else console.error(line);
}

/** Says where it listens in Firefox's words, for which Playwright waits. */
function relayTo(address) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('listening', () => console.error(`WebDriver BiDi listening on ws://127.0.0.1:${server.address().port}`));
  server.on('connection', (client, { url }) => relay(client, new WebSocket(address + url, { perMessageDeflate: false })));
}

function relay(client, browser) {
  const opened = new Promise((resolve) => browser.once('open', resolve));
  const optional = new Set();
  client.on('message', async (data) => {
    const command = JSON.parse(data);
    if (asksForNothing(command)) optional.add(command.id);
    await opened;
    browser.send(String(data));
  });
  browser.on('message', (data) => {
    const { id, error } = JSON.parse(data);
    const isRefused = optional.delete(id) && error === 'unknown command';
    client.send(isRefused ? JSON.stringify({ type: 'success', id, result: {} }) : String(data));
  });
  browser.on('error', console.error);
  // Playwright has one connection; if it was killed, nobody else ends Firefox.
  client.on('close', () => firefox.kill());
  browser.on('close', () => client.close());
}
