// The words of moderators, announcements and pins, of reports, and of what staff do in the menu of a message. They come with the log: what loads
// before the chat shows has no room for them.

import { withStrings } from './own-words.js';

const WORDS = {
  en: {
    announcement: 'Announcement',
    moderator: 'Moderator',
    notStaff: 'Not a moderator',
    notStaffHint: 'The name looks like that of a host or moderator in this chat, but this is somebody else.',
    pinnedMessages: 'Pinned messages',
    pinnedCount: (count) => `${count} pinned`,
    nowPinned: (name, text) => `Pinned. ${name}: ${text}`,
    pin: 'Pin',
    unpin: 'Unpin',
    unpinOf: (name) => `Unpin the message of ${name}`,
    pinned: 'Message pinned.',
    unpinned: 'Message unpinned.',
    pinsFull: 'Three messages are pinned already. Unpin one first.',

    reportTitle: 'Report this message',
    reportReason: 'What is wrong with it?',
    chooseReason: 'Choose a reason',
    reportReasons: {
      spam: 'Spam',
      harassment: 'Harassment',
      hate: 'Hate',
      sexual: 'Sexual content',
      violence: 'Violence',
      self_harm: 'Self-harm',
      child_safety: 'Danger to children',
      personal_info: 'Personal data',
      illegal: 'Something illegal',
      other: 'Something else',
    },
    reportComment: 'Comment (optional)',
    reasonMissing: 'Please choose a reason.',
    sendReport: 'Report',
    reported: 'Thank you. The moderators have your report.',
    reportedBefore: 'You have reported this message before. The moderators have that report.',
    reportFailures: {
      not_found: 'The message is gone already.',
      rate_limited: 'You have reported many messages. Please try again later.',
      banned: 'You cannot report messages while you are banned.',
      timed_out: 'You cannot report messages during a time-out.',
      forbidden: 'You may not report messages here.',
    },

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
    moderator: 'Moderador',
    notStaff: 'No es moderador',
    notStaffHint: 'El nombre se parece al de un anfitrión o moderador de este chat, pero es otra persona.',
    pinnedMessages: 'Mensajes fijados',
    pinnedCount: (count) => `${count} ${count === 1 ? 'fijado' : 'fijados'}`,
    nowPinned: (name, text) => `Fijado. ${name}: ${text}`,
    pin: 'Fijar',
    unpin: 'Dejar de fijar',
    unpinOf: (name) => `Dejar de fijar el mensaje de ${name}`,
    pinned: 'Mensaje fijado.',
    unpinned: 'El mensaje ya no está fijado.',
    pinsFull: 'Ya hay tres mensajes fijados. Quita uno primero.',

    reportTitle: 'Denunciar este mensaje',
    reportReason: '¿Qué tiene de malo?',
    chooseReason: 'Elige un motivo',
    reportReasons: {
      spam: 'Spam',
      harassment: 'Acoso',
      hate: 'Odio',
      sexual: 'Contenido sexual',
      violence: 'Violencia',
      self_harm: 'Autolesiones',
      child_safety: 'Peligro para menores',
      personal_info: 'Datos personales',
      illegal: 'Algo ilegal',
      other: 'Otra cosa',
    },
    reportComment: 'Comentario (opcional)',
    reasonMissing: 'Elige un motivo.',
    sendReport: 'Denunciar',
    reported: 'Gracias. Los moderadores han recibido tu denuncia.',
    reportedBefore: 'Ya habías denunciado este mensaje. Los moderadores tienen esa denuncia.',
    reportFailures: {
      not_found: 'El mensaje ya no está.',
      rate_limited: 'Has denunciado muchos mensajes. Inténtalo más tarde.',
      banned: 'No puedes denunciar mensajes mientras estés expulsado.',
      timed_out: 'No puedes denunciar mensajes durante una suspensión.',
      forbidden: 'Aquí no puedes denunciar mensajes.',
    },

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
