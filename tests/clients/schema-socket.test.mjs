// docs/asyncapi.yaml against the running gateway: every frame in both directions, every refusal, every close. All of them must be
// documented, and everything documented must be seen, with the exceptions named here.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { act, ALICE, BOB, HANDSHAKE, SECRET, Socket, allSeen, call, frames, jwt, noSocket, refused, seen, send } from './documented.mjs';
import { at, ajv, channel, messages, validatorOf } from './documents.mjs';
import { Gateway } from './gateway.mjs';
import { denies } from './reviewer.mjs';

const NO_CRASH = 'no function of the local run crashes or takes too long';
const NO_FAILURE = 'the embedded DynamoDB does not fail';
const UNSEEN_REFUSALS = { 502: NO_CRASH, 503: NO_FAILURE, 504: NO_CRASH };
const UNSEEN_CLOSE_CODES = { 1007: 'the client library sends UTF-8 only', 1002: 'the client library keeps the protocol' };
/** `cargo test -p tests --test integration notices::` sees these frames, and checks them against the same documents. */
const UNSEEN_MESSAGES = { gateway_error: NO_CRASH };
const UNSEEN_CODES = {
  'unavailable on a socket': NO_FAILURE,
  'unauthorized on a socket': 'a socket is forgotten by a crash only',
  'banned on a socket': 'the sockets of a banned user are closed',
};

let gateway;
let disabled;
let ending;

before(async () => {
  ending = endOfSession();
  // The last test but one awaits it; until then, a failure is not handled.
  ending.catch(() => {});
  gateway = await Gateway.start({ settings: { JWT_SECRET: SECRET, LIVE_CHAT_HIDE_AT_REPORTS: '2' }, clock: true });
  disabled = await Gateway.start({ settings: { JWT_SECRET: SECRET, LIVE_CHAT_ENABLED: 'false' } });
});
after(() => Promise.all([gateway?.stop(), disabled?.stop()]));

test('every frame is answered and every event arrives as documented', async () => {
  const alice = await Socket.open(gateway, ALICE);
  const dora = await Socket.open(gateway, null, { query: {}, protocols: ['bearer', jwt('dora')] });
  const batching = await Socket.open(gateway, null, { query: { token: jwt('emil'), batch: '1' } });
  assert.equal(dora.ws.protocol, 'bearer');
  const fred = jwt('fred');
  await Socket.open(gateway, null, { query: { ticket: (await call(gateway, 'ticket', { token: fred })).ticket } });
  const { ticket } = await call(gateway, 'ticket', { token: fred });
  const byTicket = await Socket.open(gateway, null, { query: {}, protocols: ['ticket', ticket] });
  assert.equal(byTicket.ws.protocol, 'ticket');
  await noSocket(gateway, 401, { query: { ticket } });
  alice.say({ type: 'message', message: 'Hello', client_message_id: 'c1' });
  const { message_id } = await alice.until({ type: 'ack', client_message_id: 'c1' });
  alice.say({ type: 'message', message: 'Hello', client_message_id: 'c1' });
  await alice.until({ type: 'ack', duplicate: true });
  alice.say({ type: 'message', message: 'no key' });
  await alice.until({ type: 'ack', client_message_id: null });
  alice.say({ type: 'ping' });
  await alice.until({ type: 'pong' });
  alice.say({ type: 'resume', after: 0 });
  await alice.until({ type: 'resumed', complete: true });
  alice.say({ type: 'react', reactions: { '🎉': 2 } });
  await alice.until({ type: 'reacted' });
  await dora.until({ type: 'reactions' });
  alice.say({ type: 'message', message: 'When?', kind: 'question', client_message_id: 'when' });
  const asked = await alice.until({ type: 'ack', client_message_id: 'when' });
  await call(gateway, 'answer-question', { message_id: asked.message_id, body: '{"answered":true}' });
  await dora.until({ type: 'question_update', message_id: asked.message_id });
  await Promise.all([call(gateway, 'like', { token: BOB }), call(gateway, 'like-message', { message_id, token: BOB })]);
  for (const type of ['new_message', 'session_like_update', 'message_like_update', 'viewer_count_update']) await dora.until({ type });
  alice.say({ type: 'message', message: '@dora and I', reply_to: message_id, mentions: ['dora'] });
  const reply = await dora.until(({ message }) => message?.mentions?.includes('dora'));
  assert.deepEqual({ ...reply.message.reply_to, username: null }, { id: message_id, user_id: 'alice', username: null, excerpt: 'Hello' });
  await call(gateway, 'delete-message', { message_id });
  await dora.until({ type: 'message_deleted', message_id });
  alice.say({ type: 'resume', after: reply.message.seq - 1 });
  const again = await alice.until(({ type, messages }) => type === 'resumed' && messages[0]?.id === reply.message.id);
  assert.deepEqual(again.messages[0].reply_to, { id: message_id, user_id: null, username: null, excerpt: null });
  // Whether two events share a flush is chance: a few bursts make it almost certain.
  for (let burst = 0; burst < 5 && frames.batch.length === 0; burst++) {
    await Promise.all(Array.from({ length: 8 }, (_, i) => send(gateway, { message: `${burst}`, client_message_id: `${burst}` }, { token: jwt(`fan${i}`) })));
    await dora.until({ type: 'new_message' });
  }
  await batching.until({ type: 'batch' });
});

