// The screen of a banned visitor: it takes the place of the chat. Its code is loaded on demand.

export class Ban {
  #view;
  #chat;
  #signal;
  #onShow;
  #onFailure;
  #screen;

  /** `onShow` is called before the screen is shown, `onFailure` with the reason if its code cannot be loaded. */
  constructor({ view, chat, signal, onShow, onFailure }) {
    this.#view = view;
    this.#chat = chat;
    this.#signal = signal;
    this.#onShow = onShow;
    this.#onFailure = onFailure;
  }

  /** Shows why the chat has ended. The cause of `reason` tells what holds: it is the standing, or the answer that refused the visitor. */
  async show(reason) {
    try {
      const { BanScreen } = await import('./standing.js');
      if (this.#signal.aborted || this.#chat.state !== 'ended') return;
      this.#screen ??= new BanScreen({ view: this.#view, signal: this.#signal, onRetry: () => this.#chat.connect() });
      this.#onShow();
      this.#screen.show(reason.cause ?? {});
    } catch (error) {
      console.error(error);
      this.#onFailure(reason);
    }
  }

  hide() {
    this.#screen?.hide();
  }
}
