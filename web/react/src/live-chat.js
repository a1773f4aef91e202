// <LiveChat/>: the whole chat as a component, around the element <live-chat>.

import { createElement, forwardRef, useEffect, useImperativeHandle, useRef } from 'react';

import { defineElement } from './element.js';

const ATTRIBUTES = {
  ...{ baseUrl: 'base-url', room: 'room', session: 'session', layout: 'layout', links: 'links', theme: 'theme', lang: 'lang', dir: 'dir' },
  ...{ maxMessageLength: 'max-message-length', pictureHosts: 'picture-hosts' },
};
/** React removes these as properties, and would leave the text `undefined`. */
const OF_ALL_ELEMENTS = ['id', 'lang', 'dir'];
const EVENTS = ['ready', 'name', 'ended', 'state', 'session', 'message', 'event', 'deleted', 'viewers', 'likes', 'error'];

const callbackOf = (type) => `on${type[0].toUpperCase()}${type.slice(1)}`;

export const LiveChat = forwardRef(function LiveChat(props, ref) {
  const place = useRef(null);
  const newest = useRef(props);
  // A token function is often written inline, and new at each render: the next call goes to the newest, and nothing starts over.
  const fetchToken = useRef(() => newest.current.token());
  useImperativeHandle(ref, () => place.current);
  useEffect(() => {
    newest.current = props;
  });
  useEffect(() => listenTo(place.current, newest), []);
  useEffect(() => {
    const { current: element } = place;
    for (const name of OF_ALL_ELEMENTS) if (props[name] === undefined) element.removeAttribute(name);
    set(element, 'strings', props.strings);
    set(element, 'token', typeof props.token === 'function' ? fetchToken.current : props.token ?? undefined);
  });
  useEffect(() => {
    const { current: element } = place;
    const fail = (error) => element.dispatchEvent(new CustomEvent('live-chat-error', { detail: error, bubbles: true }));
    defineElement(props.baseUrl).catch(fail);
  }, [props.baseUrl]);
  return createElement('live-chat', attributesOf(props, place), props.children);
});

function attributesOf(props, ref) {
  const { id, className, style, autoFocus } = props;
  const attributes = { ref, id, class: className, style, autofocus: autoFocus ? true : undefined };
  for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
    if (props[name] !== undefined) attributes[attribute] = String(props[name]);
  }
  return attributes;
}

/** Each event goes to the callback of the newest render. */
function listenTo(element, newest) {
  const listeners = EVENTS.map((type) => [`live-chat-${type}`, (event) => newest.current[callbackOf(type)]?.(event)]);
  for (const [type, listener] of listeners) element.addEventListener(type, listener);
  return () => {
    for (const [type, listener] of listeners) element.removeEventListener(type, listener);
  };
}

/** Setting a property to what it is would start over: strict mode runs effects twice. */
function set(element, name, value) {
  if (element[name] !== value) element[name] = value;
}
