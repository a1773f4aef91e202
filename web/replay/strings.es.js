// The words of the replay in Spanish.

export default {
  title: 'Repetición',
  titleOf: (name) => `${name} – Repetición`,
  recording: 'Grabación',
  clock: 'Reloj',
  position: 'Posición',
  chat: 'Chat',
  play: 'Reproducir',
  pause: 'Pausar',
  speed: 'Velocidad',
  hint: 'Elige una exportación de una sesión, en jsonl, y la grabación del evento si la hay. Las dos se quedan en este dispositivo.',
  exportFile: 'Exportación',
  videoFile: 'Grabación',
  offset: 'La grabación empieza tantos segundos después de la sesión',
  reading: 'Leyendo la exportación…',
  shown: (messages, removed) => `${messages} ${messages === 1 ? 'mensaje' : 'mensajes'}${removed > 0 ? `, ${removed} ${removed === 1 ? 'retirado' : 'retirados'}` : ''}`,
  cutOff: 'La exportación no tiene final: falta una parte.',
  noVideo: 'Esta grabación no se puede reproducir aquí.',
  happened: (name) => `Evento: ${name}`,
  failures: {
    invalid_export: 'Esto no es una exportación de una sesión. Elige una en formato jsonl.',
    network: 'No se pudo cargar la exportación. Su servidor debe permitir que esta página la lea.',
  },
  failed: 'La exportación no se puede reproducir.',
  ofLog: {
    logHelp: 'Muévete entre mensajes con las flechas; Tab llega a los enlaces de un mensaje.',
    nothingYet: 'Nadie ha escrito todavía.',
    beginning: 'Aquí empezó el chat',
  },
};
