// The words of the page around the chat, in English: its entrance, and the question to somebody whom a link offers another name.

export default {
  joinTitle: 'Join the chat',
  joinHint: 'Pick a name that others will see.',
  tokenHint: 'Open the chat from your app, or paste the access token that it gave you.',
  name: 'Your name',
  nameMissing: 'Please enter a name.',
  token: 'Access token',
  tokenMissing: 'Please paste a token.',
  tokenMalformed: 'This does not look like a token.',
  noDoor: 'Names cannot be chosen here. Please paste an access token.',
  join: 'Join',
  joining: 'Joining…',
  haveToken: 'I have an access token',
  haveName: 'Enter with a name instead',
  joinAsTitle: (name) => `Join as ${name}?`,
  joinAsText: (now, next) => `You are in this chat as ${now}. A link or an app offers you to go on as ${next}.`,
  stayAs: (name) => `Stay ${name}`,
  joinAs: (name) => `Join as ${name}`,
};
