import { realpath } from 'node:fs/promises';
import type { ExplainableClassifier } from '../../../ml/models/classifier.ts';
import { Failure } from '../../../shared/failure.ts';
import type { GraderRole } from '../../../shared/transfer.ts';
import type { DoneRecord } from '../../jobs/journal.ts';
import { wholeJob } from '../../jobs/shard.ts';
import { resolveJobPaths } from '../../jobs/source-paths.ts';
import { MarkPlaces } from '../../workflows/mark-places.ts';
import { openGraders } from '../../workflows/open-graders.ts';
import { privateFolder } from '../../workflows/private-folder.ts';
import { ReviewBook } from '../../workflows/review-book.ts';
import {
  openOriginal,
  openReviewedImage,
  type OriginalImage,
  type ReviewedImage,
} from '../../workflows/reviewed-image.ts';
import type { JobParts } from '../jobs/jobs-topic.ts';
import { Latest } from '../latest.ts';

/** An image of a job that lies on the desk. */
export interface OpenImage {
  readonly job: string;
  readonly out: string;
  readonly image: ReviewedImage;
}

interface JobGrader {
  readonly classifier: ExplainableClassifier;
  readonly role: GraderRole;
}

/** A photograph of 12 megapixels takes about 60 MB here. */
const imagesAtHand = 3;
const placesAtHand = 3;

/** What the review has open: images, legal places, graders and the decisions, so that a dragged mark is answered at once. */
export class ReviewDesk {
  readonly #parts: JobParts;
  readonly #books = new Map<string, Promise<ReviewBook>>();
  readonly #originals = new Latest<OriginalImage>(imagesAtHand);
  readonly #images = new Latest<ReviewedImage>(imagesAtHand);
  readonly #places = new Latest<MarkPlaces>(placesAtHand);
  readonly #graders = new Latest<JobGrader[]>(1, (graders) => {
    for (const { classifier } of graders) classifier.dispose();
  });

  constructor(parts: JobParts) {
    this.#parts = parts;
  }

  /** Decisions and boxes of a job. */
  book(job: string): Promise<ReviewBook> {
    const known = this.#books.get(job);
    if (known !== undefined) return known;
    const { out } = this.#parts.shelf.get(job).record.job;
    const opening = ReviewBook.open(privateFolder(out, wholeJob).review);
    this.#books.set(job, opening);
    void opening.then(
      ({ damaged }) => damaged && this.#tellDamaged(),
      () => this.#books.delete(job),
    );
    return opening;
  }

  /** Protected images in the order of the source. */
  async records(job: string): Promise<DoneRecord[]> {
    const images = this.#parts.runner.imagesOf(this.#parts.shelf.get(job));
    const records = await images.records();
    return (await images.paths()).flatMap((path) => {
      const record = records.get(path);
      return record?.state === 'done' ? [record] : [];
    });
  }

  /** Path of the image after this one; null after the last. */
  async following(job: string, path: string): Promise<string | null> {
    const records = await this.records(job);
    const index = records.findIndex((record) => record.path === path);
    return records.at(index + 1)?.path ?? null;
  }

  /** @throws Failure usage for an image that is not protected */
  async record(job: string, path: string): Promise<DoneRecord> {
    const records = await this.#parts.runner.imagesOf(this.#parts.shelf.get(job)).records();
    const record = records.get(path);
    if (record?.state === 'done') return record;
    throw new Failure('usage', 'the image has not been protected', { subject: path });
  }

  async open(job: string, path: string): Promise<OpenImage> {
    const { source, out } = this.#parts.shelf.get(job).record.job;
    const record = await this.record(job, path);
    const image = await this.#images.get(`${job}\n${path}\n${record.imageId}`, async () => {
      // A moved mark makes another image of the same original.
      const original = await this.#originals.get(`${job}\n${path}\n${record.content}`, async () =>
        openOriginal((await resolveJobPaths(source, out)).source, record),
      );
      return openReviewedImage(original, await realpath(out), record);
    });
    return { job, out, image };
  }

  async places({ job, image }: OpenImage, mark: number): Promise<MarkPlaces> {
    const drawn = (await this.book(job)).boxes(image.record.path);
    const key = JSON.stringify([job, image.record.imageId, mark, drawn]);
    return this.#places.get(key, async () => new MarkPlaces(image, drawn, mark));
  }

  /** The job's graders, opened once for as long as its images are moved about. */
  async graders(job: string): Promise<JobGrader[]> {
    const { surrogates, victims } = this.#parts.shelf.get(job).record.job;
    const threads = this.#parts.host.threads();
    return this.#graders.get(`${job}\n${threads}`, async () => {
      const open = await openGraders([...surrogates, ...victims], threads);
      return open.map((classifier, index) => ({
        classifier,
        role: index < surrogates.length ? 'surrogate' : 'victim',
      }));
    });
  }

  /** Lists and contact sheets show the image as it is now. */
  async tellChanged(job: string, path: string): Promise<void> {
    const found = await this.#parts.runner
      .imagesOf(this.#parts.shelf.get(job))
      .item(path)
      .catch(() => null);
    if (found !== null) this.#parts.host.emit('jobs.item', { job, ...found });
  }

  close(): void {
    this.#graders.clear();
  }

  #tellDamaged(): void {
    this.#parts.host.emit('app.notice', {
      message: 'The decisions of the review could not be read and have been put aside.',
      hint: 'Review the images again; nothing else of the job is affected.',
    });
  }
}
