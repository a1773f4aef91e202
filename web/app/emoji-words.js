// The words of the emoji picker. They come with its button: what loads before the chat shows has no room for them.

const found = (count, one, many) => (count === 1 ? `1 ${one}` : `${count} ${many}`);

export default {
  en: {
    emoji: 'Emoji',
    emojiSearch: 'Search emoji',
    emojiFound: (count) => found(count, 'emoji found', 'emoji found'),
    emojiNone: 'No emoji found',
    emojiGroups: 'Groups of emoji',
    emojiRecent: 'Recently used',
    emojiNoRecent: 'You have not used any emoji yet',
    emojiTone: 'Skin tone',
    emojiNoTone: 'no skin tone',
    emojiAdded: (name) => `Added: ${name}`,
    emojiNoRoom: 'The message has no room for another emoji.',
  },
  es: {
    emoji: 'Emojis',
    emojiSearch: 'Buscar emojis',
    emojiFound: (count) => found(count, 'emoji encontrado', 'emojis encontrados'),
    emojiNone: 'No se encontró ningún emoji',
    emojiGroups: 'Grupos de emojis',
    emojiRecent: 'Usados recientemente',
    emojiNoRecent: 'Todavía no has usado ningún emoji',
    emojiTone: 'Tono de piel',
    emojiNoTone: 'sin tono de piel',
    emojiAdded: (name) => `Añadido: ${name}`,
    emojiNoRoom: 'En el mensaje no cabe otro emoji.',
  },
};
