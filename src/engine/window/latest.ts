/** Keeps the results of the last few keys; a failed one is forgotten. Evicted values are handed to `release`. */
export class Latest<T> {
  readonly #most: number;
  readonly #release: (value: T) => void;
  readonly #entries = new Map<string, Promise<T>>();

  constructor(most: number, release: (value: T) => void = () => undefined) {
    this.#most = most;
    this.#release = release;
  }

  get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    const made = make();
    this.#entries.set(key, made);
    made.catch(() => this.#entries.delete(key));
    for (const [oldest, value] of this.#entries) {
      if (this.#entries.size <= this.#most) break;
      this.#entries.delete(oldest);
      value.then(this.#release, () => undefined);
    }
    return made;
  }

  clear(): void {
    for (const value of this.#entries.values()) value.then(this.#release, () => undefined);
    this.#entries.clear();
  }
}
