import { open } from 'node:fs/promises';
import { journalRecordSchema, type JournalRecord } from '../../jobs/journal.ts';

/** Reads a growing journal a piece at a time: 10,000 images are not parsed anew for each one that is finished. */
export class JournalFollower {
  readonly records = new Map<string, JournalRecord>();
  readonly #path: string;
  #offset = 0;
  #reading: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** Takes in what was appended since; a line without its end waits for the next time. */
  follow(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read());
    return this.#reading;
  }

  /** From the beginning: the file was replaced. */
  async reread(): Promise<void> {
    await this.#reading;
    this.records.clear();
    this.#offset = 0;
    await this.follow();
  }

  async #read(): Promise<void> {
    const handle = await open(this.#path, 'r').catch(() => null);
    if (handle === null) return;
    try {
      const { size } = await handle.stat();
      // Cut off by a restart after a crash: the lost line was no record yet.
      if (size < this.#offset) this.#offset = 0;
      const bytes = Buffer.alloc(size - this.#offset);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, this.#offset);
      const whole = bytes.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
      this.#offset += whole;
      for (const line of bytes.toString('utf8', 0, whole).split('\n')) this.#take(line);
    } finally {
      await handle.close();
    }
  }

  #take(line: string): void {
    if (line === '') return;
    // The header and the closing line are no records and are passed over.
    const parsed = journalRecordSchema.safeParse(parseJson(line));
    if (parsed.success) this.records.set(parsed.data.path, parsed.data);
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
