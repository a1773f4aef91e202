export { LiveChat } from './live-chat.js';
export { useLiveChat } from './use-live-chat.js';
