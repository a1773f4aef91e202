// Every method of staff's calls, with the call that it makes (docs/contract.md, Moderation). Both packages are held to it.

/** The ids of held messages. */
const HELD = ['01kb5d2m7c8hq4t0v9w3x5y6z7', '01kb5d2m7c8hq4t0v9w3x5y6z8'];

const act = (action, fields = {}) => ['POST', 'moderation/actions', { action, ...fields }];
const TERMS = { terms: [{ term: 'scam*', match: 'word', action: 'block' }], allow: ['scampi'], link_domains: ['example.org'] };
/** What every act may carry, and how it is told. */
export const CARRIED = {
  options: { reason: 'raid', explanation: 'Please calm down', sessionId: 7, clientActionId: 'k1' },
  fields: { reason: 'raid', explanation: 'Please calm down', session_id: 7, client_action_id: 'k1' },
};

/** Acts: the method, its arguments before the options, its own options, and the call. */
export const ACTS = [
  ['delete', [100000001], {}, act('delete', { message_ids: [100000001] })],
  ['delete', [[100000001, 100000002]], {}, act('delete', { message_ids: [100000001, 100000002] })],
  ['timeout', ['bob'], { seconds: 60, deleteMessages: true }, act('timeout', { user_id: 'bob', seconds: 60, delete_messages: true })],
  ['timeout', [['bob', 'cy']], { seconds: 60 }, act('timeout', { user_ids: ['bob', 'cy'], seconds: 60 })],
  ['ban', ['bob'], { sessionOnly: true, deleteMessages: false }, act('ban', { user_id: 'bob', session_only: true, delete_messages: false })],
  ['ban', [['bob']], {}, act('ban', { user_ids: ['bob'] })],
  ['shadowBan', ['bob'], {}, act('shadow_ban', { user_id: 'bob' })],
  ['lift', ['bob'], {}, act('lift', { user_id: 'bob' })],
  ['disconnect', [['bob']], {}, act('disconnect', { user_ids: ['bob'] })],
  ['purge', ['bob'], {}, act('purge', { user_id: 'bob' })],
  ['clear', [], {}, act('clear')],
  ['restore', ['01kb5d2m7c8hq4t0v9w3x5y6z7'], {}, act('restore', { action_id: '01kb5d2m7c8hq4t0v9w3x5y6z7' })],
  ['note', ['bob', 'asks nicely'], {}, act('note', { user_id: 'bob', text: 'asks nicely' })],
  ['erase', ['bob'], { reason: 'asked' }, act('erase', { user_id: 'bob', reason: 'asked' })],
  ['revokeTokens', ['bob'], {}, act('revoke_tokens', { user_id: 'bob' })],
  ['revokeTokens', ['bob'], { issuedBefore: new Date(0) }, act('revoke_tokens', { user_id: 'bob', issued_before: '1970-01-01T00:00:00.000Z' })],
  ['approve', [HELD[0]], {}, act('approve', { held_id: HELD[0] })],
  ['deny', [[HELD[0], HELD[1]]], {}, act('deny', { held_ids: [HELD[0], HELD[1]] })],
  ['dismissReports', [100000001], {}, act('dismiss_reports', { message_id: 100000001 })],
  ['pin', [100000001], {}, act('pin', { message_id: 100000001 })],
  ['unpin', [100000001], {}, act('unpin', { message_id: 100000001 })],
  ['setModes', [{ slow_seconds: 30 }], {}, act('set_modes', { modes: { slow_seconds: 30 } })],
  ['shield', [], {}, act('shield', { on: true })],
  ['shield', [], { on: false }, act('shield', { on: false })],
  ['shield', [], { minutes: 10 }, act('shield', { on: true, minutes: 10 })],
];

const AT = '2026-12-24T18:00:00Z';
const SETTINGS = { modes: { slow_seconds: 30 }, tags: ['xmas'], messagesPerMinute: 20, maxMessageLength: 300, retentionDays: 7 };
const SET = { modes: { slow_seconds: 30 }, tags: ['xmas'], messages_per_minute: 20, max_message_length: 300, retention_days: 7 };

/** The calls of `sessions`: the method, its arguments, and the call. */
export const SESSIONS = [
  ['list', [], ['GET', 'sessions']],
  ['list', [{ room: 'stage', state: 'open', before: 7, limit: 5 }], ['GET', 'sessions?room=stage&state=open&before=7&limit=5']],
  ['get', [7], ['GET', 'sessions/7']],
  ['create', [{ name: 'Now', clientActionId: 'k1' }], ['POST', 'sessions', { name: 'Now', client_action_id: 'k1' }]],
  [
    'create',
    [{ name: 'Later', room: 'stage', startTime: AT, endTime: new Date(Date.UTC(2026, 11, 24, 20)), ...SETTINGS, reason: 'xmas', clientActionId: 'k1' }],
    ['POST', 'sessions', { name: 'Later', room: 'stage', start_time: AT, end_time: '2026-12-24T20:00:00.000Z', ...SET, reason: 'xmas', client_action_id: 'k1' }],
  ],
  ['update', [7, { name: 'Renamed', clientActionId: 'k1' }], ['PATCH', 'sessions/7', { name: 'Renamed', client_action_id: 'k1' }]],
  [
    'update',
    [7, { ...SETTINGS, endTime: null, retentionDays: null, reason: 'xmas', clientActionId: 'k1' }],
    ['PATCH', 'sessions/7', { ...SET, end_time: null, retention_days: null, reason: 'xmas', client_action_id: 'k1' }],
  ],
  ['end', [7, { clientActionId: 'k1' }], ['POST', 'sessions/7/end', { client_action_id: 'k1' }]],
  ['end', [7, { reason: 'rain', clientActionId: 'k1' }], ['POST', 'sessions/7/end', { reason: 'rain', client_action_id: 'k1' }]],
  ['exportPages', [7, { format: 'csv', after: 5, includeDeleted: true, userId: 'b b' }], ['GET', 'sessions/7/export?format=csv&after=5&include_deleted=true&user_id=b+b']],
  ['exportPages', [7, { format: 'vtt', start: new Date(Date.UTC(2026, 11, 24, 20)) }], ['GET', 'sessions/7/export?format=vtt&start=2026-12-24T20%3A00%3A00.000Z']],
  ['exportSession', [7], ['GET', 'sessions/7/export?format=jsonl']],
];

