// The words of announcements, of pins, and of what staff do in the menu of a message. They come with the log: what loads before the chat
// shows has no room for them.

import { withStrings } from './own-words.js';

const WORDS = {
  en: {
    announcement: 'Announcement',
    pinnedMessages: 'Pinned messages',
    pinnedCount: (count) => `${count} pinned`,
    nowPinned: (name, text) => `Pinned. ${name}: ${text}`,
    pin: 'Pin',
    unpin: 'Unpin',
    unpinOf: (name) => `Unpin the message of ${name}`,
    pinned: 'Message pinned.',
    unpinned: 'Message unpinned.',
    pinsFull: 'Three messages are pinned already. Unpin one first.',

    timeOut: (minutes) => `Time out for ${minutes} min`,
    timedOut: (name, minutes) => `${name} is timed out for ${minutes} min. Their messages are gone.`,
    ban: (name) => `Ban ${name}`,
    banned: (name) => `${name} is banned. Their messages are gone.`,
    actFailures: {
      forbidden: 'You may not do that to this person.',
      conflict: 'Somebody else was faster.',
      not_found: 'It is gone already.',
    },
  },
  es: {
    announcement: 'Anuncio',
    pinnedMessages: 'Mensajes fijados',
    pinnedCount: (count) => `${count} ${count === 1 ? 'fijado' : 'fijados'}`,
    nowPinned: (name, text) => `Fijado. ${name}: ${text}`,
    pin: 'Fijar',
    unpin: 'Dejar de fijar',
    unpinOf: (name) => `Dejar de fijar el mensaje de ${name}`,
    pinned: 'Mensaje fijado.',
    unpinned: 'El mensaje ya no está fijado.',
    pinsFull: 'Ya hay tres mensajes fijados. Quita uno primero.',

    timeOut: (minutes) => `Suspender ${minutes} min`,
    timedOut: (name, minutes) => `Has suspendido a ${name} ${minutes} min. Sus mensajes ya no están.`,
    ban: (name) => `Expulsar a ${name}`,
    banned: (name) => `Has expulsado a ${name}. Sus mensajes ya no están.`,
    actFailures: {
      forbidden: 'No puedes hacer eso con esta persona.',
      conflict: 'Alguien se te adelantó.',
      not_found: 'Ya no está.',
    },
  },
};

/** Those of a view, in its language and with what its page puts in their place. */
export const logWords = ({ language, strings }) => withStrings(Object.hasOwn(WORDS, language) ? WORDS[language] : WORDS.en, strings);

export default WORDS;
