import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { rate } from '../../src/ml/evaluation/statistics.ts';
import { measureImage } from '../../src/ml/evaluation/transfer.ts';
import { summarizeTransfer } from '../../src/ml/evaluation/transfer-summary.ts';
import { findFieldOfView } from '../../src/ml/imaging/field-of-view.ts';
import { parsePipeline } from '../../src/ml/imaging/pipelines.ts';
import { readImage } from '../../src/ml/imaging/read-image.ts';
import { annotationsFor, loadAnnotations } from '../../src/ml/lesions/annotations/load-annotations.ts';
import { buildForbiddenZone } from '../../src/ml/lesions/forbidden-zone.ts';
import { findLandmarks } from '../../src/ml/lesions/landmarks.ts';
import type { Classifier } from '../../src/ml/models/classifier.ts';
import { openOnnxClassifier } from '../../src/ml/models/onnx-classifier.ts';
import type { Raster } from '../../src/ml/imaging/raster.ts';
import type { ForbiddenZone } from '../../src/ml/lesions/zone.ts';
import { protectImage } from '../../src/ml/watermark/protect-image.ts';
import type { PlacedStamp } from '../../src/ml/watermark/stamp.ts';
import { presetSettings } from '../../src/shared/presets.ts';
import { type Preset, presets } from '../../src/shared/settings.ts';
import type { ImageTransfer } from '../../src/shared/transfer.ts';
import { type BenchRow, type BenchSection, NotMeasured } from '../harness.ts';
import { inkedPixels } from '../inked-pixels.ts';
import { ringLogo } from '../ring-logo.ts';

interface Result {
  readonly placed: number;
  readonly missing: number;
  readonly overlap: number;
  readonly changedOutside: number;
  readonly transfer: ImageTransfer | null;
}

export const section: BenchSection = {
  name: 'lesions',
  question: 'Does a diseased eye with real lesion masks (IDRiD) have room, and is nothing under the marks?',
  run: async ({ data, threads, say }) => {
    if (data === null) throw new NotMeasured('real images and graders are not on this machine');
    const open = (name: string) => openOnnxClassifier(join(data.graders, `${name}.onnx`), { threads });
    const surrogate = await open('mobilenetv2_a');
    const victim = await open('hybridvgg_b');
    const folder = join(data.images, 'idrid_seg');
    const files = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
    const rows: BenchRow[] = [];
    for (const preset of presets) {
      const results: Result[] = [];
      for (const file of files) results.push(await protectOne(folder, file, preset, surrogate, victim));
      say(`${preset}: ${results.length} images`);
      rows.push(...rowsOf(preset, results));
    }
    surrogate.dispose();
    victim.dispose();
    return {
      rows,
      notes: [
        'Forbidden: MA, HE, EX, SE and disc masks and the fovea found beside them, grown by 1 % of the field, and everything outside the field of view. Native resolution (long side 1024).',
        "No grades: the reference is each grader's own answer to the untouched image. With 14 images an interval is about 50 points wide.",
      ],
    };
  },
};

async function protectOne(
  folder: string,
  file: string,
  preset: Preset,
  surrogate: Classifier,
  victim: Classifier,
): Promise<Result> {
  const { raster } = await readImage(join(folder, file));
  const { width, height } = raster;
  const annotated = await annotationsFor(await loadAnnotations(folder), file, width, height);
  if (annotated.kind !== 'annotated') throw new Error(`${file} has no masks: ${annotated.reason}`);
  const fieldOfView = findFieldOfView(raster);
  const zone = buildForbiddenZone({
    width,
    height,
    fieldOfView,
    regions: annotated.regions,
    sources: annotated.sources,
    landmarks: findLandmarks(raster, fieldOfView, annotated.regions),
    dilation: Math.round(0.02 * fieldOfView.radius),
  });
  const settings = { preset, seed: 1, ...presetSettings(preset) };
  const logo = settings.mark.kind === 'logo' ? await ringLogo() : null;
  const outcome = await protectImage({
    original: raster,
    fieldOfView,
    zone,
    label: null,
    logo,
    surrogates: [surrogate],
    settings,
  });
  if (outcome.kind === 'no-room') {
    return { placed: 0, missing: settings.mark.count, overlap: 0, changedOutside: 0, transfer: null };
  }
  const transfer = await measureImage({
    graders: [
      { classifier: surrogate, role: 'surrogate' },
      { classifier: victim, role: 'victim' },
    ],
    pipelines: [parsePipeline('direct')],
    original: raster,
    protected: outcome.protected,
    control: outcome.control,
    label: null,
  });
  return {
    placed: outcome.stamps.length,
    missing: outcome.adapted.missing,
    ...countChanges(raster, outcome.protected, outcome.stamps, zone),
    transfer,
  };
}

/** Counted from the pixels, not from what the placement believes. */
function countChanges(
  original: Raster,
  marked: Raster,
  stamps: readonly PlacedStamp[],
  zone: ForbiddenZone,
): { overlap: number; changedOutside: number } {
  const { data: inked } = inkedPixels(stamps, original.width, original.height);
  let overlap = 0;
  let changedOutside = 0;
  for (let p = 0; p < inked.length; p++) {
    let changed = false;
    for (let c = 0; c < original.channels; c++) {
      const i = p * original.channels + c;
      if (original.data[i] !== marked.data[i]) changed = true;
    }
    if (zone.mask.data[p] && (inked[p] || changed)) overlap++;
    if (changed && !inked[p]) changedOutside++;
  }
  return { overlap, changedOutside };
}

function rowsOf(preset: Preset, results: readonly Result[]): BenchRow[] {
  const withRoom = results.filter(({ placed }) => placed > 0);
  const room = rate(withRoom.length, results.length);
  const sum = (pick: (result: Result) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  const exact = (what: string, value: number): BenchRow => ({
    what: `${preset}, ${what}`,
    n: results.length,
    value,
    low: value,
    high: value,
    spread: 'exact',
    unit: 'pixels',
    target: { atMost: 0 },
  });
  const summary = summarizeTransfer(results.flatMap(({ transfer }) => (transfer === null ? [] : [transfer])));
  return [
    {
      what: `${preset}, images with room`,
      n: results.length,
      value: room.rate ?? 0,
      low: room.low,
      high: room.high,
      spread: 'interval95',
      unit: 'share',
      details: {
        'marks placed': sum(({ placed }) => placed),
        'marks missing': sum(({ missing }) => missing),
      },
    },
    exact(
      'forbidden pixels touched',
      sum(({ overlap }) => overlap),
    ),
    exact(
      'pixels changed outside the marks',
      sum(({ changedOutside }) => changedOutside),
    ),
    ...summary.rows
      .filter(({ scope }) => scope === 'grader')
      .map((row): BenchRow => {
        const { protected: success, control } = row.attack;
        return {
          what: `${preset}, ${row.role} ${row.grader ?? ''} changes its answer`,
          n: success.n,
          value: success.rate ?? 0,
          low: success.low,
          high: success.high,
          spread: 'interval95',
          unit: 'share',
          details: { control: control.rate === null ? '-' : `${Math.round(control.rate * 100)} %` },
        };
      }),
  ];
}
