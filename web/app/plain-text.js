// Texts as the page shows them. The server cleans new ones; the page must bear those that were stored before it did.

const LINE_BREAKS = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
/** Three or more lines in a row on which nothing can be seen. */
const EMPTY_LINES = /\n(?:[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u2800\p{Default_Ignorable_Code_Point}]*\n){3,}/gu;
/** No writing puts more marks on one letter; a thousand of them reach over other messages. */
const SURPLUS_MARKS = /(\p{M}{8})\p{M}+/gu;

export const plainText = (text) => String(text).replace(LINE_BREAKS, '\n').replace(EMPTY_LINES, '\n\n\n').replace(SURPLUS_MARKS, '$1');

/** A name stands on one line. */
export const plainName = (name) => plainText(name).replace(/\s+/g, ' ');
