import { readFile, rename } from 'node:fs/promises';
import { z } from 'zod';
import { decisionSchema, zoneBoxSchema } from '../../shared/contract/review.ts';
import { Failure } from '../../shared/failure.ts';
import { writeAtomically } from '../jobs/atomic-write.ts';

const entrySchema = z.strictObject({
  /** Drawn by hand, in pixels of the stored image. */
  boxes: z.array(zoneBoxSchema),
  /** What was said of one very picture: it no longer counts once the image has been protected anew. */
  ruling: z
    .strictObject({
      imageId: z.string(),
      decision: decisionSchema,
      /** A mark was moved by hand. */
      edited: z.boolean(),
      /** A mark lies on a drawn box: the next run of the job does the image again. */
      again: z.boolean(),
    })
    .nullable(),
});

const fileSchema = z.strictObject({
  format: z.literal('medlocker-review/1'),
  /** By the image's path in the source. */
  images: z.record(z.string(), entrySchema),
});

export type ReviewEntry = z.infer<typeof entrySchema>;
export type Ruling = NonNullable<ReviewEntry['ruling']>;

const untouched: ReviewEntry = { boxes: [], ruling: null };

/**
 * Decisions and drawn boxes of one job, in its private folder: the window and the command line read the same ones.
 * Every change is on the disk before it is answered.
 */
export class ReviewBook {
  readonly #path: string;
  /** What is on the disk: nobody is shown a decision that a crash could still take back. */
  #entries: ReadonlyMap<string, ReviewEntry>;
  /** The file was damaged and has been put aside: the decisions in it are lost. */
  readonly damaged: boolean;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, entries: ReadonlyMap<string, ReviewEntry>, damaged: boolean) {
    this.#path = path;
    this.#entries = entries;
    this.damaged = damaged;
  }

  /** @throws Failure job-inconsistent where there is a file that cannot be read: its decisions must not be written over. */
  static async open(path: string): Promise<ReviewBook> {
    const text = await textOf(path);
    if (text === null) return new ReviewBook(path, new Map(), false);
    try {
      const { images } = fileSchema.parse(JSON.parse(text));
      return new ReviewBook(path, new Map(Object.entries(images)), false);
    } catch {
      await rename(path, `${path}.damaged`).catch(() => undefined);
      return new ReviewBook(path, new Map(), true);
    }
  }

  boxes(path: string): ReviewEntry['boxes'] {
    return this.#entries.get(path)?.boxes ?? [];
  }

  /** What was said of the picture with this id; of an earlier picture of the image nothing counts. */
  ruling(path: string, imageId: string): Ruling {
    const ruling = this.#entries.get(path)?.ruling ?? null;
    if (ruling !== null && ruling.imageId === imageId) return ruling;
    return { imageId, decision: { decision: 'open' }, edited: false, again: false };
  }

  /** @throws Failure output-not-writable; nothing has changed then */
  async set(path: string, change: Partial<ReviewEntry>): Promise<void> {
    const writing = this.#writing.then(async () => {
      const entry = { ...(this.#entries.get(path) ?? untouched), ...change };
      const entries = new Map(this.#entries).set(path, entry);
      await this.#write(entries);
      this.#entries = entries;
    });
    this.#writing = writing.catch(() => undefined);
    await writing;
  }

  #write(entries: ReadonlyMap<string, ReviewEntry>): Promise<void> {
    const images = Object.fromEntries(entries);
    return writeAtomically(
      this.#path,
      `${JSON.stringify({ format: 'medlocker-review/1', images })}\n`,
      'review',
      0o600,
    );
  }
}

/** Null where there is no file. */
async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new Failure('job-inconsistent', 'the decisions of the review cannot be read', {
      subject: path,
      hint: 'Make the file readable, then open the review again.',
      cause,
    });
  }
}
