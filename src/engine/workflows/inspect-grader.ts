import { extname } from 'node:path';
import { openClassifier } from '../../ml/models/open-classifier.ts';
import { graderFile } from './open-graders.ts';

/**
 * What a grader file is and whether it can serve as a surrogate: it is read, checked and run once.
 *
 * @throws Failure model-unreadable, model-unsupported, model-not-finite, runtime-missing: why it cannot be used
 */
export async function inspectGrader(
  path: string,
): Promise<Readonly<Record<string, string | number | boolean | null>>> {
  const file = await graderFile(path);
  if (extname(file).toLowerCase() !== '.onnx') return inspectLayersModel(path);
  const { inspectOnnx } = await import('../../ml/onnx/inspect.ts');
  const found = await inspectOnnx(file);
  const { preprocessing: steps, gradients } = found;
  return {
    name: found.name,
    kind: 'onnx',
    id: found.id,
    bytes: found.bytes,
    opset: found.opset,
    producer: found.producer,
    input: `${found.input.name} [${found.input.dims.join(', ')}] ${found.layout}`,
    output: `${found.output.name} [${found.output.dims.join(', ')}]`,
    size: `${found.inputWidth} x ${found.inputHeight}`,
    classes: found.classes,
    batch: String(found.batch),
    parameters: found.parameters,
    operators: Object.entries(found.operators)
      .map(([name, count]) => `${name} ${count}`)
      .join(', '),
    preprocessing: `${steps.channels}, mean ${steps.mean.join(' ')}, std ${steps.std.join(' ')}`,
    changes: found.changes.join('; '),
    gradients: gradients.supported
      ? 'all operators: can be a surrogate'
      : `missing for ${JSON.stringify(gradients.gaps)}: can only be a victim`,
    gradCam: found.gradCam === undefined ? 'none' : `${found.gradCam.rows} x ${found.gradCam.columns}`,
  };
}

async function inspectLayersModel(path: string) {
  const grader = await openClassifier(path, { threads: 1 });
  try {
    const { id, name, kind, inputHeight, inputWidth, classes, device } = grader.spec;
    const notes = 'notes' in grader && Array.isArray(grader.notes) ? grader.notes.join('; ') : '';
    return { name, kind, id, size: `${inputWidth} x ${inputHeight}`, classes, device, changes: notes };
  } finally {
    grader.dispose();
  }
}
