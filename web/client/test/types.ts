// A page in TypeScript that uses all declarations, over the DOM library. It is only compiled, never run.

import { ChatError, LiveChat, verifyDraw } from '@live-chat/client';
import type { Ack, Capability, ChatEvent, Likes, LiveChatOptions, Message, MessagesPage, MessageUnlike, PendingMessage, Posted, Quote, Report, Session, State, Stats } from '@live-chat/client';

import { Socket } from './types-socket.js';
import type { HeldMessage, Moderation, ModerationEntries, ModerationEntry, ModerationLog, Modes, Sessions, SessionsPage, SessionState, DetailedSession, StoredTerms, UserCard } from '@live-chat/client';

const options: LiveChatOptions = {
  token: async () => 'a token',
  baseUrl: 'https://chat.example',
  tokenIn: 'ticket',
  sessionId: 1,
  history: 20,
  keepMessages: 200,
  WebSocket: Socket,
  fetch,
  network: globalThis,
  clock: { now: () => 0, setTimeout: (action, wait) => setTimeout(action, wait), clearTimeout: (timer) => clearTimeout(timer) },
  random: () => 0.5,
};
const chat = new LiveChat(options);
new LiveChat('a token').close();
const ofRoom: LiveChatOptions = {
  token: 'x',
  room: 'stage',
};
new LiveChat(ofRoom).close();

export async function everything(): Promise<void> {
  await chat.connect();
  const ack: Ack = await chat.sendMessage('hello', { replyTo: 100000001, mentions: ['ann'] });
  // A message that is held has no id yet.
  const sent: number = ack.message_id ?? -1;
  console.log(ack.status === 'held', ack.held_id?.length);
  const liked: number = (await chat.likeSession()).total_likes + (await chat.likeMessage(sent)).likes;
  const unliked: MessageUnlike | false = (await chat.unlike()).was_liked && (await chat.unlikeMessage(sent));
  const gone: number = (await chat.deleteMessage(sent)).message_id;
  const report: Report = await chat.report(sent, 'spam', { comment: 'again' });
  const posted: Posted = await chat.postMessage('by REST', { client_message_id: 'mine', replyTo: sent });
  // Newer servers may have others.
  const capabilities: readonly Capability[] = chat.capabilities ?? ['read', 'a newer one'];
  console.log(capabilities.includes('moderate'));
  const opens: string | null | undefined = (await chat.getStatus()).next_start_time;
  const stats: Stats = await chat.getStats({ session_id: 1 });
  const viewers: number = (await chat.getViewers()).viewer_count;
  const likes: Likes = await chat.getLikes();
  const page: MessagesPage = await chat.getMessages({ before: gone, limit: 10, mine: true });
  const next: number | null | undefined = page.next_before ?? page.next_after;
  const isLiked: boolean | undefined = page.messages[0]?.user_liked;
  const state: State = chat.state;
  const session: Session | null = chat.session;
  const held: Message | undefined = chat.messages.get(sent);
  const quote: Quote | undefined = held?.reply_to;
  const excerpt: string | null = quote?.excerpt ?? null;
  const mentions: readonly string[] = held?.mentions ?? [];
  const pending: PendingMessage[] = chat.pending;
  const user: string | undefined = chat.userId;
  console.log(report.report_id, report.already_reported, liked, unliked, next, isLiked, posted, opens, stats, viewers, likes, page, state, session, held, pending, user, excerpt, mentions, chat.viewers, chat.likes);
}

/** Staff have the same calls as servers, without `signal` and `actingFor`. The types of all methods are tested with @live-chat/server. */
export async function moderate(): Promise<void> {
  const staff: Moderation = chat.moderate;
  const entry: ModerationEntry = await staff.timeout('bob', { seconds: 60, explanation: 'Please calm down', deleteMessages: true, sessionId: 7 });
  const many: ModerationEntries = await chat.moderate.ban(['bob', 'cy'], { reason: 'raid' });
  await chat.moderate.setModes({ slow_seconds: 30, links: 'hold' });
  const modes: Modes | undefined = chat.session?.modes;
  const log: ModerationLog = await chat.moderate.log({ userId: 'bob' });
  const card: UserCard = await chat.moderate.user('bob');
  const held: HeldMessage | undefined = (await chat.moderate.held()).held[0];
  const terms: StoredTerms = await chat.moderate.terms();
  console.log(entry.until, modes?.shield_until, many.refused.length, log.has_more, card.messages[0]?.likes, held?.deadline, (await staff.reports()).reports.length, terms.etag);
}

