import { Failure } from '../../shared/failure.ts';

/** One part of a job: part `index` (from 1) of `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export const wholeJob: Shard = { index: 1, count: 1 };

/**
 * Reads `i/n`, 1 <= i <= n <= 10000.
 * @throws Failure usage
 */
export function parseShard(text: string): Shard {
  const match = /^(\d{1,5})\/(\d{1,5})$/.exec(text.trim());
  const index = Number(match?.[1]);
  const count = Number(match?.[2]);
  if (match === null || index < 1 || index > count || count > 10_000) {
    throw new Failure('usage', `--shard ${text} is not of the form i/n with 1 <= i <= n`, {
      subject: '--shard',
      hint: 'For four machines use --shard 1/4, 2/4, 3/4 and 4/4, then medlocker merge.',
    });
  }
  return { index, count };
}

/**
 * Whether a file belongs to a shard: by the first 48 bits of the SHA-256 of its path in the source, so that every machine decides
 * alike without reading the files, and adding a file moves no other.
 */
export function belongsTo(shard: Shard, pathSha256: string): boolean {
  return Number.parseInt(pathSha256.slice(0, 12), 16) % shard.count === shard.index - 1;
}

/** Name for the shard's journal, lock and temporary files: `main` or `2-of-4`. */
export function shardName(shard: Shard): string {
  return shard.count === 1 ? 'main' : `${shard.index}-of-${shard.count}`;
}
