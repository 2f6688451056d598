import { Failure } from '../../shared/failure.ts';

type Json = Record<string, unknown>;

/**
 * Makes the last layer of a layers-model topology (edited in place) put out logits. A softmax at the very end is taken
 * off, which changes no ranking and leaves exactly the numbers the softmax was applied to; the returned note says so.
 * Any other activation there (sigmoid, tanh, ...) has no logits to recover and is refused (Failure `model-unsupported`).
 */
export function exposeLogits(topology: Json, path: string): readonly string[] {
  const layer = lastLayer(isRecord(topology['model_config']) ? topology['model_config'] : topology);
  const config = layer?.['config'];
  if (layer === undefined || !isRecord(config)) return [];
  const name = String(config['name'] ?? layer['class_name']);
  if (layer['class_name'] === 'Softmax') {
    layer['class_name'] = 'Activation';
    layer['config'] = { name: config['name'], trainable: false, activation: 'linear' };
    return [strippedNote(name)];
  }
  const activation = config['activation'];
  if (activation === undefined || activation === null || activation === 'linear') return [];
  if (activation === 'softmax') {
    config['activation'] = 'linear';
    return [strippedNote(name)];
  }
  const shown = typeof activation === 'string' ? activation : JSON.stringify(activation);
  throw new Failure(
    'model-unsupported',
    `${path}: its last layer "${name}" ends in ${shown}, not in logits`,
    {
      subject: path,
      hint: 'Save the model with a linear last layer, one output a class.',
    },
  );
}

function strippedNote(name: string): string {
  return `the softmax of the last layer "${name}" was taken off, so that the model puts out logits`;
}

/** The layer whose output is the model's; looks into a nested model. */
function lastLayer(model: Json): Json | undefined {
  const config = model['config'];
  const layers = isRecord(config) ? config['layers'] : config;
  if (!Array.isArray(layers)) return undefined;
  const wanted = isRecord(config) ? outputName(config['output_layers']) : undefined;
  const candidates = layers.filter(isRecord);
  const last =
    candidates.find((layer) => wanted !== undefined && nameOf(layer) === wanted) ?? candidates.at(-1);
  if (last === undefined) return undefined;
  const nested = ['Model', 'Functional', 'Sequential'].includes(String(last['class_name']));
  return nested ? lastLayer(last) : last;
}

function nameOf(layer: Json): unknown {
  return layer['name'] ?? (isRecord(layer['config']) ? layer['config']['name'] : undefined);
}

/** `output_layers` is [["name", 0, 0]], or in newer files ["name", 0, 0]. */
function outputName(outputs: unknown): unknown {
  let first: unknown = outputs;
  while (Array.isArray(first)) first = first[0] as unknown;
  return first;
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
