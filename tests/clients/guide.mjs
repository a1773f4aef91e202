// The guide's own snippets, taken from its file.

import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('../../docs/usage-guide.md', import.meta.url), 'utf8');

const blocks = (language) => [...text.matchAll(new RegExp('```' + language + '\\n([^]*?)```', 'g'))].map((match) => match[1]);

/** Every JavaScript block, in the guide's order. */
export const scripts = blocks('javascript');

/** Every shell command, including its continuation lines, in the guide's order. */
export const commands = blocks('bash').flatMap((block) =>
  block
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^(curl|wscat) /.test(line)),
);

/** The frame that the guide types into wscat. */
export const frame = blocks('bash').join('\n').split('\n').find((line) => line.startsWith('{'));

/** The only change made to a snippet. */
export const withToken = (snippet, token) => snippet.replaceAll('YOUR_JWT_TOKEN', token);
