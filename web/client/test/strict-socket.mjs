// A socket with exactly the members of the WHATWG's WebSocket: access to any other member throws.

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

class StandardSocket extends EventTarget {
  #handlers = new Map();
  #readyState = CONNECTING;
  #url;
  /** The sent frames; for the test, which sees behind the guard. */
  sent = [];

  constructor(url, protocols = []) {
    super();
    this.#url = new URL(url).href;
    const wanted = [protocols].flat();
    if (new Set(wanted).size < wanted.length) throw new DOMException('A protocol is doubled', 'SyntaxError');
    for (const type of ['open', 'message', 'error', 'close']) this.#takesHandler(type);
  }

  get url() {
    return this.#url;
  }

  get readyState() {
    return this.#readyState;
  }

  send(data) {
    if (this.#readyState === CONNECTING) throw new DOMException('It is not open yet', 'InvalidStateError');
    if (typeof data !== 'string') throw new TypeError('The chat speaks text');
    if (this.#readyState === OPEN) this.sent.push(JSON.parse(data));
  }

  close(code, reason = '') {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) throw new DOMException('Not this code', 'InvalidAccessError');
    if (new TextEncoder().encode(reason).length > 123) throw new DOMException('Too long a reason', 'SyntaxError');
    if (this.#readyState < CLOSING) this.#readyState = CLOSING;
  }

  /** From here on, the actions of the test as the server. */
  open() {
    this.#readyState = OPEN;
    this.dispatchEvent(new Event('open'));
  }

  tell(...events) {
    for (const event of events) this.dispatchEvent(Object.assign(new Event('message'), { data: JSON.stringify(event) }));
  }

  /** Ends it as a network failure does. */
  end() {
    this.#readyState = CLOSED;
    this.dispatchEvent(new Event('error'));
    this.dispatchEvent(Object.assign(new Event('close'), { code: 1006, reason: '', wasClean: false }));
  }

  /** An attribute like `onopen`: one listener, which can be replaced or removed. */
  #takesHandler(type) {
    this.addEventListener(type, (event) => this.#handlers.get(type)?.call(this, event));
    Object.defineProperty(this, `on${type}`, {
      get: () => this.#handlers.get(type) ?? null,
      set: (handler) => this.#handlers.set(type, typeof handler === 'function' ? handler : null),
    });
  }
}

const MEMBERS = [
  ...['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol', 'binaryType', 'send', 'close'],
  ...['onopen', 'onmessage', 'onerror', 'onclose', 'addEventListener', 'removeEventListener', 'dispatchEvent'],
  ...['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'],
];

/** A WebSocket class for a client; `made` has its sockets, unguarded, for the test. */
export function strictWebSocket() {
  const made = [];
  const check = (name) => {
    if (!MEMBERS.includes(name)) throw new Error(`A standard WebSocket has no ${String(name)}`);
  };
  class WebSocket {
    constructor(...address) {
      const socket = new StandardSocket(...address);
      made.push(socket);
      return new Proxy(socket, {
        has: (_, name) => MEMBERS.includes(name),
        get: (_, name) => {
          check(name);
          const value = socket[name];
          return typeof value === 'function' && !name.startsWith('on') ? value.bind(socket) : value;
        },
        set: (_, name, value) => {
          check(name);
          socket[name] = value;
          return true;
        },
      });
    }
  }
  return { WebSocket, made };
}
