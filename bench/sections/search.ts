import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { parsePipeline } from '../../src/ml/imaging/pipelines.ts';
import { encodeLossless } from '../../src/ml/imaging/write-image.ts';
import { rate } from '../../src/ml/evaluation/statistics.ts';
import { LegalityMap } from '../../src/ml/lesions/legality.ts';
import type { ExplainableClassifier } from '../../src/ml/models/classifier.ts';
import { openOnnxClassifier } from '../../src/ml/models/onnx-classifier.ts';
import { createRandom, deriveSeed } from '../../src/ml/random.ts';
import type { SearchMethod } from '../../src/shared/settings.ts';
import { blend } from '../../src/ml/watermark/blend.ts';
import type { Logo } from '../../src/ml/watermark/logo.ts';
import { scaleLogo } from '../../src/ml/watermark/mark-shape.ts';
import { plainStamp } from '../../src/ml/watermark/native-render.ts';
import { placeMarks } from '../../src/ml/watermark/place-marks.ts';
import { queriesSpent } from '../../src/ml/watermark/query-count.ts';
import { Scene } from '../../src/ml/watermark/scene.ts';
import { placementSearches } from '../../src/ml/watermark/search/methods.ts';
import { blendWork, toWorkImage, toWorkStamp } from '../../src/ml/watermark/work-image.ts';
import { type BenchRow, type BenchSection, NotMeasured } from '../harness.ts';
import { summarize } from '../measure.ts';
import { ringLogo } from '../ring-logo.ts';
import { cleanCorrect, salientZone, type ValidationImage } from '../validation-images.ts';

const IMAGES = 140;
/** Images left out at the start: the trial budgets were chosen on them. */
const CHOSEN_ON = 100;
const ALL_METHODS: readonly SearchMethod[] = [
  'bayesian',
  'coarse-to-fine',
  'nearest-first',
  'random',
  'differential-evolution',
  'basin-hopping-evolution',
  'exhaustive',
];
/** MEDLOCKER_BENCH_METHODS, separated by commas, leaves methods out; the two that are compared always run. */
const METHODS = ALL_METHODS.filter((method) => {
  const wanted = process.env.MEDLOCKER_BENCH_METHODS?.split(',') ?? [method];
  return wanted.includes(method) || method === 'bayesian' || method === 'basin-hopping-evolution';
});
/** Trials an image each method may spend; the published search ends by itself. */
const TRIALS: Partial<Record<SearchMethod, number>> = {
  bayesian: 40,
  'coarse-to-fine': 40,
  'nearest-first': 32,
  random: 32,
};

interface Outcome {
  readonly flipped: boolean;
  readonly objective: number;
  readonly queries: number;
  readonly searchSeconds: number;
  readonly totalSeconds: number;
}

export const section: BenchSection = {
  name: 'search',
  question:
    'One plain logo of a quarter of the field (opacity 0.39-0.7), stopping at the first flip: what does each search reach, and at what cost?',
  run: async ({ data, threads, say }) => {
    if (data === null) throw new NotMeasured('real images and graders are not on this machine');
    const surrogate = await openOnnxClassifier(join(data.graders, 'mobilenetv2_a.onnx'), { threads });
    const logo = await ringLogo();
    const outcomes = new Map<SearchMethod, Outcome[]>(METHODS.map((method) => [method, []]));
    let images = 0;
    let seen = 0;
    for await (const image of cleanCorrect(data, [surrogate])) {
      if (images === IMAGES) break;
      if (seen++ < CHOSEN_ON) continue;
      images++;
      // The methods take turns on every image, so that a noisy moment of the machine hits all of them.
      for (const method of METHODS) outcomes.get(method)?.push(await run(method, image, surrogate, logo));
      say(`image ${images} of ${IMAGES}`);
    }
    surrogate.dispose();
    return { rows: rowsOf(outcomes), notes };
  },
};

const notes = [
  'Surrogate mobilenetv2_a, validation images it grades correctly, forbidden: outside the field and Grad-CAM top 15 %.',
  'Queries are forwards + 2 x gradients actually made, the Grad-CAM of the salient place included where a search asks for it; repeated candidates cost nothing.',
  'Every method starts from the same legal grid; exhaustive tries each of its places at five opacities and also stops at the first flip.',
  'Gap: mean objective above the exhaustive search on the same images, both searching to the end (no early stop is possible where nothing flips).',
  'Images a minute: decode, zone, search, blend and PNG encoding, one image after the other.',
];

