import { useLiveChat } from '@live-chat/react';
import { useState } from 'react';
import type { SyntheticEvent } from 'react';

export function Chat() {
  const { state, viewers, messages, pending, sendMessage } = useLiveChat({
    baseUrl: import.meta.env.VITE_CHAT_URL,
    token: () => fetch('/my-token').then((answer) => answer.text()),
  });
  const [text, setText] = useState('');
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    sendMessage(text).catch((error) => alert(error.message));
    setText('');
  };
  return (
    <form onSubmit={send}>
      <p>{state}, {viewers} watching</p>
      <ul>
        {messages.map(({ id, username, message }) => <li key={id}>{username}: {message}</li>)}
        {pending.map(({ client_message_id, message }) => <li key={client_message_id}>{message} …</li>)}
      </ul>
      <input aria-label="Message" value={text} onChange={({ target }) => setText(target.value)} />
      <button>Send</button>
    </form>
  );
}
