export { ChatError } from './chat-error.js';
export { LiveChat } from './live-chat.js';
