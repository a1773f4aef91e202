// A small chat: enough to see two browsers talk. All text goes in by textContent.

const $ = (id) => document.getElementById(id);
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15000;
const PING_MS = 30000;

const chat = { token: null, userId: null, sessionId: null, socket: null, complete: 0, wait: FIRST_WAIT_MS, pending: new Map() };

$('enter').addEventListener('submit', async (event) => {
  event.preventDefault();
  $('enter-error').textContent = '';
  try {
    chat.token = $('token').value.trim() || (await developmentToken($('name').value.trim()));
    chat.userId = String(JSON.parse(fromBase64(chat.token.split('.')[1])).sub);
    await start();
  } catch (error) {
    $('enter-error').textContent = error.message;
  }
});

$('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = $('text').value.trim();
  if (!text) return;
  const key = crypto.randomUUID();
  chat.pending.set(key, text);
  $('text').value = '';
  say(key);
});

$('like').addEventListener('click', async () => {
  const liked = await call('POST', 'like');
  $('like-count').textContent = liked.total_likes;
});

async function start() {
  const status = await call('GET', 'status');
  if (!status.is_active) throw new Error(status.message ?? 'The chat is not open now');
  chat.sessionId = status.session.id;
  $('session-name').textContent = status.session.name;
  $('viewer-count').textContent = status.session.viewer_count;
  $('like-count').textContent = status.session.total_likes;
  const page = await call('GET', 'messages');
  page.messages.forEach(show);
  chat.complete = page.last_seq;
  $('enter').hidden = true;
  $('composer').hidden = false;
  $('like').disabled = false;
  $('text').focus();
  connect();
}

function connect() {
  state('connecting', 'Connecting…');
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new WebSocket(`${scheme}://${location.host}/live-chat/ws/${chat.sessionId}?token=${encodeURIComponent(chat.token)}&batch=1`);
  chat.socket = socket;
  let pings;
  socket.onopen = () => {
    chat.wait = FIRST_WAIT_MS;
    state('live', 'Live');
    socket.send(JSON.stringify({ type: 'resume', after: chat.complete }));
    for (const key of chat.pending.keys()) say(key);
    pings = setInterval(() => socket.send('{"type":"ping"}'), PING_MS);
  };
  socket.onmessage = (event) => hear(JSON.parse(event.data));
  socket.onclose = () => {
    clearInterval(pings);
    if (chat.ended) return;
    state('recovering', 'Connection lost, trying again…');
    setTimeout(connect, chat.wait * (0.5 + Math.random()));
    chat.wait = Math.min(chat.wait * 2, LONGEST_WAIT_MS);
  };
}

function hear(event) {
  switch (event.type) {
    case 'batch':
      event.events.forEach(hear);
      break;
    case 'new_message':
      show(event.message);
      break;
    case 'resumed':
      event.messages.forEach(show);
      if (event.complete) chat.complete = Math.max(chat.complete, event.last_seq);
      else chat.socket.send(JSON.stringify({ type: 'resume', after: event.messages.at(-1).seq }));
      break;
    case 'pong':
      chat.complete = Math.max(chat.complete, event.last_seq);
      break;
    case 'ack':
      chat.pending.delete(event.client_message_id);
      $('notice').textContent = '';
      break;
    case 'message_deleted':
      $(`message-${event.message_id}`)?.remove();
      break;
    case 'message_like_update':
      likes(event.message_id, event.likes);
      break;
    case 'session_like_update':
      $('like-count').textContent = event.total_likes;
      break;
    case 'viewer_count_update':
      $('viewer-count').textContent = event.viewer_count;
      break;
    case 'session_ended':
      chat.ended = true;
      $('composer').hidden = true;
      state('ended', 'The chat has ended');
      break;
    case 'error':
      refuse(event);
      break;
  }
}

function say(key) {
  if (chat.socket?.readyState !== WebSocket.OPEN) return;
  chat.socket.send(JSON.stringify({ type: 'message', message: chat.pending.get(key), client_message_id: key }));
}

function refuse(error) {
  const text = chat.pending.get(error.client_message_id);
  chat.pending.delete(error.client_message_id);
  if (text !== undefined && !$('text').value) $('text').value = text;
  const wait = error.retry_after_ms ? ` Try again in ${Math.ceil(error.retry_after_ms / 1000)} s.` : '';
  $('notice').textContent = error.message + '.' + wait;
}

function show(message) {
  if ($(`message-${message.id}`)) return;
  const item = element('li', message.user_id === chat.userId ? 'own' : '');
  item.id = `message-${message.id}`;
  item.dataset.seq = message.seq;
  const head = element('div', 'head');
  head.append(element('b', '', message.username));
  if (message.is_host) head.append(element('span', 'badge', 'HOST'));
  if (message.is_winner) head.append(element('span', 'badge', 'WINNER'));
  head.append(element('time', '', new Date(message.created_at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })));
  const like = element('button', 'likes-button', '❤ ');
  like.type = 'button';
  like.ariaLabel = 'Like this message';
  like.append(element('span', 'likes', String(message.likes)));
  like.addEventListener('click', async () => likes(message.id, (await call('POST', `like-message/${message.id}`)).likes));
  head.append(like);
  item.append(head, element('div', 'text', message.message));
  insertInOrder(item, message.seq);
}

function insertInOrder(item, seq) {
  const list = $('messages');
  const main = document.querySelector('main');
  const atTheEnd = main.scrollHeight - main.scrollTop - main.clientHeight < 80;
  let before = list.lastElementChild;
  while (before && Number(before.dataset.seq) > seq) before = before.previousElementSibling;
  if (before) before.after(item);
  else list.prepend(item);
  if (atTheEnd) main.scrollTop = main.scrollHeight;
}

function likes(messageId, count) {
  const shown = $(`message-${messageId}`)?.querySelector('.likes');
  if (shown) shown.textContent = count;
}

function state(name, text) {
  $('state').className = name;
  $('state').textContent = text;
}

function element(name, className, text = '') {
  const created = document.createElement(name);
  created.className = className;
  created.textContent = text;
  return created;
}

async function call(method, path) {
  const response = await fetch(`/live-chat/${path}`, { method, headers: { Authorization: `Bearer ${chat.token}` } });
  const body = await response.json();
  if (response.ok) return body;
  $('notice').textContent = body.detail ?? body.message;
  throw new Error(body.detail ?? body.message);
}

async function developmentToken(name) {
  const sub = sessionStorage.getItem('live-chat-user');
  const headers = { 'content-type': 'application/json' };
  const response = await fetch('/dev/token', { method: 'POST', headers, body: JSON.stringify({ name, sub }) });
  if (!response.ok) throw new Error('This page has no development tokens: paste a token of yours');
  const given = await response.json();
  sessionStorage.setItem('live-chat-user', given.user_id);
  return given.token;
}

function fromBase64(text) {
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
