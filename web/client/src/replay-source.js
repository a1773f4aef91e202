// Where an export comes from: a text, an address, a file, a stream, or records that were read already.

import { ChatError } from './chat-error.js';

/** The records of a source, one after the other. What is no record, such as the rest of a line that was cut off, is an error. */
export async function* recordsOf(source, fetch = globalThis.fetch) {
  for await (const piece of piecesOf(source, fetch)) {
    if (typeof piece === 'object') yield piece;
    else if (piece.trim() !== '') yield parsed(piece);
  }
}

/** Lines of text, or records. */
async function* piecesOf(source, fetch) {
  if (typeof source === 'string' && /^\s*(\{|$)/.test(source)) return yield* source.split('\n');
  if (typeof source === 'string' || source instanceof URL) return yield* linesOf(await bodyOf(source, fetch));
  if (typeof source?.stream === 'function') return yield* linesOf(source.stream());
  if (typeof source?.getReader === 'function') return yield* linesOf(source);
  if (source?.body !== undefined && typeof source.text === 'function') return yield* linesOf(source.body);
  if (source?.[Symbol.asyncIterator] || source?.[Symbol.iterator]) return yield* source;
  throw new TypeError('An export is a text, an address, a file, a stream, or a list of records');
}

async function bodyOf(address, fetch) {
  const response = await fetch(address).catch((cause) => fail('The export cannot be loaded', cause));
  if (!response.ok) fail(`The export cannot be loaded: status ${response.status}`);
  return response.body ?? new Response('').body;
}

async function* linesOf(stream) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause) => fail('The export cannot be read', cause));
      const lines = (rest + decoder.decode(value, { stream: !done })).split('\n');
      rest = lines.pop();
      yield* lines;
      if (done) break;
    }
  } finally {
    reader.releaseLock();
  }
  yield rest;
}

function parsed(line) {
  try {
    const record = JSON.parse(line);
    if (typeof record?.type === 'string') return record;
  } catch {
    // It is no JSON.
  }
  throw new ChatError('invalid_export', `This is no line of an export: ${line.slice(0, 60)}`);
}

function fail(message, cause) {
  throw new ChatError('network', message, { cause });
}
