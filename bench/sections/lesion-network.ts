import { zoneMaker } from '../../src/engine/workflows/image-zone.ts';
import { networkClasses, type NetworkClass } from '../../src/ml/lesions/network/lesion-classes.ts';
import { mapScores } from '../../src/ml/lesions/network/map-scores.ts';
import type { LesionFinder } from '../../src/ml/lesions/network/open-lesion-network.ts';
import type { MarkedPhotograph } from '../../src/ml/lesions/network/training/lesion-sample.ts';
import { type BenchRow, type BenchSection, NotMeasured } from '../harness.ts';
import {
  coverageOf,
  pooledPrecision,
  pooledShare,
  type Estimate,
  type LesionMeasure,
} from '../lesion-measures.ts';
import { unseenEyes } from '../unseen-eyes.ts';

/** Best of the IDRiD challenge (Porwal et al., Medical Image Analysis 59, 2020), from 54 training and 27 test images. */
const leaders: Readonly<Partial<Record<NetworkClass, number>>> = {
  MA: 0.5017,
  HE: 0.6804,
  EX: 0.885,
  SE: 0.6995,
};
/** Folds whose images the thresholds of the zone were chosen on. */
const chosenOn: readonly number[] = [0, 1, 2];

interface Folded extends LesionMeasure {
  readonly fold: number;
  readonly hasContour: boolean;
}

export const section: BenchSection = {
  name: 'lesion-network',
  question:
    'Does the lesion network find the lesions of images it was not trained on, and does the zone cover them (IDRiD, 5 folds)?',
  run: async ({ data, threads, say }) => {
    if (data === null) throw new NotMeasured('real images and graders are not on this machine');
    const measures: Folded[] = [];
    for await (const { photograph, finder, fold } of unseenEyes(data.images, threads)) {
      const hasContour = photograph.ignore !== undefined;
      measures.push({ ...(await measureOne(finder, photograph)), fold, hasContour });
      say(`${photograph.name} (fold ${fold})`);
    }
    const clean = measures.filter(({ hasContour }) => !hasContour);
    return {
      rows: [
        ...networkClasses.flatMap((name) => precisionRow(clean, name)),
        ...zoneRows('zone', clean),
        ...zoneRows(
          'zone, thresholds chosen on other images',
          clean.filter(({ fold }) => !chosenOn.includes(fold)),
        ),
        ...zoneRows(
          'zone, images with a contour',
          measures.filter(({ hasContour }) => hasContour),
        ),
      ],
      notes: [
        'Each image is answered by the network of its fold, trained on the other images. Long side 1024 px; the challenge measured at 4288 px on its own 27 test images with 54 to train on, so its figures stand beside these, not against them.',
        'Precision: area under the precision-recall curve over the pixels of all fields of view together. Intervals: bootstrap over images.',
        'Zone: as protect makes it without annotations. Four images carry a burned-in contour around the disc; they take part in training (the contour is left out of the loss) and stand apart here.',
      ],
    };
  },
};

async function measureOne(finder: LesionFinder, photograph: MarkedPhotograph): Promise<LesionMeasure> {
  const { name, image, fieldOfView, masks, ignore } = photograph;
  const job = {
    zoneSource: 'network',
    allowUnannotated: false,
    camThreshold: null,
    landmarks: true,
    dilation: null,
  } as const;
  const maps = await finder.find(image, fieldOfView);
  const { zone, notes } = await zoneMaker(
    job,
    null,
    [],
    finder,
  )({ path: name, original: image, fieldOfView, label: null });
  let forbidden = 0;
  for (let p = 0; p < zone.mask.data.length; p++) forbidden += zone.mask.data[p] & fieldOfView.mask.data[p];
  return {
    name,
    scores: mapScores(maps, masks, fieldOfView, ignore),
    sure: notes.length === 0,
    covered: coverageOf(zone.mask, photograph),
    forbidden: forbidden / fieldOfView.area,
  };
}

function precisionRow(measures: readonly LesionMeasure[], name: NetworkClass): BenchRow[] {
  const found = pooledPrecision(measures, name);
  if (found === null) return [];
  const showing = measures.filter(({ covered }) => covered[name].pixels > 0).length;
  const details = { 'images that show it': showing, "challenge's best": leaders[name] ?? '-' };
  return [
    { what: `precision, ${name}`, n: measures.length, ...found, spread: 'interval95', unit: 'AUPR', details },
  ];
}

function zoneRows(what: string, measures: readonly LesionMeasure[]): BenchRow[] {
  const row = (
    name: string,
    n: number,
    { value, low, high }: Estimate,
    target?: BenchRow['target'],
  ): BenchRow => ({
    what: `${what}: ${name}`,
    n,
    value,
    low,
    high,
    spread: 'interval95',
    unit: 'share',
    ...(target === undefined ? {} : { target }),
  });
  const parts = pooledShare(measures, ['EX', 'HE', 'SE'], 'parts');
  const aneurysms = pooledShare(measures, ['MA'], 'parts');
  const pixels = pooledShare(measures, ['MA', 'HE', 'EX', 'SE'], 'pixels');
  const forbidden = measures.map((measure) => measure.forbidden);
  const discs = measures.flatMap(({ covered: { OD } }) => (OD.pixels === 0 ? [] : [OD.inside / OD.pixels]));
  return [
    row('EX, HE, SE components touched', parts.n, parts, { atLeast: 0.95 }),
    row('MA components touched', aneurysms.n, aneurysms),
    ...(['EX', 'HE', 'SE'] as const).map((name) => {
      const one = pooledShare(measures, [name], 'parts');
      return row(`${name} components touched`, one.n, one);
    }),
    row('lesion pixels inside', pixels.n, pixels, { atLeast: 0.9 }),
    {
      what: `${what}: field of view forbidden (mean; smallest and largest image)`,
      n: measures.length,
      value: forbidden.reduce((sum, share) => sum + share, 0) / forbidden.length,
      low: Math.min(...forbidden),
      high: Math.max(...forbidden),
      spread: 'range',
      unit: 'share',
      target: { atMost: 0.4 },
      details: { 'images called unsure': measures.filter(({ sure }) => !sure).length },
    },
    {
      what: `${what}: disc inside (worst image)`,
      n: discs.length,
      value: Math.min(...discs),
      low: Math.min(...discs),
      high: Math.max(...discs),
      spread: 'range',
      unit: 'share of its pixels',
      target: { atLeast: 1 },
    },
  ];
}
