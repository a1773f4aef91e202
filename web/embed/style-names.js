// The stylesheets of a chat, in order.

export const OF_CHAT = ['base', 'element', 'layout', 'dialogs', 'log', 'composer'];
/** They come later, with the code of the log. */
export const OF_LOG = ['authors', 'messages', 'compact', 'menu', 'emoji-button', 'pins', 'hosted', 'edges'];
/** They come with the code of the emoji picker. */
export const OF_EMOJI = ['emoji'];
/** They come with the bar of reactions and questions. */
export const OF_TAKING_PART = ['taking-part'];
