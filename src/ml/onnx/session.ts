import { createRequire } from 'node:module';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { Failure } from '../../shared/failure.ts';
import { engineReason } from './engine-reason.ts';

type Ort = typeof import('onnxruntime-node');
const ort = createRequire(import.meta.url)('onnxruntime-node') as Ort;

/** Version of ONNX Runtime and where it computes, for reports. */
export const ORT_DEVICE = `onnxruntime ${ort.env.versions.node ?? ort.env.versions.common}, CPU`;

/** A model on ONNX Runtime; one run at a time, each with float32 arrays in and out. */
export interface OnnxSession {
  run(
    feeds: Readonly<Record<string, FloatArray>>,
    fetches: readonly string[],
  ): Promise<Readonly<Record<string, FloatArray>>>;
  release(): Promise<void>;
}

export interface FloatArray {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/**
 * `keepsMemory` false gives the memory of a run back to the system after it, for networks that run once an image over
 * large inputs: ONNX Runtime otherwise holds what its largest run took.
 */
export async function openSession(
  bytes: Uint8Array,
  subject: string,
  threads: number | undefined,
  keepsMemory = true,
): Promise<OnnxSession> {
  let session: InferenceSession;
  try {
    session = await ort.InferenceSession.create(bytes, {
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      logSeverityLevel: 3,
      enableCpuMemArena: keepsMemory,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    });
  } catch (cause) {
    const reason = engineReason(cause instanceof Error ? cause.message : String(cause));
    throw new Failure('model-unsupported', `${subject}: ONNX Runtime refuses it: ${reason}`, {
      subject,
      hint: 'export the model again with operators of the ONNX standard, opset 9 to 22',
      cause,
    });
  }
  return {
    async run(feeds, fetches) {
      const inputs: Record<string, Tensor> = {};
      for (const [name, { data, dims }] of Object.entries(feeds)) {
        inputs[name] = new ort.Tensor('float32', data, dims);
      }
      const results = await session.run(inputs, fetches);
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [
          name,
          { data: tensor.data as Float32Array, dims: tensor.dims },
        ]),
      );
    },
    release: () => session.release(),
  };
}
