import { join } from 'node:path';
import type { BenchRow } from '../harness.ts';
import { summarize } from '../measure.ts';
import { application, bareWindow } from './program.ts';
import { rowOf, timesSlower } from './rows.ts';
import { slowdown } from './slowdown.ts';
import { startTime } from './start-times.ts';

const starts = 7;

/** Starts of the application and of a bare window in turns; the first of each is not counted. */
export async function startRows(folder: string): Promise<BenchRow[]> {
  const own: number[] = [];
  const bare: number[] = [];
  const slow: number[] = [];
  for (let i = 0; i <= starts; i++) {
    slow.push(slowdown());
    const times = [
      await startTime(application, join(folder, 'data')),
      await startTime(bareWindow, join(folder, 'bare')),
    ] as const;
    if (i === 0) continue;
    own.push(times[0]);
    bare.push(times[1]);
  }
  const machine = { machine: timesSlower(summarize(slow).median) };
  return [
    rowOf('start to first paint', own, 'ms', 1500, machine),
    rowOf('control: start of a bare window', bare, 'ms', undefined, machine),
  ];
}
