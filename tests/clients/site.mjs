// A site of somebody else, on a port of its own.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { extname } from 'node:path';

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript' };

export class Site {
  /** What it serves, by path: a text, or a function that makes one. */
  files = {};
  /** The policy of its pages. */
  policy = "default-src 'none'";
  #server;

  static async start() {
    const site = new Site();
    site.#server = createServer((asked, answer) => site.#answer(asked, answer));
    site.#server.listen(0, '127.0.0.1');
    await once(site.#server, 'listening');
    return site;
  }

  get url() {
    return `http://localhost:${this.#server.address().port}`;
  }

  async stop() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer({ url }, answer) {
    const path = url.replace(/\?.*/, '');
    const file = this.files[path];
    const type = TYPES[path === '/' ? '.html' : extname(path)] ?? 'text/plain';
    const headers = { 'content-type': type, 'content-security-policy': this.policy };
    answer.writeHead(file === undefined ? 404 : 200, headers).end(typeof file === 'function' ? await file() : file);
  }
}
