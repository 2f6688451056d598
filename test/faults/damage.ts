import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { createRandom } from '../../src/ml/random.ts';
import { Failure } from '../../src/shared/failure.ts';

/** Copies cut off at seeded lengths from 1 byte to `most` of the whole. */
export function truncated(bytes: Uint8Array, count: number, seed: number, most = 0.95): Buffer[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () =>
    Buffer.from(bytes.subarray(0, 1 + random.integer(Math.floor(bytes.length * most)))),
  );
}

/** Copies with one seeded bit changed, from byte `first` to before byte `end`. */
export function bitFlipped(
  bytes: Uint8Array,
  count: number,
  seed: number,
  first = 0,
  end = bytes.length,
): Buffer[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const copy = Buffer.from(bytes);
    const at = first + random.integer(end - first);
    copy.writeUInt8(copy.readUInt8(at) ^ (1 << random.integer(8)), at);
    return copy;
  });
}

export function randomBytes(length: number, seed: number): Buffer {
  const random = createRandom(seed);
  return Buffer.from(Uint8Array.from({ length }, () => random.integer(256)));
}

/** A PNG whose header claims another size, its checksum made to fit. */
export function claimingSize(png: Uint8Array, width: number, height: number): Buffer {
  const copy = Buffer.from(png);
  copy.writeUInt32BE(width, 16);
  copy.writeUInt32BE(height, 20);
  copy.writeUInt32BE(crc32(copy.subarray(12, 29)), 29);
  return copy;
}

/** A pipe nobody writes to: whoever opens it waits for ever. */
export function makePipe(path: string): void {
  execFileSync('mkfifo', [path]);
}

/** More than any refusal takes on a loaded machine; a hang takes for ever. */
const hangMilliseconds = 240_000;

/**
 * The Failure that a damaged input was refused with. Throws a line that names the input when it was accepted, ended in any other error,
 * hung, or when the reason is no single line with a next step.
 */
export async function refusalOf(name: string, use: () => Promise<unknown>): Promise<Failure> {
  const hang = new AbortController();
  const outcome = await Promise.race([
    use().then(
      () => 'was accepted',
      (error: unknown) => (error instanceof Failure ? error : `ended in ${String(error)}`),
    ),
    sleep(hangMilliseconds, 'hung', { signal: hang.signal }).catch(() => 'hung'),
  ]);
  hang.abort();
  if (typeof outcome === 'string') throw new Error(`${name} ${outcome}`);
  const defect = lineDefect(outcome.message);
  if (defect !== null) throw new Error(`${name}: ${defect}: ${JSON.stringify(outcome.message)}`);
  if (outcome.hint === undefined || lineDefect(outcome.hint) !== null) {
    throw new Error(`${name}: no next step beside ${outcome.message}`);
  }
  return outcome;
}

/** What keeps a text from being a reason a person can read on one line; null when nothing does. */
export function lineDefect(reason: string): string | null {
  if (reason.trim() === '') return 'empty';
  if (/[\p{Cc}\u2028\u2029\u202A-\u202E]/u.test(reason)) return 'control characters';
  if (/\bundefined\b|\[object|\bat .*\.[jt]s:\d+/.test(reason)) return 'program words';
  if (reason.startsWith('a defect of the program')) return 'a defect';
  if (reason.trimEnd().endsWith(':')) return 'cut short';
  return reason.length > 1000 ? 'far too long' : null;
}
