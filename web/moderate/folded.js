// Texts as they are compared when a moderator selects "the same": NFKC, without case, trimmed, each run of white space one space.
// The chat's own comparison (docs/moderation.md, Words) sees through more; a selection should hold what looks alike, and nothing else.

export const folded = (text) => text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
