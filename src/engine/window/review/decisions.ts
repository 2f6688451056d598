import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { decisionSchema, type Decision } from '../../../shared/contract/review.ts';
import { notWritable } from '../../jobs/atomic-write.ts';
import { wholeJob } from '../../jobs/shard.ts';
import { privateFolder } from '../../workflows/private-folder.ts';

const lineSchema = z.strictObject({ path: z.string(), at: z.string(), decision: decisionSchema });

/**
 * What reviewers decided of a job's images, by path in the source; an image that is not named is open. One line a decision, the last one
 * of a path counts; a line that cannot be read (cut off by a crash) is passed over, which leaves its image as it was before.
 */
export async function readDecisions(out: string): Promise<Map<string, Decision>> {
  const decisions = new Map<string, Decision>();
  const text = await readFile(fileOf(out), 'utf8').catch(() => '');
  for (const line of text.split('\n')) {
    const parsed = lineSchema.safeParse(parseJson(line));
    if (parsed.success) decisions.set(parsed.data.path, parsed.data.decision);
  }
  return decisions;
}

/** Returns when the decision is on the disk. @throws Failure output-not-writable */
export async function keepDecision(out: string, path: string, decision: Decision): Promise<void> {
  const file = fileOf(out);
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(file, 'a', 0o600);
    try {
      // After a line that a crash cut off, a new one begins.
      await handle.appendFile(`\n${JSON.stringify({ path, at: new Date().toISOString(), decision })}\n`);
      await handle.datasync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw notWritable(file, error);
  }
}

function fileOf(out: string): string {
  return join(privateFolder(out, wholeJob).folder, 'review.jsonl');
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
