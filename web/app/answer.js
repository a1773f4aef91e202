// The answer to a question in a dialog.

/** Ends the open question of each dialog, without an answer. */
const drops = new WeakMap();

/**
 * Resolves with `answer()` once the dialog is closed; undefined if it asks another question first. A dialog tells of its closing a moment
 * later, when it may be open again for the next question.
 */
export function answerOf(dialog, answer) {
  drops.get(dialog)?.();
  const listening = new AbortController();
  return new Promise((resolve) => {
    drops.set(dialog, () => {
      listening.abort();
      resolve(undefined);
    });
    const closed = () => {
      if (dialog.open) return;
      listening.abort();
      resolve(answer());
    };
    dialog.addEventListener('close', closed, { signal: listening.signal });
  });
}
