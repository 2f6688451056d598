import type { LayersModel } from '@tensorflow/tfjs-layers';
import { bundledBackbones, type BundledBackbone } from '../../src/engine/workflows/bundled-backbones.ts';
import { architectures, type ArchitectureName } from '../../src/ml/models/architectures/architectures.ts';
import { openBackbone } from '../../src/ml/models/backbones/open-backbone.ts';
import { startTensorFlow } from '../../src/ml/runtime/tensorflow.ts';
import { readDevImages, referableAucs, SUBSETS, type Subset } from '../dev-grading.ts';
import { fineTune } from '../fine-tune.ts';
import { type BenchRow, type BenchSection, NotMeasured } from '../harness.ts';

const number = (name: string, standard: number): number => Number(process.env[name] ?? standard);
/** Side of the pictures, epochs and seeds; the environment makes it a quick look or the full measurement. */
const SIDE = number('MEDLOCKER_BENCH_SIDE', 160);
const EPOCHS = number('MEDLOCKER_BENCH_EPOCHS', 4);
const SEEDS = number('MEDLOCKER_BENCH_SEEDS', 1);
/** Backbones and `NAME from zero` to measure, with commas between; all when left out. */
const ONLY = process.env['MEDLOCKER_BENCH_STARTS']?.split(',');
const LEARNING_RATE = { pretrained: 0.0006, zero: 0.001 };

/** The reference graders' figures on the same images (MobileNetV2 within 0.02 of mobilenetv2_a's), and what was asked of ResNet-18. */
const TARGETS: Readonly<Record<string, Partial<Record<Subset, number>>>> = {
  'mobilenetv2-nsfwjs': { eyepacs400: 0.806 - 0.02, eyepacs256n: 0.784 - 0.02 },
  'resnet18-synthetic': { eyepacs400: 0.7 },
};

interface Start {
  readonly name: string;
  readonly open: (seed: number) => Promise<LayersModel>;
  readonly learningRate: number;
}

export const section: BenchSection = {
  name: 'backbones',
  question: 'How well does a grader grade real photographs from zero, and from each bundled backbone?',
  run: async ({ data, threads, say }) => {
    if (data === null) throw new NotMeasured('real images are not on this machine');
    await startTensorFlow({ threads });
    const dev = await readDevImages(data, SIDE);
    const rows: BenchRow[] = [];
    for (const start of startsOf(await bundledBackbones())) {
      if (ONLY !== undefined && !ONLY.includes(start.name)) continue;
      for (let seed = 1; seed <= SEEDS; seed++) {
        const model = await start.open(seed);
        const settings = { epochs: EPOCHS, learningRate: start.learningRate, seed };
        await fineTune(model, dev.training, settings, (line) => {
          say(`${start.name}, seed ${seed}: ${line}`);
        });
        const aucs = await referableAucs(model, dev.validation);
        model.dispose();
        for (const subset of SUBSETS) {
          const { auc, low, high, positives, negatives } = aucs[subset];
          const atLeast = TARGETS[start.name]?.[subset];
          rows.push({
            what: `${start.name}, ${subset}, seed ${seed}`,
            n: positives + negatives,
            value: auc,
            low,
            high,
            spread: 'interval95',
            unit: 'referable AUC',
            ...(atLeast === undefined ? {} : { target: { atLeast } }),
          });
        }
      }
    }
    return { rows, notes };
  },
};

const notes = [
  `Trained at ${SIDE} px for ${EPOCHS} epochs of 1,437 images; measured on the 477 validation images at the same size. Referable: softmax sum of grades 2..4 against grade >= 2; DeLong intervals.`,
  'No epoch was chosen by validation images; the last weight average is measured. Weights of these runs are never kept.',
];

/** Each architecture that a backbone exists for from zero, then each backbone. */
function startsOf(backbones: readonly BundledBackbone[]): Start[] {
  const names = [...new Set(backbones.map(({ architecture }) => architecture))];
  const zero = names.flatMap((name) =>
    isArchitecture(name)
      ? [
          {
            name: `${name} from zero`,
            open: (seed: number) =>
              Promise.resolve(architectures[name]({ inputSize: SIDE, classes: 5, seed })),
            learningRate: LEARNING_RATE.zero,
          },
        ]
      : [],
  );
  const pretrained = backbones.map(({ name, path }) => ({
    name,
    open: (seed: number) => openBackbone(path, { inputSize: SIDE, classes: 5, seed, dropout: 0.2 }),
    learningRate: LEARNING_RATE.pretrained,
  }));
  return [...zero, ...pretrained];
}

function isArchitecture(name: string): name is ArchitectureName {
  return name in architectures;
}
