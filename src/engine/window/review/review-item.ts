import type { Prediction, ReviewItem } from '../../../shared/contract/review.ts';
import type { GraderAnswer, ImageTransfer } from '../../../shared/transfer.ts';
import { uprightBox } from '../../../ml/imaging/upright-box.ts';
import type { ReviewBook } from '../../workflows/review-book.ts';
import type { PictureStore } from '../picture-store.ts';
import type { OpenImage } from './review-desk.ts';
import { exactPictures, overlayPictures } from './review-pictures.ts';

type Circle = ReviewItem['disc'];

/** Everything the window shows of one protected image. */
export async function reviewItem(
  pictures: PictureStore,
  open: OpenImage,
  book: ReviewBook,
): Promise<ReviewItem> {
  const { record, original, metadata, certificate, workings } = open.image;
  const boxes = book.boxes(record.path);
  const shown = await exactPictures(pictures, open);
  const overlays = (await overlayPictures(pictures, open, boxes)) ?? {};
  // After the pictures, which take their time: an answer that leaves after a decision's knows of it.
  const { decision, edited } = book.ruling(record.path, record.imageId);
  const { mark, zone, quality } = certificate;
  const upright = <T extends Parameters<typeof uprightBox>[0]>(box: T): T => ({
    ...box,
    ...uprightBox(box, original, metadata.orientation),
  });
  const circle = (found: Circle | undefined): Circle =>
    found == null
      ? null
      : { ...pick(upright({ x: found.x, y: found.y, width: 1, height: 1 })), radius: found.radius };
  return {
    path: record.path,
    ...shown,
    overlays,
    marks: mark.placements.map((placement) => upright(placement)),
    lesions: (workings?.found.lesions ?? []).map((one) => ({ ...one, box: upright(one.box) })),
    boxes: boxes.map((one) => ({ ...one, box: upright(one.box) })),
    disc: circle(workings?.found.disc),
    fovea: circle(workings?.found.fovea),
    figures: {
      overlapPixels: zone.overlap,
      clearance: zone.clearance,
      psnr: quality.psnr,
      ssim: quality.ssim,
      inkShare: quality.fieldOfViewFraction,
    },
    label: certificate.label,
    predictions: record.report.status === 'protected' ? predictionsOf(record.report.transfer) : [],
    decision,
    edited,
  };
}

function pick({ x, y }: { readonly x: number; readonly y: number }): { x: number; y: number } {
  return { x, y };
}

function predictionsOf(transfer: ImageTransfer | null): Prediction[] {
  return (transfer?.graders ?? []).flatMap(({ grader, role, pipelines }) =>
    pipelines.map(({ pipeline, clean, protected: marked, control }) => ({
      grader,
      role,
      pipeline,
      before: clean.class,
      after: marked.class,
      control: control.class,
      confidenceBefore: confidenceOf(clean),
      confidenceAfter: confidenceOf(marked),
    })),
  );
}

/** Softmax probability of the answer's own class. */
function confidenceOf({ class: answer, logits }: GraderAnswer): number {
  const highest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - highest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights[answer] / sum;
}
