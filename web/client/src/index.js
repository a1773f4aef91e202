export { ChatError } from './chat-error.js';
export { LiveChat } from './live-chat.js';
export { entrantHash, verifyDraw } from './verify-draw.js';
