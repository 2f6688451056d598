import type { LayersModel } from '@tensorflow/tfjs-layers';
import { architectures } from '../../../ml/models/architectures/architectures.ts';
import { openBackbone } from '../../../ml/models/backbones/open-backbone.ts';
import { Failure } from '../../../shared/failure.ts';
import type { TrainJob } from '../../../shared/train-job.ts';
import { bundledBackbones } from '../bundled-backbones.ts';

/** The network a run starts with, and where its weights come from, in words. */
export interface InitialModel {
  readonly model: LayersModel;
  readonly notes: readonly string[];
}

/**
 * Builds the network of a job: random weights, a bundled backbone under a new head, or the weights of a model file.
 * @throws Failure usage for an unknown architecture, model-unsupported for weights of another network
 */
export async function initialModel(job: TrainJob): Promise<InitialModel> {
  const { architecture, inputSize, classes, seed, init } = job;
  const backbone = (await bundledBackbones()).find(({ name }) => name === init);
  if (backbone !== undefined) {
    if (backbone.architecture !== architecture) {
      throw new Failure('usage', `${backbone.name} is a ${backbone.architecture}, not a ${architecture}`, {
        subject: '--init',
        hint: `Give --arch ${backbone.architecture}, or another --init.`,
      });
    }
    const model = await openBackbone(backbone.path, { inputSize, classes, seed });
    return { model, notes: [`starts from ${backbone.name}: ${backbone.ancestry} (${backbone.credit})`] };
  }
  if (!isArchitecture(architecture)) {
    throw new Failure('usage', `there is no architecture ${architecture}`, {
      subject: '--arch',
      hint: `Choose one of: ${Object.keys(architectures).join(', ')}.`,
    });
  }
  const model = architectures[architecture]({ inputSize, classes, seed });
  return { model, notes: ['starts from random weights'] };
}

function isArchitecture(name: string): name is keyof typeof architectures {
  return Object.hasOwn(architectures, name);
}
