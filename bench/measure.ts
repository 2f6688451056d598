/** Times and ratios of times. On a shared machine only ratios of alternating runs are worth keeping. */

export interface Summary {
  n: number;
  median: number;
  min: number;
  max: number;
}

export interface PairedRatio {
  /** Of a's time to b's, round by round. */
  ratio: Summary;
  /** Milliseconds. */
  a: Summary;
  b: Summary;
}

type Work = () => unknown;

/** Milliseconds of `rounds` runs after `warmUps` uncounted ones. */
export async function time(
  work: Work,
  { rounds, warmUps = 1 }: { rounds: number; warmUps?: number },
): Promise<Summary> {
  for (let i = 0; i < warmUps; i++) await work();
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) times.push(await milliseconds(work));
  return summarize(times);
}

/**
 * Runs a and b in turns (who goes first alternates too, so that neither always finds warm caches) and compares each round.
 * The median ratio is robust against a neighbour who slows some rounds down.
 */
export async function pairedRatio(a: Work, b: Work, { rounds }: { rounds: number }): Promise<PairedRatio> {
  await a();
  await b();
  const times: { a: number[]; b: number[] } = { a: [], b: [] };
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) times.a.push(await milliseconds(a));
    times.b.push(await milliseconds(b));
    if (round % 2 === 1) times.a.push(await milliseconds(a));
  }
  const ratios = times.a.map((value, round) => value / (times.b[round] ?? Number.NaN));
  return { ratio: summarize(ratios), a: summarize(times.a), b: summarize(times.b) };
}

/** @throws RangeError for an empty list */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((x, y) => x - y);
  const min = sorted.at(0);
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) throw new RangeError('nothing was measured');
  const upper = sorted[sorted.length >> 1] ?? max;
  const lower = sorted[(sorted.length - 1) >> 1] ?? min;
  return { n: sorted.length, median: (lower + upper) / 2, min, max };
}

async function milliseconds(work: Work): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
