import { describe, expect, it } from 'vitest';
import {
  imageTransferSchema,
  transferSummarySchema,
  type GraderAnswer,
  type GraderRole,
  type ImageTransfer,
  type TransferRow,
  type TransferSummary,
} from '../../shared/transfer.ts';
import { summarizeTransfer } from './transfer-summary.ts';

const answer = (grade: number): GraderAnswer => ({
  class: grade,
  logits: [0, 1, 2, 3, 4].map((c) => (c === grade ? 2 : 0)),
});

/** One grader's classes for one image: [direct, clean, protected, control] behind a pipeline. */
type Classes = readonly [direct: number, clean: number, marked: number, control: number];

function image(
  label: number | null,
  graders: Record<string, { role: GraderRole; pipelines: Record<string, Classes> }>,
): ImageTransfer {
  return {
    label,
    graders: Object.entries(graders).map(([grader, { role, pipelines }]) => {
      const [direct] = Object.values(pipelines)[0];
      const reference = label ?? direct;
      return {
        graderId: `sha-${grader}`,
        grader,
        role,
        reference,
        referenceSource: label === null ? 'clean-answer' : 'label',
        direct: answer(direct),
        cleanCorrect: direct === reference,
        pipelines: Object.entries(pipelines).map(([pipeline, [, clean, marked, control]]) => ({
          pipeline,
          clean: answer(clean),
          protected: answer(marked),
          control: answer(control),
        })),
      };
    }),
  };
}

function rowOf(summary: TransferSummary, match: Partial<TransferRow>): TransferRow {
  const found = summary.rows.filter((row) =>
    Object.entries(match).every(([key, value]) => row[key as keyof TransferRow] === value),
  );
  expect(found).toHaveLength(1);
  return found[0];
}

const counts = ({ k, n }: { k: number; n: number }): string => `${k}/${n}`;

