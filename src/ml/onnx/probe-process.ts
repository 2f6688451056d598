/** Started by `probe.ts`: reads a request and a model from standard input, writes what was seen to standard output. */
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { ObservationRequest, Run } from './observe.ts';
import { observe } from './observe.ts';
import type { ProbeResult } from './probe.ts';
import { schema } from './schema.ts';

const MEMORY_LIMIT_BYTES = 6 * 2 ** 30;

/** The runtime blocks the main thread; a second thread ends the process when a damaged model asks for too much memory. */
function watchMemory(): void {
  const code = `setInterval(() => {
    if (process.memoryUsage.rss() > ${MEMORY_LIMIT_BYTES}) process.kill(process.pid, 'SIGKILL');
  }, 50).unref();`;
  new Worker(code, { eval: true }).unref();
}

async function main(): Promise<void> {
  watchMemory();
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const all = Buffer.concat(chunks);
  const headerLength = all.readUInt32LE(0);
  const request = JSON.parse(all.toString('utf8', 4, 4 + headerLength)) as ObservationRequest;
  const bytes = all.subarray(4 + headerLength);
  const result = JSON.stringify(await probe(bytes, request));
  let written = 0;
  const encoded = Buffer.from(result, 'utf8');
  while (written < encoded.length) written += writeSync(1, encoded, written);
  process.exit(0);
}

/** Falls back step by step: fewer tensors looked at, then one sample only. */
async function probe(bytes: Uint8Array, request: ObservationRequest): Promise<ProbeResult> {
  const model = schema.ModelProto.decode(bytes);
  let refusal: string | undefined;
  for (const everyTensor of request.everyTensor ? [true, false] : [false]) {
    const runs: Run[] = [];
    for (const batch of request.batches) {
      try {
        runs.push(...(await observe(model, { ...request, everyTensor, batches: [batch] })));
      } catch (cause) {
        refusal ??= cause instanceof Error ? cause.message : String(cause);
        break;
      }
    }
    if (runs.length > 0) return { runs, everyTensor, refusal };
  }
  return { runs: [], everyTensor: false, refusal };
}

await main();
