// Components over fake sockets, in a minimal DOM whose frames come when the test says so.

import { Window } from 'happy-dom';
import { StrictMode, act, createElement } from 'react';
import { createRoot } from 'react-dom/client';

import { fakeServer, settle } from '../../client/test/support.mjs';
import { useLiveChat } from '../src/index.js';

export { fakeServer, message, settle, told } from '../../client/test/support.mjs';

const window = new Window();
Object.assign(globalThis, { window, document: window.document, IS_REACT_ACT_ENVIRONMENT: true });

/** Waits until deferred work is done: that of timers that are due now. */
export const soon = () => act(() => new Promise((resolve) => setTimeout(resolve)));

/** Frames that come only when they are drawn. */
export class Frames {
  #asked = new Map();
  #lastId = 0;

  /** Replaces the browser's until the test `t` is over, which first leaves the chat. */
  static of(t, leave) {
    const frames = new Frames();
    globalThis.requestAnimationFrame = (draw) => {
      frames.#asked.set(++frames.#lastId, draw);
      return frames.#lastId;
    };
    globalThis.cancelAnimationFrame = (id) => frames.#asked.delete(id);
    t.after(async () => {
      await leave();
      await soon();
      delete globalThis.requestAnimationFrame;
      delete globalThis.cancelAnimationFrame;
    });
    return frames;
  }

  get count() {
    return this.#asked.size;
  }

  /** Draws the next frame, with what all that has arrived leads to. */
  async draw() {
    await act(async () => {
      await settle();
      const due = [...this.#asked.values()];
      this.#asked.clear();
      for (const draw of due) draw();
    });
  }
}

/** Shows the tab or hides it. */
export function hide(isHidden) {
  Object.defineProperty(window.document, 'hidden', { value: isHidden, configurable: true });
  window.document.dispatchEvent(new window.Event('visibilitychange'));
}

/** A component with a chat. `seen` is what it got, at each render. */
export class Mounted {
  seen = [];
  #root = createRoot(document.createElement('div'));

  /** `wrap` returns what is rendered around the component. */
  constructor(wrap = (probe) => probe) {
    this.wrap = wrap;
  }

  /** One in a test `t`, with frames. */
  static in(t, wrap) {
    const mounted = new Mounted(wrap);
    return { mounted, frames: Frames.of(t, () => mounted.unmount()) };
  }

  /** What the component got last. */
  get now() {
    return this.seen.at(-1);
  }

  #Probe = ({ options }) => {
    this.seen.push(useLiveChat(options));
    return null;
  };

  render(options) {
    return act(async () => this.#root.render(this.wrap(createElement(this.#Probe, { options }))));
  }

  unmount() {
    return act(async () => this.#root.unmount());
  }
}

export const inStrictMode = (probe) => createElement(StrictMode, null, probe);

/** A server, and a component whose chat is live after a page with these messages. */
export async function live(t, { messages = [], wrap, ...options } = {}) {
  const { mounted, frames } = Mounted.in(t, wrap);
  const server = fakeServer(options);
  server.rest.messages = () => ({ messages, session_id: 1, has_more: false, last_seq: messages.at(-1)?.seq ?? 0 });
  await mounted.render(server.settings);
  await settle();
  server.sockets[0].open();
  await frames.draw();
  return { ...server, frames, mounted, socket: server.sockets[0] };
}