describe('summarizeTransfer', () => {
  const victim = (direct: Classes, jpeg: Classes) => ({
    v: { role: 'victim' as const, pipelines: { direct, 'jpeg:75': jpeg } },
  });
  // Counted by hand: four images are answered correctly clean, the fifth is not and must not count for the attack.
  const images = [
    image(0, victim([0, 0, 2, 0], [0, 0, 2, 0])),
    image(0, victim([0, 0, 1, 1], [0, 0, 0, 1])),
    image(2, victim([2, 2, 2, 2], [2, 1, 2, 2])),
    image(3, victim([3, 3, 4, 3], [3, 3, 0, 0])),
    image(4, victim([1, 1, 3, 1], [1, 1, 4, 1])),
  ];
  const summary = summarizeTransfer(images);

  it('counts attack success over the clean-correct images only', () => {
    const direct = rowOf(summary, { grader: 'v', pipeline: 'direct' });
    expect(counts(direct.attack.protected)).toBe('3/4');
    expect(counts(direct.attack.control)).toBe('1/4');
    expect(counts(direct.attack.noiseFloor)).toBe('0/4');
    const jpeg = rowOf(summary, { grader: 'v', pipeline: 'jpeg:75' });
    expect(counts(jpeg.attack.protected)).toBe('2/4');
    expect(counts(jpeg.attack.control)).toBe('2/4');
    expect(counts(jpeg.attack.noiseFloor)).toBe('1/4');
  });

  it('counts accuracy over all images', () => {
    const { match } = rowOf(summary, { grader: 'v', pipeline: 'jpeg:75' });
    expect(match.kind).toBe('accuracy');
    expect(counts(match.clean)).toBe('3/5');
    // The fifth image, wrong clean, is right once protected: it counts for accuracy and not for the attack.
    expect(counts(match.protected)).toBe('3/5');
    expect(counts(match.control)).toBe('2/5');
  });

  it('counts a referable flip only where grade 2 is crossed', () => {
    const { referable } = rowOf(summary, { grader: 'v', pipeline: 'direct' });
    expect(referable && counts(referable.protected)).toBe('1/4');
    const jpeg = rowOf(summary, { grader: 'v', pipeline: 'jpeg:75' }).referable;
    expect(jpeg && counts(jpeg.protected)).toBe('2/4');
    expect(jpeg && counts(jpeg.control)).toBe('1/4');
    expect(jpeg && counts(jpeg.noiseFloor)).toBe('1/4');
  });

  it('names the majority class of the labels', () => {
    expect(summary.majority).toMatchObject({ class: 0, share: { k: 2, n: 5 } });
    expect(summary.labelled).toBe(5);
  });

  it('takes the clean answer for the reference where no label is given, and says so', () => {
    const unlabelled = summarizeTransfer([
      image(null, victim([1, 1, 2, 1], [1, 1, 2, 1])),
      image(null, victim([4, 4, 4, 4], [4, 3, 3, 4])),
    ]);
    const jpeg = rowOf(unlabelled, { grader: 'v', pipeline: 'jpeg:75' });
    expect(jpeg.match.kind).toBe('agreement');
    expect(counts(jpeg.attack.protected)).toBe('2/2');
    expect(counts(jpeg.match.clean)).toBe('1/2');
    expect(jpeg.quality).toBeNull();
    expect(unlabelled.majority).toBeNull();
    expect(unlabelled.notes.join(' ')).toContain('own answer to the untouched image');
  });

  it('pools victims by counting every image once per grader, and surrogates apart from them', () => {
    const both = summarizeTransfer([
      image(0, {
        s: { role: 'surrogate', pipelines: { direct: [0, 0, 1, 0] } },
        a: { role: 'victim', pipelines: { direct: [0, 0, 1, 0] } },
        b: { role: 'victim', pipelines: { direct: [0, 0, 0, 0] } },
      }),
      image(2, {
        s: { role: 'surrogate', pipelines: { direct: [2, 2, 1, 2] } },
        a: { role: 'victim', pipelines: { direct: [2, 2, 2, 2] } },
        b: { role: 'victim', pipelines: { direct: [0, 0, 1, 2] } },
      }),
    ]);
    const victims = rowOf(both, { scope: 'pooled', role: 'victim', pipeline: 'direct' });
    expect(victims.graders).toBe(2);
    expect(victims.images).toBe(2);
    expect(counts(victims.attack.protected)).toBe('1/3');
    expect(counts(rowOf(both, { scope: 'pooled', role: 'surrogate' }).attack.protected)).toBe('2/2');
    expect(both.notes.join(' ')).toContain('once per grader');
  });

  it('says when no unseen grader was measured', () => {
    const own = summarizeTransfer([
      image(0, { s: { role: 'surrogate', pipelines: { direct: [0, 0, 1, 0] } } }),
    ]);
    expect(own.notes.join(' ')).toContain('No victim was measured');
  });

  it('survives a journal: the records and the summary keep their schema through JSON', () => {
    for (const record of images)
      expect(imageTransferSchema.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
    expect(transferSummarySchema.parse(JSON.parse(JSON.stringify(summary)))).toEqual(summary);
  });

  it('is empty, and not broken, without images', () => {
    expect(summarizeTransfer([])).toMatchObject({ images: 0, rows: [], majority: null });
  });
});

describe('the verdict', () => {
  /** `changed`, `atRandom` and `alone` of n images flip. */
  const set = (n: number, changed: number, atRandom: number, alone: number, pipeline = 'jpeg:75') =>
    Array.from({ length: n }, (_, i) =>
      image(0, {
        v: {
          role: 'victim',
          pipelines: {
            direct: [0, 0, i < changed ? 1 : 0, i < atRandom ? 1 : 0],
            [pipeline]: [0, i >= n - alone ? 1 : 0, i < changed ? 1 : 0, i < atRandom ? 1 : 0],
          },
        },
      }),
    );
  const verdicts = (images: readonly ImageTransfer[]): Record<string, string> =>
    Object.fromEntries(
      summarizeTransfer(images)
        .rows.filter((row) => row.scope === 'grader')
        .map((row) => [row.pipeline, row.verdict]),
    );

  it('holds where the interval lies above random marks and the noise floor', () => {
    expect(verdicts(set(84, 51, 14, 12))).toEqual({ direct: 'holds', 'jpeg:75': 'holds' });
  });

  it('calls the published single logo what it is: at the noise floor, also where nothing is re-encoded', () => {
    expect(verdicts(set(84, 14, 6, 13))).toEqual({ direct: 'at-noise-floor', 'jpeg:75': 'at-noise-floor' });
  });

  it('does not credit an effect that random marks have as well', () => {
    expect(verdicts(set(84, 53, 42, 12))).toEqual({
      direct: 'not-above-control',
      'jpeg:75': 'not-above-control',
    });
  });

  it('does not hold a direct answer against a filter that destroys the image by itself', () => {
    expect(verdicts(set(84, 51, 14, 60, 'median:5'))).toEqual({
      direct: 'holds',
      'median:5': 'at-noise-floor',
    });
  });

  it('needs an image that was answered correctly clean', () => {
    const wrong = [image(3, { v: { role: 'victim', pipelines: { direct: [0, 0, 1, 0] } } })];
    expect(verdicts(wrong)).toEqual({ direct: 'not-measurable' });
  });
});
