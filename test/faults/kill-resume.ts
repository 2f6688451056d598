// npm run faults -- [--rounds 100] [--images 4] [--seed 1]
// Kills a protect job with SIGKILL at random moments, resumes it, and compares every byte of the output with an undisturbed run.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isTemporaryName } from '../../src/engine/jobs/atomic-write.ts';
import { createRandom } from '../../src/ml/random.ts';
import { medlocker, startMedlocker } from '../end-to-end/medlocker.ts';
import { makeWorkplace, protectArguments, publicTree, type Workplace } from '../end-to-end/workplace.ts';

export interface FaultReport {
  readonly rounds: number;
  /** Processes killed while at work, at least one a round. */
  readonly kills: number;
  /** One line per difference between a resumed and the undisturbed job; empty when all is well. */
  readonly differences: readonly string[];
}

/**
 * @param options.kills most kills in one round, each at a moment drawn anew, before the job may end
 */
export async function killAndResume(options: {
  readonly rounds: number;
  readonly images: number;
  readonly seed: number;
  readonly kills?: number;
  readonly say?: (line: string) => void;
}): Promise<FaultReport> {
  const { rounds, images, seed, kills = 2, say = () => undefined } = options;
  const random = createRandom(seed);
  const place = await makeWorkplace(
    Array.from({ length: images }, (_, index) => `folder-${index % 2}/eye-${index}.png`),
  );
  try {
    const started = performance.now();
    const undisturbed = await medlocker(protectArguments(place, place.path('undisturbed')));
    if (undisturbed.code !== 0) throw new Error(undisturbed.stderr);
    // How long an undisturbed run takes at present: the load of the machine changes under a long session.
    let duration = performance.now() - started;
    const expected = await publicTree(place.path('undisturbed'));
    const differences: string[] = [];
    let killed = 0;
    for (let round = 1; round <= rounds; round++) {
      const out = place.path(`round-${round}`);
      for (let left = 1 + random.integer(kills); left > 0;) {
        const moment = random.next() * duration;
        if (await killOnce(place, out, moment)) {
          left -= 1;
          killed += 1;
        } else {
          // It had ended before its moment came: nothing was tested, so the round begins anew, with earlier moments.
          duration = Math.max(100, duration * 0.8);
          await rm(out, { recursive: true, force: true });
        }
      }
      const resumed = await medlocker(protectArguments(place, out));
      const found =
        resumed.code === 0 ? await differ(out, expected) : [`code ${resumed.code}: ${resumed.stderr.trim()}`];
      differences.push(...found.map((line) => `round ${round}: ${line}`));
      say(`round ${round} of ${rounds}: ${killed} kills so far, ${differences.length} differences`);
      await rm(out, { recursive: true, force: true });
    }
    return { rounds, kills: killed, differences };
  } finally {
    await place.remove();
  }
}

/** False when the process had ended by itself before the moment. */
async function killOnce(place: Workplace, out: string, milliseconds: number): Promise<boolean> {
  const run = startMedlocker(protectArguments(place, out));
  await Promise.race([sleep(milliseconds), run.ended]);
  run.child.kill('SIGKILL');
  const { signal } = await run.ended;
  return signal === 'SIGKILL';
}

async function differ(out: string, expected: Readonly<Record<string, string>>): Promise<string[]> {
  const found = await publicTree(out);
  const paths = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  const lines = paths
    .filter((path) => found[path] !== expected[path])
    .map(
      (path) =>
        `${path} ${found[path] === undefined ? 'is missing' : expected[path] === undefined ? 'is too many' : 'has other bytes'}`,
    );
  const left = (await readdir(join(out), { recursive: true })).filter((name) =>
    isTemporaryName(name.split('/').at(-1) ?? ''),
  );
  return [...lines, ...left.map((name) => `${name} was left behind`)];
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '100' },
      images: { type: 'string', default: '4' },
      seed: { type: 'string', default: '1' },
    },
  });
  const report = await killAndResume({
    rounds: Number(values.rounds),
    images: Number(values.images),
    seed: Number(values.seed),
    say: (line) => void process.stderr.write(`${line}\n`),
  });
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  if (report.differences.length > 0) process.exitCode = 1;
}
