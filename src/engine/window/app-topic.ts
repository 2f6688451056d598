import { availableParallelism, cpus, totalmem } from 'node:os';
import { reportEngines } from '../../ml/runtime/report.ts';
import type { Topic } from './topic.ts';

/** What this machine computes with. TensorFlow is not started for it: only training does that. */
export function appTopic(): Topic<'app.device'> {
  return {
    'app.device': async () => {
      const engines = await reportEngines();
      const inference = engines.find(({ engine }) => engine === 'onnxruntime');
      const training = engines.find(({ engine }) => engine === 'tensorflow');
      const missing = training === undefined || training.state === 'missing';
      return {
        cpu: cpus()[0]?.model ?? 'unknown processor',
        cores: availableParallelism(),
        memoryBytes: totalmem(),
        inference:
          inference?.state === 'ready'
            ? `ONNX Runtime ${inference.version}, ${inference.devices.join(', ')}`
            : `ONNX Runtime is missing: ${inference?.reason ?? ''}`,
        training: missing ? null : 'TensorFlow (libtensorflow)',
        trainingMissing: missing ? (training?.reason ?? 'not installed') : null,
      };
    },
  };
}
