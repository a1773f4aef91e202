// Long texts are folded at eight lines; a button below unfolds them.


const LINES = 8;
/** Shorter texts have fewer lines even on the narrowest screen, and need not be measured. */
const SHORT = 60;

const mayBeLong = (text) => text.length > SHORT || text.split('\n').length > LINES;

export class Fold {
  #unfolded = new Set();
  #words;
  #onUnfold;

  /** `onUnfold` is called when somebody unfolds a text to read it. */
  constructor({ words, onUnfold }) {
    this.#words = words;
    this.#onUnfold = onUnfold;
  }

  /** Lets the button of a row unfold and fold its text. `key` identifies the text: it stays unfolded in another row. */
  prepare(row, key, name) {
    const button = row.querySelector('.more');
    button.addEventListener('click', () => {
      if (this.#unfolded.delete(key)) {
        this.#show(row, key, name);
        row.scrollIntoView({ block: 'nearest' });
      } else {
        this.#onUnfold();
        this.#unfolded.add(key);
        this.#show(row, key, name);
      }
    });
    this.#show(row, key, name);
  }

  /** Folds those texts of rows on the page that are too long. All are measured first: each change would cost another layout. */
  measure(rows) {
    const texts = rows.map((row) => row.querySelector('.text')).filter((text) => text && mayBeLong(text.textContent));
    if (texts.length === 0) return;
    const most = LINES * parseFloat(getComputedStyle(texts[0]).lineHeight) + 2;
    const areLong = texts.map((text) => text.scrollHeight > most);
    texts.forEach((text, i) => {
      const row = text.closest('.message');
      row.classList.toggle('long', areLong[i]);
      row.querySelector('.more').hidden = !areLong[i];
    });
  }

  #show(row, key, name) {
    const isUnfolded = this.#unfolded.has(key);
    const button = row.querySelector('.more');
    const { more, less, foldMessage, unfoldMessage } = this.#words;
    row.classList.toggle('unfolded', isUnfolded);
    button.textContent = isUnfolded ? less : more;
    button.setAttribute('aria-expanded', String(isUnfolded));
    button.title = isUnfolded ? foldMessage(name) : unfoldMessage(name);
  }
}
