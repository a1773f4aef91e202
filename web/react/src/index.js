export { useLiveChat } from './use-live-chat.js';
