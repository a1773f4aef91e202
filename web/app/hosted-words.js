// The words of polls and draws. They come with the cards.

import { withStrings } from './own-words.js';

const WORDS = {
  en: {
    fromTheHost: 'Polls and draws',
    pollOpen: (time) => `Poll · ${time} left`,
    pollClosing: 'Poll · counting the last votes',
    pollEnded: 'Poll · final result',
    hiddenResults: 'The results are hidden until the end.',
    totalVotes: (count, number) => `${number} ${count === 1 ? 'vote' : 'votes'}`,
    share: (percent, number) => `${percent}, ${number} ${number === '1' ? 'vote' : 'votes'}`,
    yourVote: 'your vote',
    mayChange: 'You can change your vote until the poll ends.',
    newPoll: (question) => `New poll: ${question}`,
    pollResult: (question, options) => `The poll has ended. ${question} ${options}`,
    pollOver: 'This poll takes no more votes.',
    voteFailed: 'Your vote was not counted. Please try again.',
    hide: 'Hide',
    hideOf: (title) => `Hide ${title}`,

    drawOf: (prize) => `Draw: ${prize}`,
    drawFreezing: 'The list of those who can win is being made.',
    entrants: (count, number) => `${number} ${count === 1 ? 'person' : 'people'} can win.`,
    entered: 'You can win.',
    notEntered: 'You are not among them.',
    winners: 'Winners',
    erased: '(erased)',
    youWon: 'You have won!',
    newDraw: (prize) => `New draw: ${prize}`,
    wonBy: (prize, names) => `The draw is over. ${prize} goes to ${names}.`,
    check: 'Check this draw',
    checking: 'Checking…',
    drawRight: 'Checked on this device: the winners follow from the seed and the list that were fixed before.',
    drawWrong: (problems) => `This draw does not add up: ${problems}.`,
    drawProblems: { commitment: 'the seed is not the one that was fixed', entrants: 'the list is not the one that was fixed', winners: 'others have won' },
    checkFailed: 'The draw could not be checked. Please try again.',
  },
  es: {
    fromTheHost: 'Encuestas y sorteos',
    pollOpen: (time) => `Encuesta · quedan ${time}`,
    pollClosing: 'Encuesta · se cuentan los últimos votos',
    pollEnded: 'Encuesta · resultado final',
    hiddenResults: 'Los resultados se muestran al final.',
    totalVotes: (count, number) => `${number} ${count === 1 ? 'voto' : 'votos'}`,
    share: (percent, number) => `${percent}, ${number} ${number === '1' ? 'voto' : 'votos'}`,
    yourVote: 'tu voto',
    mayChange: 'Puedes cambiar tu voto hasta que termine la encuesta.',
    newPoll: (question) => `Nueva encuesta: ${question}`,
    pollResult: (question, options) => `La encuesta ha terminado. ${question} ${options}`,
    pollOver: 'Esta encuesta ya no admite votos.',
    voteFailed: 'Tu voto no se ha contado. Inténtalo de nuevo.',
    hide: 'Ocultar',
    hideOf: (title) => `Ocultar ${title}`,

    drawOf: (prize) => `Sorteo: ${prize}`,
    drawFreezing: 'Se está haciendo la lista de participantes.',
    entrants: (count, number) => (count === 1 ? `${number} persona puede ganar.` : `${number} personas pueden ganar.`),
    entered: 'Tú puedes ganar.',
    notEntered: 'Tú no participas.',
    winners: 'Ganadores',
    erased: '(borrado)',
    youWon: '¡Has ganado!',
    newDraw: (prize) => `Nuevo sorteo: ${prize}`,
    wonBy: (prize, names) => `El sorteo ha terminado. ${prize}: ${names}.`,
    check: 'Comprobar este sorteo',
    checking: 'Comprobando…',
    drawRight: 'Comprobado en este dispositivo: los ganadores salen de la semilla y de la lista fijadas antes.',
    drawWrong: (problems) => `Este sorteo no cuadra: ${problems}.`,
    drawProblems: { commitment: 'la semilla no es la fijada', entrants: 'la lista no es la fijada', winners: 'han ganado otros' },
    checkFailed: 'No se ha podido comprobar el sorteo. Inténtalo de nuevo.',
  },
};

/** Those of a view, in its language and with what its page puts in their place. */
export const hostedWords = ({ language, strings }) => withStrings(Object.hasOwn(WORDS, language) ? WORDS[language] : WORDS.en, strings);

export default WORDS;
