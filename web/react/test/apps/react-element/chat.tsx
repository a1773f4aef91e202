import { LiveChat } from '@live-chat/react';

export function Chat() {
  return (
    <LiveChat
      baseUrl={import.meta.env.VITE_CHAT_URL}
      token={() => fetch('/my-token').then((answer) => answer.text())}
      layout="comfortable"
      onEnded={({ detail }) => console.log(detail.code)}
    />
  );
}
