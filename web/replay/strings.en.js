// The words of the replay in English.

export default {
  title: 'Replay',
  titleOf: (name) => `${name} – Replay`,
  recording: 'Recording',
  clock: 'Clock',
  position: 'Position',
  chat: 'Chat',
  play: 'Play',
  pause: 'Pause',
  speed: 'Speed',
  hint: 'Choose an export of a session, as jsonl, and the recording of the event if there is one. Both stay on this device.',
  exportFile: 'Export',
  videoFile: 'Recording',
  offset: 'The recording begins so many seconds after the session',
  reading: 'Reading the export…',
  shown: (messages, removed) => `${messages} ${messages === 1 ? 'message' : 'messages'}${removed > 0 ? `, ${removed} removed` : ''}`,
  cutOff: 'The export has no end: some of it is missing.',
  noVideo: 'This recording cannot be played here.',
  happened: (name) => `Event: ${name}`,
  failures: {
    invalid_export: 'This is no export of a session. Choose one with the format jsonl.',
    network: 'The export cannot be loaded. Its server must allow this page to read it.',
  },
  failed: 'The export cannot be played.',
  ofLog: {
    logHelp: 'Move between messages with the arrow keys; Tab reaches the links of a message.',
    nothingYet: 'Nobody has written yet.',
    beginning: 'This is where the chat began',
  },
};