/** Other calls: the method, all of its arguments, and the call. */
export const OTHERS = [
  ['log', [], ['GET', 'moderation/actions']],
  [
    'log',
    [{ sessionId: 7, userId: 'b b', actor: 'mona', action: 'ban', before: 'a', limit: 5 }],
    ['GET', 'moderation/actions?session_id=7&user_id=b+b&actor=mona&action=ban&before=a&limit=5'],
  ],
  ['action', ['a/1'], ['GET', 'moderation/actions/a%2F1']],
  ['message', [100000001], ['GET', 'moderation/messages/100000001']],
  ['message', [HELD[0], { sessionId: 7 }], ['GET', 'moderation/messages/01kb5d2m7c8hq4t0v9w3x5y6z7?session_id=7']],
  ['user', ['b/ö?'], ['GET', 'moderation/users/b%2F%C3%B6%3F']],
  ['user', ['bob', { sessionId: 7 }], ['GET', 'moderation/users/bob?session_id=7']],
  ['users', ['bö'], ['GET', 'moderation/users?name=b%C3%B6']],
  ['users', ['bob', { sessionId: 7, limit: 5 }], ['GET', 'moderation/users?name=bob&session_id=7&limit=5']],
  ['sanctions', [], ['GET', 'moderation/sanctions']],
  [
    'sanctions',
    [{ sessionId: 7, active: false, before: 'a', limit: 5 }],
    ['GET', 'moderation/sanctions?session_id=7&active=false&before=a&limit=5'],
  ],
  ['held', [], ['GET', 'moderation/held']],
  ['held', [{ sessionId: 7, after: HELD[0], limit: 5 }], ['GET', 'moderation/held?session_id=7&after=01kb5d2m7c8hq4t0v9w3x5y6z7&limit=5']],
  ['reports', [{ sessionId: 7, limit: 5 }], ['GET', 'moderation/reports?session_id=7&limit=5']],
  ['markAnswered', [100000001], ['POST', 'questions/100000001/answered', { answered: true }]],
  ['markAnswered', [100000001, false], ['POST', 'questions/100000001/answered', { answered: false }]],
  ['markAnswered', [100000001, true, { reason: 'on air' }], ['POST', 'questions/100000001/answered', { answered: true, reason: 'on air' }]],
  ['announce', ['We start', { color: 'blue', sessionId: 7, clientMessageId: 'k1' }], ['POST', 'announcements?session_id=7', { message: 'We start', color: 'blue', client_message_id: 'k1' }]],
  [
    'sendEvent',
    ['goal', { team: 'red' }, { sessionId: 7, clientEventId: 'k1' }],
    ['POST', 'events?session_id=7', { name: 'goal', attributes: { team: 'red' }, client_event_id: 'k1' }],
  ],
  [
    'startPoll',
    ['Encore?', ['Yes', 'No'], { seconds: 30, hideResults: true, sessionId: 7, clientActionId: 'k1' }],
    ['POST', 'polls?session_id=7', { question: 'Encore?', options: ['Yes', 'No'], seconds: 30, hide_results: true, client_action_id: 'k1' }],
  ],
  ['closePoll', [10001, { reason: 'late', clientActionId: 'k1' }], ['POST', 'polls/10001/close', { reason: 'late', client_action_id: 'k1' }]],
  [
    'startDraw',
    ['A cup', { winners: 2, among: 'voters', pollId: 10001, exclude: ['bob'], sessionId: 7, clientActionId: 'k1' }],
    ['POST', 'draws?session_id=7', { prize: 'A cup', winners: 2, among: 'voters', poll_id: 10001, exclude: ['bob'], client_action_id: 'k1' }],
  ],
  ['revealDraw', [10001, { clientActionId: 'k1' }], ['POST', 'draws/10001/reveal', { client_action_id: 'k1' }]],
  ['redraw', [10001, 'no answer', { clientActionId: 'k1' }], ['POST', 'draws/10001/redraw', { reason: 'no answer', client_action_id: 'k1' }]],
  ['terms', [], ['GET', 'moderation/terms']],
  ['putTerms', [TERMS], ['PUT', 'moderation/terms', TERMS]],
  ['putTerms', [{ terms: [] }], ['PUT', 'moderation/terms', { terms: [], allow: [], link_domains: [] }]],
  ['testTerms', ['s c a m'], ['POST', 'moderation/terms/test', { text: 's c a m' }]],
  ['presets', [{ room: 'main' }], ['GET', 'moderation/presets?room=main']],
  ['putPresets', [{ shield: { links: 'block' } }, { room: 'main' }], ['PUT', 'moderation/presets?room=main', { shield: { links: 'block' } }]],
];
