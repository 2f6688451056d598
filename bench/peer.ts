import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import { NotMeasured } from './harness.ts';

/** A Python script of bench/peers that stays alive, so that its runs and ours can take turns. */
export interface Peer {
  /** Its first line, before any request. */
  readonly greeting: unknown;
  /**
   * One JSON line there, one back.
   * @throws NotMeasured when the script ends or answers something else than agreed
   */
  ask<Schema extends z.ZodType>(request: object, answer: Schema): Promise<z.infer<Schema>>;
  close(): void;
}

/**
 * Starts a script under the interpreter that MEDLOCKER_PEER_PYTHON names, or python3.
 * @throws NotMeasured when there is none, or a package that the script imports is missing
 */
export async function openPeer(script: string, args: readonly string[]): Promise<Peer> {
  const python = process.env.MEDLOCKER_PEER_PYTHON ?? 'python3';
  const child = spawn(python, [join(import.meta.dirname, 'peers', script), ...args]);
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2000)));
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const failed = once(child, 'error').then(([error]) => {
    throw new NotMeasured(`${python} does not start (${String(error)})`);
  });
  failed.catch(() => undefined);

  const nextLine = async (): Promise<unknown> => {
    const next = await Promise.race([lines.next(), failed]);
    if (next.done !== true) return JSON.parse(next.value);
    const reason = complaint.trim().split('\n').at(-1) ?? '';
    throw new NotMeasured(`${script} ended: ${reason} (MEDLOCKER_PEER_PYTHON names another interpreter)`);
  };
  return {
    greeting: await nextLine(),
    ask: async (request, answer) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const parsed = answer.safeParse(await nextLine());
      if (!parsed.success)
        throw new NotMeasured(`${script} answered something else: ${parsed.error.message}`);
      return parsed.data;
    },
    close: () => child.kill(),
  };
}
