// The words of the page around the chat, in Spanish: its entrance, and the question to somebody whom a link offers another name.

export default {
  joinTitle: 'Únete al chat',
  joinHint: 'Elige el nombre que verán los demás.',
  tokenHint: 'Abre el chat desde tu aplicación o pega el token de acceso que te dio.',
  name: 'Tu nombre',
  nameMissing: 'Escribe un nombre.',
  token: 'Token de acceso',
  tokenMissing: 'Pega un token.',
  tokenMalformed: 'Esto no parece un token.',
  noDoor: 'Aquí no se puede elegir un nombre. Pega un token de acceso.',
  join: 'Entrar',
  joining: 'Entrando…',
  haveToken: 'Tengo un token de acceso',
  haveName: 'Entrar con un nombre',
  joinAsTitle: (name) => `¿Entrar como ${name}?`,
  joinAsText: (now, next) => `Estás en este chat como ${now}. Un enlace o una aplicación propone seguir como ${next}.`,
  stayAs: (name) => `Seguir como ${name}`,
  joinAs: (name) => `Entrar como ${name}`,
};
