// A chat for one machine, as a team would write it: socket.io, one room, and each message a row in SQLite before its sender is answered
// or anybody hears of it. It speaks as much of the guide's REST API as the load tool calls.
//
//   JWT_SECRET=… node server.mjs DATABASE        # any free port; its address is the first line of the output

import { createServer } from 'node:http';

import Database from 'better-sqlite3';
import jwt from 'jsonwebtoken';
import { Server } from 'socket.io';

const SESSION = 1;
/** Ids are session × 100,000,000 + number, as the chat's are. */
const NUMBERS_PER_SESSION = 100_000_000;
const LONGEST = 1000;
const LARGEST_BODY = 32 * 1024;

const [, , file] = process.argv;
const secret = process.env.JWT_SECRET;
if (!file || !secret) {
  console.error('JWT_SECRET=… node server.mjs DATABASE');
  process.exit(2);
}

const database = new Database(file);
// The same promise as the local gateway's database: a kill loses nothing, a power cut perhaps the last moments.
database.pragma('journal_mode = WAL');
database.pragma('synchronous = NORMAL');
database.exec('CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY, body TEXT NOT NULL)');
const insert = database.prepare('INSERT INTO messages (seq, body) VALUES (?, ?)');
const newest = database.prepare('SELECT body FROM messages ORDER BY seq DESC LIMIT ?').pluck();
let lastSeq = database.prepare('SELECT COALESCE(MAX(seq), 0) FROM messages').pluck().get();

const userOf = (token) => {
  const { sub, name = sub } = jwt.verify(token ?? '', secret, { algorithms: ['HS256'] });
  return { sub, name };
};

function send({ sub, name }, text) {
  const seq = ++lastSeq;
  const id = SESSION * NUMBERS_PER_SESSION + seq;
  const createdAt = new Date().toISOString();
  const message = {
    id, seq, session_id: SESSION, user_id: sub, username: name, message: text, message_type: 'text', likes: 0, created_at: createdAt,
  };
  insert.run(seq, JSON.stringify(message));
  io.to(String(SESSION)).emit('event', { type: 'new_message', message });
  return { message_id: id, created_at: createdAt };
}

async function textIn(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > LARGEST_BODY) return undefined;
    parts.push(part);
  }
  const { message } = JSON.parse(Buffer.concat(parts).toString());
  return typeof message === 'string' && message.length > 0 && message.length <= LONGEST ? message : undefined;
}

const CALLS = {
  'GET /live-chat/status': () => ({ is_active: true, session: { id: SESSION } }),
  'GET /live-chat/messages': (_user, { searchParams }) => {
    const rows = newest.all(Math.min(Number(searchParams.get('limit')) || 50, 100)).reverse();
    return { messages: rows.map((row) => JSON.parse(row)), last_seq: lastSeq };
  },
  'POST /live-chat/send-message': async (user, _url, request) => {
    const text = await textIn(request);
    return text === undefined ? undefined : send(user, text);
  },
};

async function answer(request) {
  const url = new URL(request.url, 'http://localhost');
  const call = CALLS[`${request.method} ${url.pathname}`];
  if (!call) return [404, { code: 'not_found' }];
  let user;
  try {
    user = userOf(request.headers.authorization?.replace(/^Bearer /, ''));
  } catch {
    return [401, { code: 'unauthorized' }];
  }
  try {
    const body = await call(user, url, request);
    return body ? [200, body] : [400, { code: 'invalid' }];
  } catch (error) {
    return error instanceof SyntaxError ? [400, { code: 'invalid_json' }] : [500, { code: 'internal' }];
  }
}

const http = createServer(async (request, response) => {
  const [status, body] = await answer(request);
  const json = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) });
  response.end(json);
});

const io = new Server(http, { serveClient: false, perMessageDeflate: false });
io.use((socket, next) => {
  try {
    socket.data.user = userOf(socket.handshake.auth.token);
    next();
  } catch {
    next(new Error('unauthorized'));
  }
});
io.on('connection', (socket) => socket.join(String(SESSION)));

http.listen(0, '127.0.0.1', () => console.log(`http://localhost:${http.address().port}`));
process.once('SIGTERM', () => process.exit(0));
