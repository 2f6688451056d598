import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../shared/failure.ts';
import type { ObservationRequest, Run } from './observe.ts';

export interface ProbeResult {
  /** One run for each batch the model accepts; empty when it does not run at all. */
  readonly runs: readonly Run[];
  /** Whether sizes of inner tensors could be read. */
  readonly everyTensor: boolean;
  /** What ONNX Runtime said when the model could not be loaded or run. */
  readonly refusal: string | undefined;
}

const TIME_LIMIT_MS = 120_000;

/**
 * Loads and runs a model in a process of its own, because a damaged model can crash or stall the native runtime.
 * Throws Failure `model-unreadable` when that process dies or does not finish; a refusal by the runtime is a result.
 */
export async function probeModel(
  bytes: Uint8Array,
  request: ObservationRequest,
  subject: string,
  timeLimitMs: number = TIME_LIMIT_MS,
): Promise<ProbeResult> {
  const script = fileURLToPath(new URL('./probe-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true });
  const timer = setTimeout(() => child.kill('SIGKILL'), timeLimitMs);
  // The child may die before it has read everything.
  child.stdin.on('error', () => undefined);
  const header = Buffer.from(JSON.stringify(request), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  child.stdin.write(length);
  child.stdin.write(header);
  child.stdin.end(bytes);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => {
    clearTimeout(timer);
  });
  if (code !== 0) {
    throw new Failure(
      'model-unreadable',
      `${subject}: the runtime broke down or did not finish while loading it`,
      {
        subject,
        hint: 'the file is probably damaged; export the model again',
      },
    );
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as ProbeResult;
}
