import { createApp, defineComponent, h, ref } from 'vue';

import { useLiveChat } from './use-live-chat';

const Chat = defineComponent(() => {
  const { view, sendMessage } = useLiveChat({
    baseUrl: import.meta.env.VITE_CHAT_URL,
    token: () => fetch('/my-token').then((answer) => answer.text()),
  });
  const text = ref('');
  const send = (event: Event) => {
    event.preventDefault();
    sendMessage(text.value)?.catch((error) => alert(error.message));
    text.value = '';
  };
  return () =>
    h('form', { onSubmit: send }, [
      h('p', `${view.state}, ${view.viewers} watching`),
      h('ul', view.messages.map(({ id, username, message }) => h('li', { key: id }, `${username}: ${message}`))),
      h('input', { 'aria-label': 'Message', value: text.value, onInput: ({ target }: Event) => (text.value = (target as HTMLInputElement).value) }),
      h('button', 'Send'),
    ]);
});

createApp(Chat).mount('#app');
