// A page that replays an export. It uses all of the declarations of `@live-chat/client/replay`.
import { ChatError, ReplayChat, ReplayClock } from '@live-chat/client/replay';
import type { ReplayMedia, ReplayOptions, ReplayState } from '@live-chat/client/replay';

const media = new ReplayClock({ now: () => 0 });
media.duration = 60;
media.playbackRate = 2;
const options: ReplayOptions = { source: '{}', media, start: new Date(0), keepMessages: 10, showRemoved: true, fetch: async () => ({}) };
const chat = new ReplayChat(options);

export async function replay(records: ReplayOptions['source'], other: ReplayMedia): Promise<void> {
  chat.addEventListener('session', ({ detail }) => console.log(detail.session.name));
  chat.addEventListener('state', ({ detail }) => console.log(detail.state, detail.reason?.code));
  chat.addEventListener('message', ({ detail }) => console.log(detail.username, detail.reply_to?.excerpt));
  chat.addEventListener('seeked', ({ detail }) => console.log(detail.position, detail.messages.length));
  chat.addEventListener('event', ({ detail }) => console.log(detail.name, detail.attributes['team']));
  chat.addEventListener('deleted', ({ detail }) => console.log(detail.message_id, detail.message.message));
  chat.addEventListener('purged', ({ detail }) => console.log(detail.user_id, detail.up_to_seq));
  chat.addEventListener('cleared', ({ detail }) => console.log(detail.messages.length));
  chat.addEventListener('error', ({ detail }) => console.log(detail instanceof ChatError));
  await chat.connect();
  const state: ReplayState = chat.state;
  chat.startTime = '2026-11-29T20:00:00Z';
  console.log(state, chat.session?.tags, chat.messages.size, chat.media.currentTime, chat.startTime + 1, chat.duration, chat.total, chat.removed, chat.isComplete);
  console.log(chat.viewers, chat.likes, chat.pins.length, chat.pending.length, chat.userId, chat.capabilities, chat.standing);
  await media.play();
  media.currentTime = 5;
  media.pause();
  chat.attach(other);
  const { messages, has_more } = await chat.getMessages({ before: 7, limit: 5 });
  console.log(messages[0]?.created_at, has_more, media.paused);
  chat.close();
  await new ReplayChat({ source: records }).sendMessage('hi');
}

// @ts-expect-error There is no chat without an export.
new ReplayChat({});
// @ts-expect-error A message has no name.
chat.addEventListener('message', ({ detail }) => detail.name);
