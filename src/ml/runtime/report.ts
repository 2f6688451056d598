import { Failure } from '../../shared/failure.ts';
import { bindingIsInstalled, runningTensorFlow, startTensorFlow, tf } from './tensorflow.ts';

/** One computing engine as this machine really has it. */
export interface EngineReport {
  readonly engine: 'onnxruntime' | 'tensorflow' | 'tensorflow.js';
  /** What it does in this program. */
  readonly purpose: string;
  /** `not-started`: installed as far as can be seen without loading it. */
  readonly state: 'ready' | 'not-started' | 'missing';
  /** Version string, with the native library's own where there is one; empty when missing. */
  readonly version: string;
  /** Devices it computes on, e.g. ["CPU"]. */
  readonly devices: readonly string[];
  /** Why it is missing, and what to do; empty otherwise. */
  readonly reason: string;
  readonly hint: string;
}

/**
 * The engines of this machine. With `start`, libtensorflow is really loaded (about a second, 300 MB), which is the only
 * way to know its device; without, a TensorFlow that does not run yet is reported as `not-started`.
 */
export async function reportEngines(options: { start?: boolean } = {}): Promise<EngineReport[]> {
  return [await onnxRuntime(), await tensorFlow(options.start ?? false), javaScript()];
}

async function onnxRuntime(): Promise<EngineReport> {
  const purpose = 'runs and differentiates ONNX graders';
  try {
    const ort = await import('onnxruntime-node');
    const version = ort.env.versions.node ?? ort.env.versions.common;
    // Graders run on the CPU provider only; the others that a build lists are not used.
    const ready = ort.listSupportedBackends().some((backend) => backend.name === 'cpu');
    if (!ready) throw new Error('its build has no CPU provider');
    return {
      engine: 'onnxruntime',
      purpose,
      state: 'ready',
      version,
      devices: ['CPU'],
      reason: '',
      hint: '',
    };
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n', 1)[0] ?? '') : String(cause);
    return missing('onnxruntime', purpose, reason, 'Install it with: npm run setup');
  }
}

async function tensorFlow(start: boolean): Promise<EngineReport> {
  const engine = 'tensorflow';
  const purpose = 'trains and runs layers models';
  if (!start && runningTensorFlow() === undefined) {
    return bindingIsInstalled()
      ? { engine, purpose, state: 'not-started', version: '', devices: [], reason: '', hint: '' }
      : missing(engine, purpose, 'its native library is not installed', 'Install it with: npm run setup');
  }
  try {
    const runtime = runningTensorFlow() ?? (await startTensorFlow());
    const version = `${runtime.version} on libtensorflow ${runtime.libtensorflow}`;
    return { engine, purpose, state: 'ready', version, devices: [runtime.device], reason: '', hint: '' };
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    return missing(engine, purpose, cause.message, cause.hint ?? '');
  }
}

function javaScript(): EngineReport {
  return {
    engine: 'tensorflow.js',
    purpose: 'elementwise work on tensors; slow stand-in for TensorFlow',
    state: 'ready',
    version: tf.version_core,
    devices: ['CPU'],
    reason: '',
    hint: '',
  };
}

function missing(
  engine: EngineReport['engine'],
  purpose: string,
  reason: string,
  hint: string,
): EngineReport {
  return { engine, purpose, state: 'missing', version: '', devices: [], reason, hint };
}
