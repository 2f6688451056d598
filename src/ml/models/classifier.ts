import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';

/** What a grader is, as far as the rest of the program needs to know. */
export interface ClassifierSpec {
  /** SHA-256 of the model file (for several files: of the concatenation, weights after topology), lower-case hex. */
  readonly id: string;
  /** Name for tables and reports: the file name without its extension. */
  readonly name: string;
  readonly kind: 'onnx' | 'tfjs';
  /** Input height and width in pixels the grader was made for. */
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly classes: number;
  /** Engine and device that really run it, e.g. "onnxruntime 1.30.0, CPU". */
  readonly device: string;
}

/**
 * A grader over RGB images. `x` is [batch, height, width, 3] with values in [0, 1]; normalisation happens inside.
 * Results are logits, never probabilities. The caller owns `x` and disposes what it gets.
 */
export interface Classifier {
  readonly spec: ClassifierSpec;
  logits(x: Tensor4D): Promise<Tensor2D>;
  inputGradient(x: Tensor4D, loss: LogitLoss): Promise<InputGradient>;
  dispose(): void;
}

export interface InputGradient {
  /** Loss of each sample, [batch]. */
  readonly loss: Tensor1D;
  /** [batch, classes]. */
  readonly logits: Tensor2D;
  /** Derivative of the sum of the losses with respect to `x`, same shape as `x`. */
  readonly gradient: Tensor4D;
}

/** A grader whose last convolutional features can be read: Grad-CAM (Selvaraju et al., ICCV 2017). */
export interface ExplainableClassifier extends Classifier {
  /**
   * ReLU of the gradient-weighted sum of the last spatial activation for one class a sample, before any scaling:
   * [batch, rows, columns], values >= 0.
   */
  gradCam(x: Tensor4D, classes: readonly number[]): Promise<Tensor3D>;
}

/** A loss as its value and its derivative with respect to the logits, so that every attack works on every kind of model. */
export interface LogitLoss {
  readonly name: string;
  /** `value` is [batch]; `derivative` is [batch, classes], each row the derivative of that sample's value. */
  evaluate(logits: Tensor2D): { value: Tensor1D; derivative: Tensor2D };
  /**
   * Present when every row of the derivative equals scale * softmax(logits) + offset with constants known beforehand
   * (cross-entropy, KL to a fixed target): forward and backward then fit into one session.
   * `scale` has one value a sample, `offset` has batch * classes values, row-major.
   */
  readonly affine?: { readonly scale: Float32Array; readonly offset: Float32Array };
}
