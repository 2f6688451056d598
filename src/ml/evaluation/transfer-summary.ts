import type {
  GraderAnswer,
  GraderRole,
  GraderTransfer,
  ImageTransfer,
  PipelineAnswers,
  Rate,
  TransferRow,
  TransferSummary,
  Verdict,
} from '../../shared/transfer.ts';
import { gradingQuality } from './grading-quality.ts';
import { pairedBootstrap, rate } from './statistics.ts';

/** Grades 2 (moderate) and above are referable on the international DR scale. */
const REFERABLE_FROM = 2;
const GRADES = 5;

/** One grader's record of one image behind one pipeline. */
interface Observation {
  readonly image: number;
  readonly grader: GraderTransfer;
  readonly answers: PipelineAnswers;
}

/**
 * Rates of a whole set, per grader and pipeline and pooled per role, every one with its n, its 95 % interval, the same
 * marks at random places and what the pipeline changes without any mark (docs/methods/evaluation.md has the definitions).
 */
export function summarizeTransfer(images: readonly ImageTransfer[]): TransferSummary {
  const pipelines = unique(
    images.flatMap((image) => image.graders.flatMap((grader) => grader.pipelines.map((p) => p.pipeline))),
  );
  const graders = unique(images.flatMap((image) => image.graders.map(graderKey)));
  const observations = observe(images);
  const labels = images.flatMap((image) => (image.label === null ? [] : [image.label]));

  const single = graders.flatMap((key) =>
    withVerdicts(
      pipelines.flatMap((pipeline) => {
        const own = observations.get(cell(key, pipeline)) ?? [];
        return own.length === 0 ? [] : [summarizeRow('grader', pipeline, own)];
      }),
    ),
  );
  const pooled = (['surrogate', 'victim'] as const).flatMap((role) =>
    withVerdicts(
      pipelines.flatMap((pipeline) => {
        const own = graders
          .filter((key) => key.startsWith(`${role} `))
          .flatMap((key) => observations.get(cell(key, pipeline)) ?? []);
        return own.length === 0 ? [] : [summarizeRow('pooled', pipeline, own)];
      }),
    ),
  );
  return {
    images: images.length,
    labelled: labels.length,
    majority: majorityOf(labels),
    pipelines,
    rows: [...single, ...pooled],
    notes: notesFor(images, pooled),
  };
}

function summarizeRow(
  scope: TransferRow['scope'],
  pipeline: string,
  observations: readonly Observation[],
): TransferRow {
  const [{ grader }] = observations;
  const correct = observations.filter((each) => each.grader.cleanCorrect);
  const matches = (pick: (answers: PipelineAnswers) => GraderAnswer): Rate =>
    rate(
      observations.filter((each) => pick(each.answers).class === each.grader.reference).length,
      observations.length,
    );
  const changes = (pick: (answers: PipelineAnswers) => GraderAnswer): Rate =>
    rate(correct.filter((each) => pick(each.answers).class !== each.grader.reference).length, correct.length);
  const crossings = (pick: (answers: PipelineAnswers) => GraderAnswer): Rate =>
    rate(
      correct.filter((each) => isReferable(pick(each.answers).class) !== isReferable(each.grader.reference))
        .length,
      correct.length,
    );
  const fiveGrades = observations.every((each) => each.grader.direct.logits.length === GRADES);
  return {
    scope,
    role: grader.role,
    grader: scope === 'grader' ? grader.grader : null,
    graderId: scope === 'grader' ? grader.graderId : null,
    graders: unique(observations.map((each) => graderKey(each.grader))).length,
    pipeline,
    images: unique(observations.map((each) => each.image)).length,
    match: {
      kind: matchKind(observations),
      clean: matches((answers) => answers.clean),
      protected: matches((answers) => answers.protected),
      control: matches((answers) => answers.control),
    },
    attack: {
      protected: changes((answers) => answers.protected),
      control: changes((answers) => answers.control),
      noiseFloor: changes((answers) => answers.clean),
      advantage: advantageOf(correct),
    },
    referable: fiveGrades
      ? {
          protected: crossings((answers) => answers.protected),
          control: crossings((answers) => answers.control),
          noiseFloor: crossings((answers) => answers.clean),
        }
      : null,
    quality: scope === 'grader' && fiveGrades ? qualityOf(observations) : null,
    verdict: 'not-measurable',
  };
}

