import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
// The default import is the mutable module object itself; the namespace import would be read-only.
import util from 'node:util';
import { Failure } from '../../shared/failure.ts';

const require = createRequire(import.meta.url);

/**
 * TensorFlow.js with its plain JavaScript backend: elementwise work and tiny models without any native library.
 * libtensorflow is loaded by `startTensorFlow` only, so that jobs over ONNX graders never pay for it.
 */
export const tf = require('@tensorflow/tfjs') as typeof import('@tensorflow/tfjs');

// The library advertises its native backend on the console at the first tensor; production mode keeps it quiet.
tf.enableProdMode();

/** What really computes after `startTensorFlow`. */
export interface TensorFlowRuntime {
  /** Version of TensorFlow.js. */
  readonly version: string;
  /** Version of the C library, e.g. "2.18.1". */
  readonly libtensorflow: string;
  readonly device: 'CPU' | 'GPU';
  /** Threads an operation may use. */
  readonly threads: number;
}

let running: TensorFlowRuntime | undefined;

/**
 * Loads libtensorflow and makes it the backend of `tf` for the whole process; a second call returns the first's answer.
 * `threads` is heeded by the first call only, since the library reads it once.
 * Throws Failure `runtime-missing` when the library is not installed or cannot be loaded.
 */
export async function startTensorFlow(
  options: { threads?: number | undefined } = {},
): Promise<TensorFlowRuntime> {
  if (running === undefined) {
    const threads = options.threads ?? availableParallelism();
    prepareEnvironment(threads);
    restoreRemovedNodeFunctions();
    const backend = loadBinding();
    running = {
      version: tf.version_core,
      libtensorflow: backend.binding.TF_Version,
      device: backend.isUsingGpuDevice ? 'GPU' : 'CPU',
      threads: Number(process.env['TF_NUM_INTRAOP_THREADS']),
    };
  }
  if (tf.getBackend() !== 'tensorflow') await tf.setBackend('tensorflow');
  return running;
}

/** What already runs, without loading anything. */
export function runningTensorFlow(): TensorFlowRuntime | undefined {
  return running;
}

/** The npm package that holds the binding on this platform. The GPU package runs on a CPU build of the library too. */
export function bindingPackage(): string {
  return process.platform === 'darwin' ? '@tensorflow/tfjs-node' : '@tensorflow/tfjs-node-gpu';
}

/** Whether the binding and its library lie on the disk; says nothing about whether they load. */
export function bindingIsInstalled(): boolean {
  try {
    const folder = dirname(require.resolve(`${bindingPackage()}/package.json`));
    return existsSync(join(folder, 'lib')) && existsSync(join(folder, 'deps', 'lib'));
  } catch {
    return false;
  }
}

/** Parts of the native backend that the program itself uses. */
export interface NativeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string } & Readonly<Record<string, unknown>>;
}

function loadBinding(): NativeBackend {
  try {
    require(bindingPackage());
  } catch (cause) {
    throw new Failure('runtime-missing', `TensorFlow cannot be loaded: ${firstLine(cause)}`, {
      subject: bindingPackage(),
      hint: 'Install it with: npm run setup',
      cause,
    });
  }
  return tf.backend() as unknown as NativeBackend;
}

function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split('\n', 1)[0]?.trim() ?? '';
}

/** The library reads its environment when it is loaded; values set by the person win. */
function prepareEnvironment(threads: number): void {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  process.env['TF_NUM_INTRAOP_THREADS'] ??= String(threads);
  process.env['TF_NUM_INTEROP_THREADS'] ??= '1';
}

/** TensorFlow.js 4.22 calls two functions that Node 23 removed from `util`, or warns about (tensorflow/tfjs#8609). */
function restoreRemovedNodeFunctions(): void {
  const mutable = util as unknown as Record<string, unknown>;
  mutable['isNullOrUndefined'] = (value: unknown) => value === null || value === undefined;
  mutable['isArray'] = Array.isArray;
}