async function run(
  method: SearchMethod,
  image: ValidationImage,
  surrogate: ExplainableClassifier,
  logo: Logo,
): Promise<Outcome> {
  const started = performance.now();
  const { fieldOfView, zone } = await salientZone(surrogate, image);
  const work = toWorkImage(image.raster, fieldOfView, surrogate.spec.inputWidth);
  const shape = scaleLogo(logo, Math.round(0.25 * 2 * fieldOfView.radius), 0);
  const scene = await Scene.create(work, [surrogate], [parsePipeline('direct')], image.grade);
  const searchStarted = performance.now();
  const marks = await placeMarks({
    scene,
    scale: work.scale,
    surrogates: [surrogate],
    legality: LegalityMap.fromZone(zone),
    fieldOfView,
    shape,
    count: 1,
    margin: 1,
    opacity: { minimum: 100, maximum: 178 },
    search: placementSearches[method],
    stopAtFirstFlip: true,
    budget: TRIALS[method] ?? 100_000,
    random: createRandom(deriveSeed(1, image.file)),
  });
  const searchSeconds = (performance.now() - searchStarted) / 1000;
  const queries = queriesSpent(scene.count);
  const stamps = marks.map(plainStamp);
  await encodeLossless(blend(image.raster, stamps), 'png', null);
  const totalSeconds = (performance.now() - started) / 1000;
  const marked = stamps.map(({ x, y, stamp }) => ({
    x: Math.round(x * work.scale),
    y: Math.round(y * work.scale),
    stamp: toWorkStamp(stamp, work.scale),
  }));
  const [score] = await scene.score([blendWork(scene.host, marked)], [0]);
  return {
    flipped: marks.length > 0 && score.flipped,
    objective: score.objective,
    queries,
    searchSeconds,
    totalSeconds,
  };
}

function rowsOf(outcomes: ReadonlyMap<SearchMethod, readonly Outcome[]>): BenchRow[] {
  const rows: BenchRow[] = [];
  const meanOf = (method: SearchMethod, pick: (outcome: Outcome) => number): number => {
    const values = (outcomes.get(method) ?? []).map(pick);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  for (const [method, list] of outcomes) {
    const success = rate(list.filter(({ flipped }) => flipped).length, list.length);
    rows.push({
      what: `${method}: attack success`,
      n: list.length,
      value: success.rate ?? 0,
      low: success.low,
      high: success.high,
      spread: 'interval95',
      unit: 'share',
      details: {
        'queries/image': Math.round(meanOf(method, ({ queries }) => queries) * 10) / 10,
        'max queries': Math.max(...list.map(({ queries }) => queries)),
        ...(METHODS.includes('exhaustive') && {
          'objective gap': (
            meanOf(method, ({ objective }) => objective) - meanOf('exhaustive', ({ objective }) => objective)
          ).toFixed(3),
        }),
        'images/min': Math.round(60 / meanOf(method, ({ totalSeconds }) => totalSeconds)),
      },
    });
  }
  const ours = outcomes.get('bayesian') ?? [];
  const published = outcomes.get('basin-hopping-evolution') ?? [];
  const success = (list: readonly Outcome[]): number => list.filter(({ flipped }) => flipped).length;
  rows.push(
    ratioRow(
      'attack successes, bayesian / basin hopping',
      [success(ours) / success(published)],
      ours.length,
      { atLeast: 1 },
    ),
    ratioRow(
      'queries, basin hopping / bayesian',
      [meanOf('basin-hopping-evolution', (o) => o.queries) / meanOf('bayesian', (o) => o.queries)],
      ours.length,
      { atLeast: 10 },
    ),
    ratioRow(
      'search time, basin hopping / bayesian',
      [
        meanOf('basin-hopping-evolution', (o) => o.searchSeconds) /
          meanOf('bayesian', (o) => o.searchSeconds),
      ],
      ours.length,
      { atLeast: 8 },
    ),
    ratioRow(
      'images a minute, bayesian / basin hopping',
      [meanOf('basin-hopping-evolution', (o) => o.totalSeconds) / meanOf('bayesian', (o) => o.totalSeconds)],
      ours.length,
      { atLeast: 5 },
    ),
  );
  return rows;
}

/** Ratios of means over all images. */
function ratioRow(what: string, values: readonly number[], n: number, target: BenchRow['target']): BenchRow {
  const { median, min, max } = summarize(values);
  return {
    what,
    n,
    value: median,
    low: min,
    high: max,
    spread: 'exact',
    unit: 'x',
    ...(target && { target }),
  };
}