export async function exported(): Promise<void> {
  for await (const record of await chat.sessions.exportSession(7, { after: 5, includeDeleted: true, userId: 'bob' })) {
    if (record.type === 'message') console.log(record.message.username, record.state);
    if (record.type === 'end') console.log(record.sha256, record.up_to_seq);
  }
  for await (const { text, readTo, upTo, sha256 } of await chat.sessions.exportPages(7, { format: 'vtt', start: new Date() })) console.log(text, readTo / upTo, sha256);
}

export async function sessions(): Promise<void> {
  const calls: Sessions = chat.sessions;
  const page: SessionsPage = await calls.list({ room: 'stage', state: 'open', before: 7, limit: 5 });
  const session: DetailedSession = await calls.create({ name: 'Now', room: 'stage', startTime: new Date(), endTime: '2026-12-24T18:00:00Z', tags: ['xmas'] });
  const state: SessionState = (await calls.update(session.id, { endTime: null, retentionDays: null, maxMessageLength: 300, modes: { slow_seconds: 5 } })).state;
  await calls.end((await calls.get(7)).id, { reason: 'rain' });
  console.log(page.next_before, state, chat.session?.room, chat.session?.max_message_length?.toFixed());
}

chat.addEventListener('state', ({ detail }) => console.log(detail.state, detail.previous, detail.reason?.code));
chat.addEventListener('session', ({ detail }) => console.log(detail.session.name));
chat.addEventListener('message', ({ detail }) => console.log(detail.username, detail.message, detail.seq + 1));
chat.addEventListener('pending', ({ detail }) => console.log(detail.client_message_id));
chat.addEventListener('failed', ({ detail }) => console.log(detail.message, detail.code, detail.error.status));
chat.addEventListener('deleted', ({ detail }) => console.log(detail.message_id, detail.message?.message, detail.client_message_id));
chat.addEventListener('purged', ({ detail }) => console.log(detail.user_id, detail.up_to_seq.toFixed(), detail.messages[0]?.message));
chat.addEventListener('cleared', ({ detail }) => console.log(detail.up_to_seq.toFixed(), detail.messages.length));
chat.addEventListener('restored', ({ detail }) => console.log(detail.from_seq.toFixed(), detail.up_to_seq.toFixed(), detail.messages.length));
chat.addEventListener('likes', ({ detail }) => console.log(detail.total_likes));
chat.addEventListener('messageLikes', ({ detail }) => console.log(detail.likes, detail.message?.likes));
chat.addEventListener('viewers', ({ detail }) => console.log(detail.viewer_count));
console.log(chat.standing?.state);
chat.moderate.sanctions({ active: false }).then(({ sanctions }) => console.log(sanctions[0].state, sanctions[0].active));
chat.moderate.users('bo', { limit: 5 }).then(({ users }) => console.log(users[0].username, users[0].present));
chat.addEventListener('standing', ({ detail }) => console.log(detail.standing.state, detail.standing.until, detail.standing.appeal_url));
chat.addEventListener('approved', ({ detail }) => console.log(detail.held_id, detail.client_message_id, detail.message_id + 1));
chat.addEventListener('denied', ({ detail }) => console.log(detail.reason));
chat.addEventListener('modes', ({ detail }) => console.log(detail.modes.slow_seconds?.toFixed(), detail.modes.links));
chat.addEventListener('clickableLinks', ({ detail: { clickable_links: links } }) => console.log(links.from === 'none', links.domains.join()));
console.log(chat.session?.clickable_links?.domains.length);
chat.addEventListener('reactions', ({ detail }) => console.log(detail.reactions['🎉'] + (detail.counts?.['🎉'] ?? 0), chat.reactions['🎉']));
chat.addEventListener('question', ({ detail }) => console.log(detail.message_id, detail.answered === true));
await chat.react('🎉', 3).then((answer) => answer?.reactions['🎉']);
const [question] = await chat.questions({ sort: 'new', mine: true });
if (question?.answered === false && question.user_liked) await chat.moderate.markAnswered(question.id);
await chat.sendMessage('When?', { kind: 'question' });
chat.addEventListener('pins', ({ detail }) => console.log(detail.pins[0]?.color, detail.pins[0]?.truncated === true, chat.pins.length));
chat.moderate.sendEvent('goal', { team: 'red' }).then(({ seq }) => console.log(seq));
chat.addEventListener('poll', ({ detail }) => console.log(detail.poll?.options[0]?.votes, detail.polls?.length, chat.session?.polls?.[0]?.my_vote));
chat.addEventListener('draw', ({ detail }) => console.log(detail.draw?.state, chat.session?.draw?.winners));
chat.moderate.startPoll('Encore?', ['Yes', 'No'], { seconds: 30 }).then(({ id }) => chat.vote(id, 0)).then(({ my_vote }) => console.log(my_vote));
chat.polls({ limit: 5 }).then(({ polls, next_before }) => console.log(polls[0]?.ends_at, next_before));
chat.draws().then(async ({ draws: [draw] }) => console.log((await verifyDraw(draw!, await chat.entrants(draw!.id))).problems));
chat.addEventListener('event', ({ detail: { seq, name, attributes } }) => console.log(seq, name, attributes.team));
chat.announce('We start', { color: 'blue' }).then(({ message_id }) => chat.moderate.pin(message_id ?? 0, { reason: 'news' }));
chat.addEventListener('moderation', ({ detail }) => console.log(detail.action.id, detail.action.until));
chat.addEventListener('held', ({ detail }) => console.log(detail.held.held_id, detail.held.reason, detail.held.deadline.length));
chat.addEventListener('heldResolved', ({ detail }) => console.log(detail.decision, detail.message_id));
chat.addEventListener('reported', ({ detail }) => console.log(detail.reports + 1, detail.reasons.join()));
chat.addEventListener('rateLimited', ({ detail }) => console.log(detail.retry_after_ms.toFixed()));
chat.addEventListener('refused', ({ detail }) => console.log(detail.code, detail.retry_after_ms?.toFixed()));
const hear = ({ detail }: ChatEvent<ChatError>) => console.log(detail.code, detail.retryAfterMs, detail.closeCode, detail instanceof Error);
chat.addEventListener('error', hear, { once: true });
chat.removeEventListener('error', hear);
// The client is an event target of the DOM, and its events are events of the DOM.
const target: EventTarget = chat;
const stop = (event: Event) => event.stopImmediatePropagation();
chat.addEventListener('message', stop, { signal: new AbortController().signal });
chat.addEventListener('viewers', { handleEvent: ({ detail, timeStamp }) => console.log(detail.viewer_count, timeStamp, target) });
const { cause, refusedSocket }: ChatError = new ChatError('code', 'text', { status: 400, refusedSocket: true, cause: new Error('why') });
console.log(cause, refusedSocket);

// Wrong uses must not compile.
// @ts-expect-error: there is no such option's value
new LiveChat({ token: 'x', tokenIn: 'cookie' });
// @ts-expect-error: the detail of a message has no such field
chat.addEventListener('message', ({ detail }) => detail.text);
// @ts-expect-error: the state is the client's alone
chat.state = 'live';
// @ts-expect-error: a time-out has a length
void chat.moderate.timeout('bob', {});
// @ts-expect-error: a person acts in no other name
void chat.moderate.ban('bob', { actingFor: { userId: 'mona' } });
// @ts-expect-error: a list has no such option
void chat.moderate.terms({ room: 'main' });
// @ts-expect-error: the end of a shield is not set as a mode
void chat.moderate.setModes({ shield_until: null });
// @ts-expect-error: a session has a name
void chat.sessions.create({ room: 'stage' });
// @ts-expect-error: the end of a session has no further settings
void chat.sessions.end(7, { endTime: null });
// @ts-expect-error: there is no such act
void chat.moderate.explode('bob');
