import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { architectures } from '../../../ml/models/architectures/architectures.ts';
import { openBackbone } from '../../../ml/models/backbones/open-backbone.ts';
import { describeInitialisation } from '../../../ml/models/initialise/initialisation-report.ts';
import { initialise } from '../../../ml/models/initialise/initialise.ts';
import { Failure } from '../../../shared/failure.ts';
import type { TrainJob } from '../../../shared/train-job.ts';
import { bundledBackbones } from '../bundled-backbones.ts';

/** The network a run starts with, and where its weights come from, in words. */
export interface InitialModel {
  readonly model: LayersModel;
  /** For the model card: no path, which would be private. */
  readonly init: string | null;
  readonly note: string;
}

/**
 * Builds the network of a job: random weights, a bundled backbone under a new head, or the weights of a model file.
 * @throws Failure usage for an unknown architecture, model-unreadable or model-unsupported for the file
 */
export async function initialModel(job: TrainJob): Promise<InitialModel> {
  const { architecture, inputSize, classes, seed, init } = job;
  const backbones = await bundledBackbones();
  const backbone = backbones.find(({ name }) => name === init);
  if (backbone !== undefined) {
    if (backbone.architecture !== architecture) {
      throw new Failure('usage', `${backbone.name} is a ${backbone.architecture}, not a ${architecture}`, {
        subject: '--init',
        hint: `Give --arch ${backbone.architecture}, or another --init.`,
      });
    }
    const model = await openBackbone(backbone.path, { inputSize, classes, seed });
    const { name, ancestry, credit } = backbone;
    return { model, init: name, note: `starts from ${name}: ${ancestry} (${credit})` };
  }
  if (!isArchitecture(architecture)) {
    throw new Failure('usage', `there is no architecture ${architecture}`, {
      subject: '--arch',
      hint: `Choose one of: ${Object.keys(architectures).join(', ')}.`,
    });
  }
  const build = (): LayersModel => architectures[architecture]({ inputSize, classes, seed });
  if (init === null) return { model: build(), init, note: 'starts from random weights' };
  const file = await modelJson(
    init,
    backbones.map(({ name }) => name),
  );
  const model = build();
  try {
    const name = basename(init);
    const report = await initialise(model, file);
    return { model, init: name, note: describeInitialisation(file, report) };
  } catch (cause) {
    model.dispose();
    throw cause;
  }
}

async function modelJson(init: string, bundled: readonly string[]): Promise<string> {
  const hint = `Name a bundled backbone (${bundled.join(', ')}), the model.json of a layers model, as train writes it, or an ONNX file of PyTorch.`;
  const found = await stat(init).catch((cause: unknown) => {
    throw new Failure('usage', `--init ${init}: neither a bundled backbone nor a file`, {
      subject: '--init',
      hint,
      cause,
    });
  });
  const path = found.isDirectory() ? join(init, 'model.json') : init;
  if (!/\.(json|onnx)$/i.test(path)) {
    throw new Failure('model-unsupported', `--init ${init}: training cannot start from a file of this kind`, {
      subject: '--init',
      hint,
    });
  }
  return path;
}

function isArchitecture(name: string): name is keyof typeof architectures {
  return Object.hasOwn(architectures, name);
}
