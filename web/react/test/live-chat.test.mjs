// <LiveChat/>: what the component hands to the element, and when.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { StrictMode, act, createElement, createRef } from 'react';
import { createRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';

import { LiveChat } from '../src/index.js';
import './support.mjs';

const { window } = globalThis;
globalThis.customElements = window.customElements;
globalThis.CustomEvent = window.CustomEvent;

/** Stands for the element, and notes what it is given. */
class Element extends window.HTMLElement {
  static given = [];
  #values = {};

  set(name, value) {
    this.#values[name] = value;
    Element.given.push([name, value]);
  }

  get token() {
    return this.#values.token;
  }

  set token(token) {
    this.set('token', token);
  }

  get strings() {
    return this.#values.strings;
  }

  set strings(strings) {
    this.set('strings', strings);
  }
}
window.customElements.define('live-chat', Element);

/** The component on a page; `render` gives it other props. */
async function mounted(t, props, wrap = (chat) => chat) {
  Element.given = [];
  const place = window.document.createElement('div');
  window.document.body.append(place);
  const root = createRoot(place);
  const ref = createRef();
  const render = (now) => act(async () => root.render(wrap(createElement(LiveChat, { ref, ...now }))));
  t.after(async () => {
    await act(async () => root.unmount());
    place.remove();
  });
  await render(props);
  return { element: place.firstElementChild, ref, render, given: (name) => Element.given.filter(([what]) => what === name).map(([, value]) => value) };
}

const tell = (element, type, detail) => element.dispatchEvent(new window.CustomEvent(`live-chat-${type}`, { detail, bubbles: true }));

test('its props are the attributes of the element, also when they change or go', async (t) => {
  const props = { id: 'chat', className: 'beside', baseUrl: 'https://chat.example', room: 'stage', session: 7, layout: 'comfortable', links: 'a.example', theme: 'dark', lang: 'es', dir: 'rtl', maxMessageLength: 500, pictureHosts: 'b.example' };
  const { element, render } = await mounted(t, props);
  const attributes = () => Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
  assert.deepEqual(attributes(), {
    ...{ id: 'chat', class: 'beside', 'base-url': 'https://chat.example', room: 'stage', session: '7', layout: 'comfortable', links: 'a.example' },
    ...{ theme: 'dark', lang: 'es', dir: 'rtl', 'max-message-length': '500', 'picture-hosts': 'b.example' },
  });
  await render({ theme: 'light' });
  assert.deepEqual(attributes(), { theme: 'light' });
});

test('a token function that is written inline is given once, and the newest is called', async (t) => {
  const { element, render, given } = await mounted(t, { token: () => 'first' });
  await render({ token: () => 'second' });
  assert.equal(given('token').length, 1);
  assert.equal(element.token(), 'second');
  await render({ token: 'opaque' });
  await render({ token: 'opaque' });
  await render({ token: null });
  assert.deepEqual(given('token').slice(1), ['opaque', undefined]);
});

test("strict mode's double mount gives the token once", async (t) => {
  const { given } = await mounted(t, { token: () => 'mine' }, (chat) => createElement(StrictMode, null, chat));
  assert.equal(given('token').length, 1);
});

test('each event calls the callback of the newest render, once', async (t) => {
  const heard = [];
  const hear = (name) => ({ detail }) => heard.push([name, detail]);
  const { element, render } = await mounted(t, { onMessage: hear('first'), onName: hear('name') }, (chat) => createElement(StrictMode, null, chat));
  tell(element, 'message', { id: 1 });
  await render({ onMessage: hear('second') });
  tell(element, 'message', { id: 2 });
  tell(element, 'name', { name: 'A session' });
  assert.deepEqual(heard, [['first', { id: 1 }], ['second', { id: 2 }]]);
});

test('the ref is the element, its texts are a property, and its children fill its slots', async (t) => {
  const strings = { send: 'Go' };
  const children = createElement('p', { slot: 'entrance' }, 'Sign in');
  const { element, ref, render, given } = await mounted(t, { strings, children });
  assert.equal(ref.current, element);
  assert.equal(element.querySelector('[slot=entrance]').textContent, 'Sign in');
  await render({ strings, children });
  assert.deepEqual(given('strings'), [strings]);
});

test('a server renders the element with its attributes and children, and nothing else', () => {
  const html = renderToString(createElement(LiveChat, { token: () => assert.fail('called'), theme: 'dark', onMessage: () => {}, children: 'Loading' }));
  assert.equal(html, '<live-chat theme="dark">Loading</live-chat>');
});
