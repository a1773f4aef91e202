// A server in TypeScript that uses all declarations. It is only compiled, never run.

import { createServiceToken, createToken, LiveChatError, LiveChatServer, verifyEvent } from '@live-chat/server';
import type {
  Announced,
  ActionName, FoundUsers, HeldPage, LiveChatServerOptions, Message, MessageForStaff, SentEvent, ModerationEntries, ModerationEntry, ModerationLog, ModesChange, Presets, PutTerms, ReportsPage, SanctionsPage, SessionsPage, DetailedSession, StoredTerms,
  Term, TermsTest, TokenOptions, UserCard,
} from '@live-chat/server';

const user: TokenOptions = {
  sub: 'ann',
  name: 'Ann',
  roles: ['host', 'member', 'chat-mods'],
  capabilities: ['read', 'audit'],
  sessions: [7, 'main'],
  attributes: { team: 'red' },
  accountCreated: new Date(0),
  badge: 'gold',
  picture: 'https://example.org/ann.png',
  expiresIn: 3600,
  issuedAt: 1_700_000_000,
  notBefore: new Date(0),
  issuer: 'https://login.example',
  audience: ['chat'],
  keyId: 'k1',
};
const tokens: string[] = [createToken(user, 'secret'), createServiceToken({ sub: 'billing', expiresIn: 60 }, new Uint8Array(32))];

const options: LiveChatServerOptions = {
  baseUrl: 'https://chat.example',
  serviceSecret: 'secret',
  name: 'billing',
  retries: 2,
  timeoutMs: 5_000,
  clock: { now: () => 0, setTimeout: () => 0, clearTimeout: () => {} },
  random: () => 0.5,
};
const chat = new LiveChatServer(options);
export const another = new LiveChatServer({ baseUrl: 'https://chat.example', token: async () => tokens[0] ?? '' });

