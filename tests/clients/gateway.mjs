// A gateway in a process of its own, on a free port, with data in a temporary folder.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROGRAM = process.env.LIVE_CHAT_GATEWAY ?? fileURLToPath(new URL('../../target/debug/gateway', import.meta.url));

export class Gateway {
  /** Starts one; `options.data` and `options.port` continue an earlier one. */
  static async start({ data, port = 0, settings = {} } = {}) {
    const gateway = new Gateway();
    gateway.data = data ?? (await mkdtemp(join(tmpdir(), 'live-chat-')));
    gateway.process = spawn(PROGRAM, ['--port', String(port), '--data', gateway.data], {
      env: { PATH: process.env.PATH, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    gateway.log = '';
    gateway.process.stderr.on('data', (text) => (gateway.log += text));
    for await (const line of createInterface({ input: gateway.process.stdout })) {
      const found = /http:\/\/localhost:(\d+)/.exec(line);
      if (found) {
        gateway.port = Number(found[1]);
        gateway.process.stdout.resume();
        return gateway;
      }
    }
    throw new Error(`${PROGRAM} did not start: ${gateway.log}`);
  }

  get url() {
    return `http://localhost:${this.port}`;
  }

  /** A token, made by the gateway's own command. */
  async token(sub, name = sub) {
    const { stdout } = await run(PROGRAM, ['token', '--data', this.data, '--sub', sub, '--name', name]);
    return stdout.trim();
  }

  async end(signal) {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill(signal);
    await ended;
  }

  /** Ends it as Ctrl-C does, and removes its data. */
  async stop() {
    await this.end('SIGINT');
    await rm(this.data, { recursive: true, force: true });
  }
}
