// Uses every declaration of the package, as an application does. It is only compiled, never run.

import type { Ack, ChatError, LiveChat, Message, MessagesPage, Modes, Session, Standing, State } from '@live-chat/client';
import { LiveChat as Chat, useLiveChat } from '@live-chat/react';
import type { ChatActions, ChatSnapshot, LiveChatElement, LiveChatProps, OwnMessage, UseLiveChatOptions } from '@live-chat/react';
import { createElement, createRef, useEffect } from 'react';

export function useEverything(token: string | undefined): ChatSnapshot & ChatActions {
  const options: UseLiveChatOptions = { token: async () => 'a token', baseUrl: 'https://chat.example', tokenIn: 'ticket', sessionId: 1, history: 20, keepMessages: 200 };
  const view = useLiveChat(options);
  useLiveChat({ token });
  useLiveChat({ token: null });
  useLiveChat({ token, room: 'stage' });

  const chat: LiveChat | null = view.chat;
  const state: State = view.state;
  const error: ChatError | null = view.error;
  const session: Readonly<Session> | null = view.session;
  const modes: Modes | null = view.modes;
  const standing: Standing | null = view.standing;
  const texts: string[] = view.messages.map((message: Readonly<Message>) => message.message);
  const own: readonly OwnMessage[] = view.pending;
  const isHeld: boolean = own.some(({ status, client_message_id }) => status === 'held' && client_message_id !== '');
  const numbers: number = view.viewers + view.likes;
  const user: string | undefined = view.userId;
  console.log(chat, state, error?.code, session?.name, modes?.slow_seconds, standing?.state, texts, isHeld, numbers, user);
  return view;
}

export async function act({ connect, sendMessage, likeSession, unlike, likeMessage, unlikeMessage, deleteMessage, report, getMessages }: ChatActions): Promise<void> {
  await connect();
  const ack: Ack = await sendMessage('Hello!', { replyTo: 100000001, mentions: ['ann'] });
  const id: number = ack.message_id ?? -1;
  const likes: number = (await likeSession()).total_likes + (await unlike()).total_likes + (await likeMessage(id)).likes + (await unlikeMessage(id)).likes;
  const gone: number = (await deleteMessage(id)).message_id;
  const page: MessagesPage = await getMessages({ before: id, limit: 10 });
  console.log(likes, gone, page.has_more, (await report(id, 'spam', { comment: 'again' })).report_id);
}

/** The example of the README. */
export function useDenials({ chat }: ChatSnapshot): void {
  useEffect(() => {
    const tell = () => alert('Your message was not approved');
    chat?.addEventListener('denied', tell);
    return () => chat?.removeEventListener('denied', tell);
  }, [chat]);
}

/** The component, with everything that it can be told. */
export function element(): unknown {
  const ref = createRef<LiveChatElement>();
  const told: LiveChatProps = {
    ...{ token: async () => 'a token', baseUrl: 'https://chat.example', room: 'stage', session: 1, layout: 'comfortable', links: 'all', theme: 'dark', lang: 'en' },
    ...{ dir: 'ltr', autoFocus: true, maxMessageLength: 500, pictureHosts: 'a.example,b.example', strings: { send: 'Go' }, id: 'chat' },
    ...{ className: 'beside', style: { height: '30rem' }, children: null },
    onReady: () => ref.current?.notify('Welcome'),
    onName: ({ detail }) => console.log(detail.name ?? ''),
    onEnded: ({ detail }) => console.log(detail.code),
    onState: ({ detail }) => console.log(detail.state, detail.reason),
    onSession: ({ detail }) => console.log(detail.session.id),
    onMessage: ({ detail }) => console.log(detail.username, ref.current?.user?.sub),
    onDeleted: ({ detail }) => console.log(detail.message_id),
    onViewers: ({ detail }) => console.log(detail.viewer_count),
    onLikes: ({ detail }) => console.log(detail.total_likes),
    onError: ({ detail }) => console.log(detail.message),
  };
  const likes: number | undefined = ref.current?.client?.likes;
  ref.current?.sendMessage('Hello!', { replyTo: 100000001 }).then((ack) => console.log(ack.message_id, likes));
  ref.current?.disconnect();
  return createElement(Chat, { ...told, ref });
}

// Wrong uses must not compile.
// @ts-expect-error: there is no such layout
createElement(Chat, { layout: 'wide' });
// @ts-expect-error: the token may be missing, but not by accident
useLiveChat({});
// @ts-expect-error: there is no such option's value
useLiveChat({ token: 'x', tokenIn: 'cookie' });
export function wrong(view: ChatSnapshot): void {
  // @ts-expect-error: a snapshot never changes
  view.viewers = 3;
  // @ts-expect-error: its list does not, either
  view.messages.push(view.messages[0]);
  // @ts-expect-error: nor does a message
  view.messages[0].likes = 3;
}
