export { verifyEvent, WebhookError } from './events.js';
export { LiveChatError } from './live-chat-error.js';
export { LiveChatServer } from './live-chat-server.js';
export { entrantHash, verifyDraw } from './verify-draw.js';
export { createServiceToken, createToken } from './tokens.js';
