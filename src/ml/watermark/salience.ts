import type { FloatImage } from '../imaging/plane.ts';
import type { Classifier, ExplainableClassifier } from '../models/classifier.ts';
import { tf } from '../runtime/tensorflow.ts';

/**
 * Where a surrogate looks: the peak of its Grad-CAM for a class, as fractions of the input's width and height; null
 * when the grader cannot be explained or its map is empty. Costs one gradient.
 */
export async function salientPoint(
  surrogate: Classifier,
  input: FloatImage,
  reference: number,
): Promise<{ x: number; y: number } | null> {
  if (!isExplainable(surrogate)) return null;
  const x = tf.tensor4d(Float32Array.from(input.data), [1, input.height, input.width, input.channels]);
  const map = await surrogate.gradCam(x, [reference]);
  const [, rows, columns] = map.shape;
  const values = await map.data();
  x.dispose();
  map.dispose();
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  if (!(values[best] > 0)) return null;
  return { x: ((best % columns) + 0.5) / columns, y: (Math.floor(best / columns) + 0.5) / rows };
}

function isExplainable(classifier: Classifier): classifier is ExplainableClassifier {
  return 'gradCam' in classifier;
}
