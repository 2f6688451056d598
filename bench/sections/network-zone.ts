import { join } from 'node:path';
import { zoneMaker } from '../../src/engine/workflows/image-zone.ts';
import { rate } from '../../src/ml/evaluation/statistics.ts';
import { measureImage } from '../../src/ml/evaluation/transfer.ts';
import { summarizeTransfer } from '../../src/ml/evaluation/transfer-summary.ts';
import { parsePipeline } from '../../src/ml/imaging/pipelines.ts';
import type { NetworkClass } from '../../src/ml/lesions/network/lesion-classes.ts';
import type { MarkedPhotograph } from '../../src/ml/lesions/network/training/lesion-sample.ts';
import type { ForbiddenZone } from '../../src/ml/lesions/zone.ts';
import type { Classifier } from '../../src/ml/models/classifier.ts';
import { openOnnxClassifier } from '../../src/ml/models/onnx-classifier.ts';
import { protectImage } from '../../src/ml/watermark/protect-image.ts';
import { presetSettings } from '../../src/shared/presets.ts';
import { type Preset, presets } from '../../src/shared/settings.ts';
import type { ImageTransfer } from '../../src/shared/transfer.ts';
import { type BenchRow, type BenchSection, NotMeasured } from '../harness.ts';
import { inkedPixels } from '../inked-pixels.ts';
import { type Coverage, coverageOf } from '../lesion-measures.ts';
import { ringLogo } from '../ring-logo.ts';
import { unseenEyes } from '../unseen-eyes.ts';

const LESIONS = ['EX', 'HE', 'SE', 'MA'] as const satisfies readonly NetworkClass[];

interface Marked {
  readonly placed: number;
  readonly missing: number;
  /** Share of the field of view that ink covers. */
  readonly ink: number;
  /** What of the true masks lies under ink. */
  readonly covered: Readonly<Record<NetworkClass, Coverage>>;
  readonly transfer: ImageTransfer;
}

interface Graders {
  readonly surrogate: Classifier;
  readonly victim: Classifier;
}

export const section: BenchSection = {
  name: 'network-zone',
  question:
    'Nobody has marked the lesions: how much of them do marks cover when a network that never saw the eye draws the zone (IDRiD, 5 folds)?',
  run: async ({ data, threads, say }) => {
    if (data === null) throw new NotMeasured('real images and graders are not on this machine');
    const open = (name: string) => openOnnxClassifier(join(data.graders, `${name}.onnx`), { threads });
    const graders = { surrogate: await open('mobilenetv2_a'), victim: await open('hybridvgg_b') };
    const found = new Map<Preset, (Marked | null)[]>(presets.map((preset) => [preset, []]));
    for await (const { photograph, finder, fold } of unseenEyes(data.images, threads)) {
      const { name: path, image: original, fieldOfView } = photograph;
      const make = zoneMaker(zoneJob, null, [], finder);
      const { zone } = await make({ path, original, fieldOfView, label: null });
      for (const preset of presets)
        found.get(preset)?.push(await protectOne(photograph, zone, preset, graders));
      say(`${path} (fold ${fold})`);
    }
    graders.surrogate.dispose();
    graders.victim.dispose();
    return { rows: presets.flatMap((preset) => rowsOf(preset, found.get(preset) ?? [])), notes };
  },
};

const zoneJob = {
  zoneSource: 'network',
  allowUnannotated: false,
  camThreshold: null,
  landmarks: true,
  dilation: null,
} as const;

const notes = [
  'Each image gets its zone from the network of its fold, trained on the other images; nothing is known of its masks until the marks lie.',
  'Covered: parts of the true masks of which at least one pixel lies under ink, and their pixels under ink; ink strewn blindly would cover the share of pixels that it takes of the field.',
  "No grades: the reference is each grader's own answer to the untouched image.",
];

/** Null where the zone leaves no room. */
async function protectOne(
  photograph: MarkedPhotograph,
  zone: ForbiddenZone,
  preset: Preset,
  { surrogate, victim }: Graders,
): Promise<Marked | null> {
  const { image: original, fieldOfView } = photograph;
  const settings = { preset, seed: 1, ...presetSettings(preset) };
  const outcome = await protectImage({
    original,
    fieldOfView,
    zone,
    label: null,
    logo: settings.mark.kind === 'logo' ? await ringLogo() : null,
    surrogates: [surrogate],
    settings,
  });
  if (outcome.kind === 'no-room') return null;
  const inked = inkedPixels(outcome.stamps, original.width, original.height);
  const transfer = await measureImage({
    graders: [
      { classifier: surrogate, role: 'surrogate' },
      { classifier: victim, role: 'victim' },
    ],
    pipelines: [parsePipeline('direct')],
    original,
    protected: outcome.protected,
    control: outcome.control,
    label: null,
  });
  return {
    placed: outcome.stamps.length,
    missing: outcome.adapted.missing,
    ink: inked.data.reduce((sum, value) => sum + value, 0) / fieldOfView.area,
    covered: coverageOf(inked, photograph),
    transfer,
  };
}

function rowsOf(preset: Preset, results: readonly (Marked | null)[]): BenchRow[] {
  const marked = results.filter((result) => result !== null);
  const sum = (pick: (result: Marked) => number): number =>
    marked.reduce((total, result) => total + pick(result), 0);
  const room = rate(marked.length, results.length);
  const covered = (what: string, hit: number, of: number): BenchRow => {
    const share = rate(hit, of);
    return interval(`${preset}, ${what}`, share, { covered: hit });
  };
  const total = (names: readonly NetworkClass[], pick: (coverage: Coverage) => number): number =>
    sum(({ covered: found }) => names.reduce((all, name) => all + pick(found[name]), 0));
  const clean = marked.filter(({ covered: found }) =>
    LESIONS.every((name) => found[name].touched === 0),
  ).length;
  const summary = summarizeTransfer(marked.map(({ transfer }) => transfer));
  return [
    interval(`${preset}, images with room`, room, {
      'marks placed': sum(({ placed }) => placed),
      'marks missing': sum(({ missing }) => missing),
      'ink, share of the field': (sum(({ ink }) => ink) / marked.length).toFixed(3),
    }),
    covered('images with no lesion pixel under ink', clean, marked.length),
    ...LESIONS.map((name) =>
      covered(
        `${name} components covered`,
        total([name], ({ touched }) => touched),
        total([name], ({ parts }) => parts),
      ),
    ),
    covered(
      'lesion pixels under ink',
      total(LESIONS, ({ inside }) => inside),
      total(LESIONS, ({ pixels }) => pixels),
    ),
    covered(
      'disc pixels under ink',
      total(['OD'], ({ inside }) => inside),
      total(['OD'], ({ pixels }) => pixels),
    ),
    ...summary.rows
      .filter(({ scope }) => scope === 'grader')
      .map((row): BenchRow => {
        const { protected: success, control } = row.attack;
        return interval(`${preset}, ${row.role} ${row.grader ?? ''} changes its answer`, success, {
          control: control.rate === null ? '-' : `${Math.round(control.rate * 100)} %`,
        });
      }),
  ];
}

function interval(
  what: string,
  { rate: value, low, high, n }: ReturnType<typeof rate>,
  details: BenchRow['details'],
): BenchRow {
  return {
    what,
    n,
    value: value ?? 0,
    low,
    high,
    spread: 'interval95',
    unit: 'share',
    ...(details && { details }),
  };
}
