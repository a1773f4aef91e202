// A gateway in a process of its own, on a free port, with data in a temporary folder.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const PROGRAM = process.env.LIVE_CHAT_GATEWAY ?? fileURLToPath(new URL('../../target/debug/gateway', import.meta.url));
/** The same with a movable clock; cargo builds it next to the other one (`cargo build --package tests --bins`). */
const WITH_CLOCK = join(dirname(PROGRAM), 'gateway-under-test');

/** A folder in which every gateway's log is kept for `.ci/scan-logs`. */
const KEPT_LOGS = process.env.LIVE_CHAT_KEPT_LOGS;

/** A setting for tests that send many messages. */
export const NO_RATE_LIMIT = { LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE: '0' };

export class Gateway {
  /** Starts a gateway with these `options`; `data` and `port` continue an earlier one. With `clock`, `pass` moves its time. */
  static async start({ data, port = 0, settings = {}, clock = false, options = [] } = {}) {
    const gateway = new Gateway();
    gateway.settings = settings;
    gateway.data = data ?? (await mkdtemp(join(tmpdir(), 'live-chat-')));
    if (clock) {
      gateway.clock = join(gateway.data, 'clock');
      await gateway.pass(0);
      settings = { ...settings, LIVE_CHAT_TEST_CLOCK: gateway.clock };
    }
    gateway.process = spawn(clock ? WITH_CLOCK : PROGRAM, ['--port', String(port), '--data', gateway.data, ...options], {
      // Kept logs should say what happened, not only what went wrong.
      env: { PATH: process.env.PATH, ...(KEPT_LOGS && { RUST_LOG: 'info,dynoxide=error' }), ...settings },
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

  /** Moves its clock forward. Readers never see half a number: the complete file is renamed into place. */
  async pass(ms) {
    this.moved = (this.moved ?? 0) + ms;
    await writeFile(`${this.clock}.draft`, String(this.moved));
    await rename(`${this.clock}.draft`, this.clock);
  }

  get url() {
    return `http://localhost:${this.port}`;
  }

  /** A token, made by the gateway's own command. */
  token(sub, name = sub) {
    return this.tokenWith('--sub', sub, '--name', name);
  }

  /** A token with further options of that command, such as `--role`. */
  async tokenWith(...options) {
    // The secret may be among the settings.
    const env = { ...process.env, ...this.settings };
    const { stdout } = await run(PROGRAM, ['token', '--data', this.data, ...options], { env });
    return stdout.trim();
  }

  async end(signal) {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    // Once its pipes are closed, its log is complete.
    const ended = once(this.process, 'close');
    this.process.kill(signal);
    await ended;
    if (KEPT_LOGS) await appendFile(join(KEPT_LOGS, `${process.pid}.log`), this.log);
  }

  /** Stops it as Ctrl-C does, and removes its data. */
  async stop() {
    await this.end('SIGINT');
    await rm(this.data, { recursive: true, force: true });
  }
}