test('a frame that cannot be served is answered as documented', async () => {
  const socket = await Socket.open(gateway, jwt('gus'));
  for (const text of ['no json', '[]', '{"type":"like"}', '{"type":"resume","after":-1}']) socket.ws.send(text);
  await socket.until({ type: 'error', code: 'invalid_request' });
  socket.say({ type: 'message', message: ' ', client_message_id: 'empty' });
  await socket.until({ type: 'error', code: 'invalid_message', client_message_id: 'empty' });
  socket.say({ type: 'message', message: 'to nothing', client_message_id: 'reply', reply_to: 100000999 });
  await socket.until({ type: 'error', code: 'not_found', client_message_id: 'reply' });
  for (let i = 0; i < 11; i++) socket.say({ type: 'message', message: `${i}`, client_message_id: `${i}` });
  await socket.until({ type: 'error', code: 'rate_limited' });
  // A new minute may begin in between, with a new budget.
  for (let i = 0; i < 122; i++) socket.say({ type: 'ping' });
  assert.equal(await socket.closed, 1000, 'after more than 60 frames in a minute');
});

test('acts of moderation are heard as documented', async () => {
  const [lea, host] = await Promise.all([Socket.open(gateway, jwt('lea')), Socket.open(gateway, ALICE)]);
  lea.say({ type: 'message', message: 'spam' });
  const { message_id } = await lea.until({ type: 'ack' });
  const body = '{"reason":"spam"}';
  for (const user of ['mia', 'ned']) assert.equal((await call(gateway, 'report-message', { message_id, body, token: jwt(user) })).http, 200);
  await host.until({ type: 'message_reported', reports: 2 });
  await lea.until({ type: 'message_deleted', message_id });
  await act(gateway, { action: 'dismiss_reports', message_id });
  await lea.until({ type: 'message_restored' });
  const timeout = await act(gateway, { action: 'timeout', user_id: 'lea', seconds: 600, delete_messages: true });
  await lea.until({ type: 'standing_update' });
  await lea.until({ type: 'user_purged', user_id: 'lea' });
  await host.until({ type: 'moderation_action' });
  lea.say({ type: 'message', message: 'more' });
  await lea.until({ type: 'error', code: 'timed_out' });
  await act(gateway, { action: 'restore', action_id: timeout.id });
  await lea.until({ type: 'messages_restored' });
  await act(gateway, { action: 'clear' });
  await lea.until({ type: 'chat_cleared' });
  const ida = await Socket.open(gateway, jwt('ida'));
  for (const [modes, code] of [
    [{ audience: 'staff' }, 'staff_only'],
    [{ audience: 'members' }, 'members_only'],
    [{ audience: 'everyone', account_age_minutes: 5 }, 'account_too_new'],
    [{ account_age_minutes: 0, emoji_only: true }, 'emoji_only'],
  ]) {
    await act(gateway, { action: 'set_modes', modes });
    ida.say({ type: 'message', message: 'words' });
    await ida.until({ type: 'error', code });
  }
  await ida.until({ type: 'modes_update' });
  await act(gateway, { action: 'set_modes', modes: { emoji_only: false, slow_seconds: 60, unique_seconds: 60 } });
  ida.say({ type: 'message', message: 'words' });
  await ida.until({ type: 'ack' });
  ida.say({ type: 'message', message: 'more' });
  await ida.until({ type: 'error', code: 'slow_mode' });
  await act(gateway, { action: 'set_modes', modes: { slow_seconds: 0 } });
  ida.say({ type: 'message', message: 'WORDS' });
  await ida.until({ type: 'error', code: 'repeated_message' });
  const terms = { terms: [{ term: 'rascal', match: 'word', action: 'block' }], link_domains: ['example.com'] };
  await call(gateway, 'moderation-put-terms', { body: JSON.stringify(terms) });
  await ida.until({ type: 'clickable_links_update' });
  const news = await call(gateway, 'announce', { body: '{"message":"We start"}' });
  await act(gateway, { action: 'pin', message_id: news.message_id });
  await ida.until({ type: 'pins_update' });
  await call(gateway, 'send-event', { body: '{"name":"goal","attributes":{"team":"red"}}', token: jwt('hugo', { roles: ['host'] }) });
  await ida.until({ type: 'event', name: 'goal' });
  ida.say({ type: 'resume', after: 0 });
  await ida.until({ type: 'resumed' });
  await call(gateway, 'start-poll', { body: '{"question":"Encore?","options":["Yes","No"],"seconds":60}' });
  await ida.until({ type: 'poll_update' });
  await call(gateway, 'start-draw', { body: '{"prize":"A cup","winners":1,"among":"senders"}' });
  await ida.until({ type: 'draw_update' });
  ida.say({ type: 'ping' });
  await ida.until({ type: 'pong' });
  await act(gateway, { action: 'set_modes', modes: { unique_seconds: 0, links: 'block' } });
  ida.say({ type: 'message', message: 'you r4scal' });
  await ida.until({ type: 'error', code: 'term_blocked' });
  ida.say({ type: 'message', message: 'see example.org' });
  await ida.until({ type: 'error', code: 'link_blocked' });
  await act(gateway, { action: 'set_modes', modes: { links: 'allow' } });
  ida.ws.terminate();
  const reader = await Socket.open(gateway, jwt('max', { capabilities: ['read'] }));
  reader.say({ type: 'message', message: 'hi' });
  await reader.until({ type: 'error', code: 'forbidden' });
  for (const socket of [lea, host, reader]) socket.ws.terminate();
});

