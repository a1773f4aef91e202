import { LiveChat } from '@live-chat/client';
import type { LiveChatOptions, Message, PendingMessage, State } from '@live-chat/client';
import { onMounted, onUnmounted, shallowReactive } from 'vue';

const CHANGES = ['state', 'message', 'messageLikes', 'deleted', 'purged', 'cleared', 'restored', 'pending', 'failed', 'viewers', 'likes'] as const;

export function useLiveChat(options: LiveChatOptions) {
  const view = shallowReactive({ state: 'connecting' as State, viewers: 0, likes: 0, messages: [] as Message[], pending: [] as PendingMessage[] });
  let chat: LiveChat | undefined;
  let frame = 0;
  const show = () => {
    frame = 0;
    if (!chat) return;
    const { state, viewers, likes, pending, messages } = chat;
    // The client changes the likes of its messages, so the view has copies.
    Object.assign(view, { state, viewers, likes, pending, messages: [...messages.values()].map((message) => ({ ...message })) });
  };
  // Servers, which have no sockets, do not call these.
  onMounted(() => {
    chat = new LiveChat(options);
    for (const type of CHANGES) chat.addEventListener(type, () => (frame ||= requestAnimationFrame(show)));
    // `view.state` tells whether it succeeds.
    chat.connect().catch(() => {});
  });
  onUnmounted(() => {
    chat?.close();
    cancelAnimationFrame(frame);
  });
  return { view, sendMessage: (text: string) => chat?.sendMessage(text) };
}
