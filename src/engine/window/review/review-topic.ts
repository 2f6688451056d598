import type { EngineChannel } from '../../../shared/contract/requests.ts';
import { Failure } from '../../../shared/failure.ts';
import { uprightBox, storedBox } from '../../../ml/imaging/upright-box.ts';
import { leftOutByReview } from '../../workflows/left-out.ts';
import { marksOnBoxes } from '../../workflows/mark-places.ts';
import { moveMark } from '../../workflows/move-mark.ts';
import { InFlight } from '../in-flight.ts';
import { changedBy } from '../jobs/job-images.ts';
import type { JobParts } from '../jobs/jobs-topic.ts';
import type { Topic } from '../topic.ts';
import { ReportRenewal } from './report-renewal.ts';
import { ReviewDesk, type OpenImage } from './review-desk.ts';
import { placesPicture } from './review-pictures.ts';
import { reviewItem } from './review-item.ts';

type ReviewChannel = Extract<EngineChannel, `review.${string}`>;

/** The clinician's walk through the protected images of a job. */
export function reviewTopic(parts: JobParts): {
  readonly topic: Topic<ReviewChannel>;
  close(): Promise<void>;
} {
  const { keys, shelf, host } = parts;
  const desk = new ReviewDesk(parts);
  const reports = new ReportRenewal(host);
  /** What is written when the window is closed at once after a click: it counts all the same. */
  const writes = new InFlight();
  const item = async (job: string, path: string) =>
    reviewItem(host.pictures, await desk.open(job, path), await desk.book(job));
  const written =
    <Input, Output>(handler: (input: Input) => Promise<Output>) =>
    (input: Input): Promise<Output> =>
      writes.track(handler(input));
  const topic: Topic<ReviewChannel> = {
    'review.list': async ({ job }) => {
      await reports.makeUpFor(shelf.get(job));
      const book = await desk.book(job);
      return (await desk.records(job)).map((record) => ({
        path: record.path,
        thumbnail: null,
        decision: book.ruling(record.path, record.imageId).decision,
        changed: changedBy(record),
      }));
    },
    'review.item': async ({ job, path }) => {
      const shown = await item(job, path);
      // Most walks go forward; the next image is then there at once. A running job needs the processor more.
      const next = shelf.get(job).run === null ? await desk.following(job, path) : null;
      if (next !== null) void item(job, next).catch(() => undefined);
      return shown;
    },
    'review.legalPlaces': async ({ job, path, mark }) => {
      const open = await desk.open(job, path);
      const places = await desk.places(open, mark);
      return {
        picture: await placesPicture(host.pictures, open, mark, places),
        places: places.grid().length / 2,
      };
    },
    'review.nearestPlace': async ({ job, path, mark, x, y }) => {
      const open = await desk.open(job, path);
      const places = await desk.places(open, mark);
      const nearest = places.nearest(cornerToStored(open, mark, { x, y }));
      return nearest === null ? null : cornerToUpright(open, mark, nearest);
    },
    'review.moveMark': written(async ({ job, path, mark, x, y, ownerKey }) => {
      const owner = keys.ownerKey(ownerKey);
      requireAtRest(shelf.get(job).run !== null);
      const { job: protectJob, reviewRequired } = shelf.get(job).record;
      const open = await desk.open(job, path);
      const review = await desk.book(job);
      reports.soon(shelf.get(job));
      const record = await moveMark({
        job: protectJob,
        owner,
        image: open.image,
        mark,
        to: cornerToStored(open, mark, { x, y }),
        graders: await desk.graders(job),
        review,
        leftOut: leftOutByReview(review, reviewRequired),
      });
      reports.soon(shelf.get(job));
      await desk.tellChanged(job, record.path);
      return item(job, path);
    }),
    'review.decide': written(async ({ job, path, decision }) => {
      const book = await desk.book(job);
      const { imageId } = await desk.record(job, path);
      const ruling = book.ruling(path, imageId);
      if (decision.decision === 'approved' && ruling.again) {
        throw new Failure('usage', 'a mark lies on a box you have drawn', {
          hint: 'Move the mark, or run the job again: it makes this image anew.',
        });
      }
      await book.set(path, { ruling: { ...ruling, decision } });
      return decision;
    }),
    'review.setBoxes': written(async ({ job, path, boxes }) => {
      requireAtRest(shelf.get(job).run !== null);
      const { image } = await desk.open(job, path);
      const book = await desk.book(job);
      const { original, metadata } = image;
      const stored = boxes.map((one) => ({
        ...one,
        box: within(storedBox(one.box, original, metadata.orientation), original),
      }));
      const conflict = marksOnBoxes(image, stored).length > 0;
      const ruling = book.ruling(path, image.record.imageId);
      const decision = conflict ? ({ decision: 'open' } as const) : ruling.decision;
      await book.set(path, { boxes: stored, ruling: { ...ruling, decision, again: conflict } });
      return {
        boxes: stored.map((one) => ({ ...one, box: uprightBox(one.box, original, metadata.orientation) })),
        conflict,
      };
    }),
  };
  return {
    topic,
    close: async () => {
      await writes.settled();
      await reports.close();
      desk.close();
    },
  };
}

function requireAtRest(running: boolean): void {
  if (running) {
    throw new Failure('usage', 'the job is still running', {
      hint: 'Wait for its end or cancel it, then change the image.',
    });
  }
}

interface Corner {
  readonly x: number;
  readonly y: number;
}

/** The mark's top left corner of the upright picture as its top left corner of the stored one. */
function cornerToStored({ image }: OpenImage, mark: number, { x, y }: Corner): Corner {
  const { width, height } = uprightBox(
    { x: 0, y: 0, ...sizeOf(image, mark) },
    image.original,
    image.metadata.orientation,
  );
  const box = storedBox({ x, y, width, height }, image.original, image.metadata.orientation);
  return { x: box.x, y: box.y };
}

function cornerToUpright({ image }: OpenImage, mark: number, { x, y }: Corner): Corner {
  const box = uprightBox({ x, y, ...sizeOf(image, mark) }, image.original, image.metadata.orientation);
  return { x: box.x, y: box.y };
}

function sizeOf({ certificate }: OpenImage['image'], mark: number): { width: number; height: number } {
  const placement = certificate.mark.placements.at(mark);
  if (placement === undefined) throw new Failure('usage', `the image has no mark ${mark + 1}`);
  return { width: placement.width, height: placement.height };
}

type Box = Parameters<typeof storedBox>[0];

/** A box cut to the image, at least one pixel of it left. */
function within(box: Box, size: { readonly width: number; readonly height: number }): Box {
  const x = Math.min(Math.max(0, box.x), size.width - 1);
  const y = Math.min(Math.max(0, box.y), size.height - 1);
  return {
    x,
    y,
    width: Math.max(1, Math.min(box.x + box.width, size.width) - x),
    height: Math.max(1, Math.min(box.y + box.height, size.height) - y),
  };
}