test('a held message is told of as documented', async () => {
  const [nat, host] = await Promise.all([Socket.open(gateway, jwt('nat')), Socket.open(gateway, ALICE)]);
  await act(gateway, { action: 'set_modes', modes: { review_all: true } });
  await nat.until({ type: 'modes_update' });
  const ids = [];
  for (const client_message_id of ['h1', 'h2']) {
    nat.say({ type: 'message', message: 'look at this', client_message_id });
    ids.push((await nat.until({ type: 'ack', status: 'held', client_message_id })).held_id);
  }
  await host.until({ type: 'message_held' });
  await act(gateway, { action: 'set_modes', modes: { review_all: false } });
  await act(gateway, { action: 'approve', held_id: ids[0] });
  await act(gateway, { action: 'deny', held_id: ids[1] });
  await nat.until({ type: 'message_approved', held_id: ids[0], client_message_id: 'h1' });
  await nat.until({ type: 'message_denied', held_id: ids[1], reason: 'denied' });
  await host.until({ type: 'held_resolved', held_id: ids[1], decision: 'denied', message_id: null });
  for (const client_message_id of ['h1', 'h2']) nat.say({ type: 'message', message: 'again', client_message_id });
  assert.equal((await nat.until({ type: 'ack', status: 'approved' })).duplicate, true);
  await nat.until({ type: 'ack', status: 'denied', message_id: null });
  for (const socket of [nat, host]) socket.ws.terminate();
});

test('a review handler denies a message as documented', async () => {
  const settings = { JWT_SECRET: SECRET, LIVE_CHAT_REVIEW_FUNCTION: await denies('Spam'), LIVE_CHAT_REVIEW_TIMEOUT_MS: '5000' };
  const reviewed = await Gateway.start({ settings });
  const socket = await Socket.open(reviewed, BOB);
  socket.say({ type: 'message', message: 'hi' });
  await socket.until({ type: 'error', code: 'review_denied', message: 'Spam' });
  socket.ws.terminate();
  await reviewed.stop();
});

test('a socket ends with its token', async () => {
  // Three seconds of the minute of leeway are left.
  const token = jwt('hal', { expires_in: -57 });
  const [socket, silent] = await Promise.all([Socket.open(gateway, token), Socket.open(gateway, token)]);
  await gateway.pass(3_500);
  socket.say({ type: 'ping' });
  await socket.until({ type: 'error', code: 'token_expired' });
  // Housekeeping comes each minute.
  await silent.until({ type: 'error', code: 'token_expired' });
  assert.equal(await silent.closed, 1000);
});