/** Resampled by image, so that several graders' answers about one image are not taken for independent ones. */
function advantageOf(correct: readonly Observation[]): TransferRow['attack']['advantage'] {
  const units = new Map<number, { first: number; second: number; trials: number }>();
  for (const { image, grader, answers } of correct) {
    const unit = units.get(image) ?? { first: 0, second: 0, trials: 0 };
    unit.first += Number(answers.protected.class !== grader.reference);
    unit.second += Number(answers.control.class !== grader.reference);
    unit.trials += 1;
    units.set(image, unit);
  }
  return pairedBootstrap([...units.values()]);
}

function qualityOf(observations: readonly Observation[]): TransferRow['quality'] {
  if (!observations.every((each) => each.grader.referenceSource === 'label')) return null;
  const labels = observations.map((each) => each.grader.reference);
  const of = (pick: (answers: PipelineAnswers) => GraderAnswer) =>
    gradingQuality(
      labels,
      observations.map((each) => pick(each.answers)),
    );
  return {
    clean: of((answers) => answers.clean),
    protected: of((answers) => answers.protected),
    control: of((answers) => answers.control),
  };
}

/** JPEG or resizing alone: what happens to pictures without anybody meaning harm. */
const ORDINARY_HANDLING = /^(jpeg|resize):[^+]*$/;

/**
 * Rows of one grader (or pool). `direct` changes nothing by itself, so its rate is held against the largest floor among
 * the grader's ordinary pipelines: an effect no larger than JPEG's own is not protection.
 */
function withVerdicts(rows: readonly TransferRow[]): TransferRow[] {
  return rows.map((row) => {
    const comparable =
      row.pipeline === 'direct' ? rows.filter((other) => ORDINARY_HANDLING.test(other.pipeline)) : [row];
    return {
      ...row,
      verdict: verdictOf(
        row.attack,
        comparable.map((other) => other.attack.noiseFloor),
      ),
    };
  });
}

/** Intervals that touch count as no difference. */
function verdictOf(attack: TransferRow['attack'], floors: readonly Rate[]): Verdict {
  if (attack.protected.n === 0) return 'not-measurable';
  const notAbove = (other: Rate): boolean => attack.protected.low <= other.high;
  if (floors.some(notAbove)) return 'at-noise-floor';
  return notAbove(attack.control) ? 'not-above-control' : 'holds';
}

/** Only of interest where pooled rows are shown. */
export const pooledNote =
  'Pooled rates count every image once per grader, so their Wilson intervals are a little too narrow; the interval of the difference is resampled by image.';

function notesFor(images: readonly ImageTransfer[], pooled: readonly TransferRow[]): string[] {
  const notes: string[] = [];
  if (pooled.some((row) => row.graders > 1)) notes.push(pooledNote);
  const sources = unique(images.flatMap((image) => image.graders.map((grader) => grader.referenceSource)));
  if (sources.includes('clean-answer'))
    notes.push(
      "Where an image has no label, the reference is the grader's own answer to the untouched image: the rates then say how often answers change, not how often they become wrong.",
    );
  if (!images.some((image) => image.graders.some((grader) => grader.role === 'victim')))
    notes.push(
      'No victim was measured: these graders took part in the search, so nothing here says how an unseen grader answers.',
    );
  return notes;
}

function observe(images: readonly ImageTransfer[]): Map<string, Observation[]> {
  const observations = new Map<string, Observation[]>();
  images.forEach(({ graders }, image) => {
    for (const grader of graders)
      for (const answers of grader.pipelines) {
        const key = cell(graderKey(grader), answers.pipeline);
        const list = observations.get(key);
        if (list === undefined) observations.set(key, [{ image, grader, answers }]);
        else list.push({ image, grader, answers });
      }
  });
  return observations;
}

function majorityOf(labels: readonly number[]): TransferSummary['majority'] {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [largest] = [...counts].sort(([a, n], [b, m]) => m - n || a - b);
  return largest === undefined ? null : { class: largest[0], share: rate(largest[1], labels.length) };
}

function matchKind(observations: readonly Observation[]): TransferRow['match']['kind'] {
  const sources = unique(observations.map((each) => each.grader.referenceSource));
  if (sources.length > 1) return 'mixed';
  return sources[0] === 'label' ? 'accuracy' : 'agreement';
}

function graderKey(grader: { role: GraderRole; graderId: string; grader: string }): string {
  return `${grader.role} ${grader.graderId} ${grader.grader}`;
}

function cell(grader: string, pipeline: string): string {
  return `${grader}\n${pipeline}`;
}

function isReferable(grade: number): boolean {
  return grade >= REFERABLE_FROM;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