export async function everything(): Promise<void> {
  const mona = { actingFor: { userId: 'mona', username: 'Mona' } };
  const entry: ModerationEntry = await chat.timeout('bob', { seconds: 60, deleteMessages: true, reason: 'spam', ...mona });
  const many: ModerationEntries = await chat.ban(['bob', 'cy'], { sessionOnly: true, explanation: 'Please calm down', sessionId: 7 });
  const deleted: ModerationEntry = await chat.delete(100000001);
  const lots: ModerationEntries = await chat.delete([100000001]);
  await chat.shadowBan('bob');
  await chat.lift(['bob']);
  await chat.disconnect('bob', { clientActionId: 'job 7' });
  await chat.purge('bob');
  const cleared: ModerationEntry = await chat.clear(mona);
  await chat.restore(cleared.id);
  await chat.note('bob', 'asks nicely');
  await chat.revokeTokens('bob', { issuedBefore: new Date() });
  const erased: ModerationEntry = await chat.erase('bob', { reason: 'as bob asked' });
  console.log(erased.id);
  await chat.approve('h1');
  const denied: ModerationEntries = await chat.deny(['h1', 'h2']);
  await chat.dismissReports(100000001);
  await chat.pin(100000001, mona);
  await chat.unpin(100000001);
  console.log((await chat.markAnswered(100000001, false, { reason: 'taken back' })).answered);
  const announced: Announced = await chat.announce('We start', { color: 'orange' });
  console.log(announced.message_id);
  const { seq }: SentEvent = await chat.sendEvent('goal', { team: 'red' }, { clientEventId: 'goal-1' });
  const { id: pollId } = await chat.startPoll('Encore?', ['Yes', 'No'], { seconds: 30, hideResults: true });
  const { total_votes }: { total_votes: number | null } = await chat.closePoll(pollId);
  const draw = await chat.startDraw('A cup', { winners: 2, among: 'voters', pollId, exclude: ['hans'] });
  const { winners }: { winners: (string | null)[] | null } = await chat.revealDraw(draw.id);
  const { redraws } = await chat.redraw(draw.id, 'no answer');
  console.log(total_votes, winners, redraws);
  console.log(seq);
  const modes: ModesChange = { slow_seconds: 30, audience: 'members', links: 'block', unique_seconds: 60, emoji_only: true, account_age_minutes: 5 };
  await chat.setModes(modes);
  await chat.shield({ minutes: 10 });
  await chat.shield({ on: false });
  const log: ModerationLog = await chat.log({ userId: 'bob', action: 'ban', limit: 5 });
  const one: ModerationEntry = await chat.action(entry.id);
  const card: UserCard = await chat.user('bob', { sessionId: 7 });
  const last: Message | undefined = card.messages[0];
  const gone: MessageForStaff = await chat.message(100000001);
  const held: HeldPage = await chat.held();
  const reports: ReportsPage = await chat.reports({ limit: 5 });
  const sanctions: SanctionsPage = await chat.sanctions({ active: false, limit: 5 });
  const users: FoundUsers = await chat.users('bo', { sessionId: 7 });
  const terms: StoredTerms = await chat.terms();
  const term: Term = { term: 'scam*', match: 'word', action: 'block' };
  const put: PutTerms = await chat.putTerms({ ...terms, terms: [term] }, { etag: terms.etag });
  const tested: TermsTest = await chat.testTerms('s c a m');
  const presets: Presets = await chat.presets({ room: 'main' });
  await chat.putPresets({ shield: { ...presets.shield, review_all: true } });
  const sessions: SessionsPage = await chat.sessions.list({ room: 'stage', state: 'scheduled', limit: 5 });
  const session: DetailedSession = await chat.sessions.create({ name: 'Now', endTime: new Date(), messagesPerMinute: 0 });
  await chat.sessions.update(session.id, { endTime: null, tags: [], reason: 'longer' });
  await chat.sessions.end((await chat.sessions.get(7)).id, { clientActionId: 'job 7', ...mona });
  for await (const record of await chat.sessions.exportSession(7, { after: 5 })) console.log(record.type);
  console.log(sessions.next_before, sessions.sessions[0]?.state, session.room);
  const name: ActionName = 'shadow_ban';
  console.log(many.refused[0]?.code, deleted.via, lots, denied.actions.length, log.next_before, one.until, last?.message, held.held[0]?.deadline, name, gone.held?.deadline, gone.original_text, gone.reports[0]?.comment);
  console.log(sanctions.sanctions[0]?.active, sanctions.next_before, users.users[0]?.present);
  console.log(reports.reports[0]?.reasons.spam, reports.reports[0]?.hidden, held.next_after, put.entry?.id, put.etag, tested.matches[0]?.start, tested.links[0]?.domain, card.counts.held, card.sanctions[0]?.actor.username);
}

declare const console: { log(...values: unknown[]): void };

export function tell(error: unknown): string {
  if (!(error instanceof LiveChatError)) return '';
  return `${error.code} ${error.detail} ${error.status?.toFixed()} ${error.retryAfter?.toFixed()} ${error.problem?.explanation} ${error.cause}`;
}

export function hear(body: Uint8Array, headers: Record<string, string | string[] | undefined>): string {
  const event = verifyEvent(body, headers, ['whsec_a', 'whsec_b']);
  switch (event.type) {
    case 'moderation.action': return `${event.data.action} ${event.data.target.user_id}`;
    case 'message.held': return event.data.deadline;
    case 'held.resolved': return event.data.decision;
    case 'message.reported': return event.data.reports.toFixed();
    case 'session.opened': return event.data.room;
    case 'session.ended': return event.data.total_messages.toFixed();
  }
}

// Wrong uses must not compile.
// @ts-expect-error: what was parsed is not what was signed
verifyEvent({ type: 'session.opened' }, new Map<string, string>(), 'whsec_a');
// @ts-expect-error: a time-out has a length
void chat.timeout('bob', {});
// @ts-expect-error: a token has no such capability
createToken({ sub: 'ann', capabilities: ['moderat'] }, 'secret');
// @ts-expect-error: a list of users is answered by a list
export const wrong: Promise<ModerationEntry> = chat.ban(['bob']);
// @ts-expect-error: nobody reads for somebody else
void chat.log({ actingFor: { userId: 'mona' } });
// @ts-expect-error: nobody reads for somebody else
void chat.sessions.list({ actingFor: { userId: 'mona' } });
// @ts-expect-error: a misspelt option
void chat.ban('bob', { deleteMesages: true });
