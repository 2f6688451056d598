import type { RealData } from '../test/real-data.ts';

/** A benchmark: one question, answered by a table. Each file of bench/sections exports one as `section`. */
export interface BenchSection {
  /** Short, for `--only`. */
  name: string;
  question: string;
  /** @throws NotMeasured when something that it needs is not on this machine */
  run(context: BenchContext): Promise<BenchTable>;
}

export interface BenchContext {
  /** Real images and graders, or null. */
  data: RealData | null;
  /** Threads that every engine and every peer gets, so that ratios compare like with like. */
  threads: number;
  /** A line for the impatient, not part of the result. */
  say(line: string): void;
}

export interface BenchTable {
  rows: readonly BenchRow[];
  /** What a reader must know to read the table: images, settings, how it was measured. */
  notes?: readonly string[];
}

export interface BenchRow {
  what: string;
  /** How many measurements, images or answers the figure rests on. */
  n: number;
  /** A median for times and ratios, a share for rates. */
  value: number;
  /** Ends of `spread`: smallest and largest measurement, or a 95 % interval. */
  low: number;
  high: number;
  spread: 'range' | 'interval95' | 'exact';
  unit: string;
  target?: { atMost: number } | { atLeast: number };
  /** Further columns of this section. */
  details?: Readonly<Record<string, string | number>>;
}

/** The answer of a section that cannot run here; the reason stands in the table in place of figures. */
export class NotMeasured extends Error {
  override name = 'NotMeasured';
}

/** Whether the row reaches its target; null when it has none. */
export function reaches(row: BenchRow): boolean | null {
  if (row.target === undefined) return null;
  return 'atMost' in row.target ? row.value <= row.target.atMost : row.value >= row.target.atLeast;
}
