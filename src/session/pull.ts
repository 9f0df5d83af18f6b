/** Answers `pull` outputs, in a turn of its own, so that an endless producer leaves room for everybody else. */
export class Pull {
  readonly #hasRoom: () => boolean;
  readonly #say: () => void;
  #isAsked = false;
  #isOffering = false;

  constructor(hasRoom: () => boolean, say: () => void) {
    this.#hasRoom = hasRoom;
    this.#say = say;
  }

  ask(): void {
    this.#isAsked = true;
    this.offer();
  }

  /** To be called when there is room again. */
  offer(): void {
    if (!this.#isAsked || this.#isOffering || !this.#hasRoom()) return;
    this.#isOffering = true;
    setImmediate(() => {
      this.#isOffering = false;
      if (!this.#isAsked || !this.#hasRoom()) return; // full again meanwhile: whoever has room then comes back to it
      this.#isAsked = false;
      this.#say();
    });
  }
}
