// Runs an action at the next frame, once, however often it is asked for. Where no frame comes, as in a hidden tab, a timer replaces it.

export class Frame {
  #act;
  #cancel = null;

  constructor(act) {
    this.#act = act;
  }

  ask() {
    if (this.#cancel) return;
    const { requestAnimationFrame, document } = globalThis;
    this.#cancel = requestAnimationFrame && !document?.hidden ? this.#atFrame(document) : this.#soon();
  }

  drop() {
    this.#cancel?.();
    this.#cancel = null;
  }

  #run = () => {
    this.drop();
    this.#act();
  };

  #atFrame(document) {
    const frame = requestAnimationFrame(this.#run);
    const askAnew = () => {
      this.drop();
      this.ask();
    };
    document?.addEventListener('visibilitychange', askAnew);
    return () => {
      cancelAnimationFrame(frame);
      document?.removeEventListener('visibilitychange', askAnew);
    };
  }

  #soon() {
    const timer = setTimeout(this.#run);
    return () => clearTimeout(timer);
  }
}