test('a handshake is refused as documented', async () => {
  await noSocket(gateway, 401);
  await noSocket(gateway, 401, { query: { token: 'x' } });
  await noSocket(disabled, 403, { query: { token: ALICE } });
  for (const session of ['99', 'x']) await noSocket(gateway, 404, { session, query: { token: ALICE } });
  await noSocket(gateway, 414, { query: { token: 'x'.repeat(4096) } });
  await noSocket(gateway, 426, { headers: {} });
  await noSocket(gateway, 400, { headers: { ...HANDSHAKE, 'sec-websocket-key': 'short' } });
  const token = jwt('ida');
  const ten = await Promise.all(Array.from({ length: 10 }, () => Socket.open(gateway, token)));
  await noSocket(gateway, 429, { query: { token } });
  ten[0].ws.send(Buffer.from('binary'));
  assert.equal(await ten[0].closed, 1003);
  ten[1].ws.send('x'.repeat(32 * 1024 + 1));
  assert.equal(await ten[1].closed, 1009);
});

/** A session that ends at a full minute: the shortest end that settings can make. */
async function endOfSession() {
  // The full minute after the next: enough time for what comes before the end.
  const rest = 120_000 - (Date.now() % 60_000);
  const draw = new Date(Date.now() + rest);
  const settings = {
    JWT_SECRET: SECRET,
    LIVE_CHAT_SCHEDULE: 'daily',
    DRAW_TIMEZONE: 'UTC',
    DRAW_TIME_HOUR: String(draw.getUTCHours()),
    DRAW_TIME_MINUTE: String(draw.getUTCMinutes()),
    LIVE_CHAT_PRE_DRAW_HOURS: '1',
    LIVE_CHAT_POST_DRAW_HOURS: '0',
  };
  const brief = await Gateway.start({ settings, clock: true });
  try {
    const socket = await Socket.open(brief, ALICE);
    socket.say({ type: 'message', message: 'the last word' });
    await socket.until({ type: 'ack' });
    assert.equal((await call(brief, 'status')).is_active, true);
    await brief.pass(rest + 100);
    socket.say({ type: 'message', message: 'too late' });
    await socket.until({ type: 'error', code: 'chat_not_active' });
    const { session } = await call(brief, 'status');
    assert.equal(session, null);
    const query = { session_id: 1 };
    assert.equal((await call(brief, 'status', { query })).is_active, false);
    assert.equal((await call(brief, 'messages', { query })).messages.length, 1);
    await refused(brief, 'messages', 403, 'chat_not_active');
    await refused(brief, 'like', 403, 'chat_not_active', { query });
    await refused(brief, 'delete-message', 403, 'chat_not_active', { query });
    await refused(brief, 'ticket', 403, 'chat_not_active', { query });
    await noSocket(brief, 403, { query: { token: ALICE } });
    await socket.until({ type: 'session_ended', session_id: 1 });
    assert.equal(await socket.closed, 1000);
  } finally {
    await brief.stop();
  }
}

test('a session ends as documented', () => ending);

test('a gateway that stops says so', async () => {
  const socket = await Socket.open(gateway, jwt('jo'));
  await gateway.stop();
  assert.equal(await socket.closed, 1001);
});

for (const name of Object.keys(messages)) {
  test(`every frame "${name}" fits its schema`, () => {
    const validate = validatorOf(at('asyncapi.yaml', 'components', 'messages', name, 'payload'));
    for (const frame of frames[name]) {
      validate(frame);
      const wrong = (validate.errors ?? []).map((error) => error.instancePath);
      assert.deepEqual(wrong, [], `${JSON.stringify(frame)}: ${ajv.errorsText(validate.errors)}`);
    }
  });
}

test('every code, refusal, close code and message that is documented was seen', () => {
  const codes = at('asyncapi.yaml', 'components', 'schemas', 'ErrorCode').node.enum;
  allSeen(codes.map((code) => `${code} on a socket`), seen.codes, UNSEEN_CODES);
  allSeen(Object.keys(channel['x-refusals']), new Set([...seen.refusals].map(String)), UNSEEN_REFUSALS);
  allSeen(Object.keys(channel['x-close-codes']), new Set([...seen.closeCodes].map(String)), UNSEEN_CLOSE_CODES);
  allSeen(Object.keys(messages), new Set(Object.keys(frames).filter((name) => frames[name].length > 0)), UNSEEN_MESSAGES);
});
