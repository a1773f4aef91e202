const chat = document.querySelector<HTMLElement & { token: () => Promise<string> }>('live-chat');
if (chat) chat.token = () => fetch('/my-token').then((answer) => answer.text());
