import { describe, expect, it } from 'vitest';
import { cardSettings, type ModelCard, trainJobSchema } from '../../../shared/train-job.ts';
import { cardText } from './card-text.ts';

const job = trainJobSchema.parse({
  ...{ source: 'secret/folder', labels: 'secret/labels.csv', split: null, out: 'secret/out', name: 'tiny' },
  ...{ architecture: 'small-resnet', init: 'secret/model.json', classes: 2, inputSize: 32, epochs: 3 },
  ...{ batchSize: 8, parts: 1, learningRate: 0.01, trunkRate: 1, optimiser: 'sgd', weightDecay: 0 },
  ...{ schedule: 'step', warmupEpochs: 0, loss: 'focal', labelSmoothing: 0, balance: 1, averageDecay: 0 },
  ...{ augmentation: 'none', validationShare: 0.2, patience: 0, seed: 1, threads: 1 },
});
const card: ModelCard = {
  format: 'medlocker-model-card/1',
  ...{ name: 'tiny', architecture: 'small-resnet', parameters: 1234, input: 'image', output: 'logits' },
  init: 'model.json',
  data: {
    ...{ images: 9, training: 6, validation: 3, patients: 5, sha256: 'ab', split: 'by hand' },
    ...{ gradesTraining: [4, 2], gradesValidation: [2, 1] },
    leftOut: [{ path: 'odd|name.png', reason: 'damaged' }],
  },
  validation: {
    ...{ note: 'seen', epoch: 2, n: 3 },
    accuracy: { value: 0.5, low: 0.25, high: 0.75 },
    quadraticKappa: { value: 0.125, low: -0.5, high: 0.875 },
    referableAuc: { value: null, low: null, high: null },
    confusion: [
      [2, 0],
      [1, 0],
    ],
  },
  settings: cardSettings(job),
  ...{ device: 'CPU', versions: { libtensorflow: '2.18.1' }, epochs: 3, seconds: 7 },
  onnx: { file: 'tiny.onnx', sha256: 'cd', largestLogitDifference: 2e-6 },
};

describe('cardText', () => {
  it('shows figures with their intervals, the confusion, the data and every setting', () => {
    const text = cardText(card);
    expect(text).toContain('| accuracy | 0.500 | 0.250 to 0.750 |');
    expect(text).toContain('| AUC, referable DR (grade 2 and above) | - | - |');
    expect(text).toContain('| 1 | 1 | 0 |');
    expect(text).toContain('9 images, 6 to train on, 3 to validate on, of 5 patients; split: by hand');
    for (const name of Object.keys(card.settings)) expect(text).toContain(`| ${name} | `);
    expect(text).toContain('started from model.json');
  });

  it('names no path of the owner beyond the images left out', () => {
    expect(cardText(card)).not.toContain('secret');
    expect(JSON.stringify(card)).not.toContain('secret');
  });
});
