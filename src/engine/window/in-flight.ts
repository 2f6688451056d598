/** Work that was begun for somebody who may already be leaving. */
export class InFlight {
  readonly #works = new Set<Promise<unknown>>();

  /** The same work; `settled` waits for it. */
  async track<T>(work: Promise<T>): Promise<T> {
    this.#works.add(work);
    try {
      return await work;
    } finally {
      this.#works.delete(work);
    }
  }

  /** When all of it has ended, well or not. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#works);
  }
}
