import { join } from 'node:path';
import type { BenchRow } from '../harness.ts';
import { descendants, enginePid, othersOf, proportionalMegabytes } from './processes.ts';
import { application, bareWindow, startProgram } from './program.ts';
import { rowOf } from './rows.ts';

const rest = 10_000;
const rounds = 3;

/** Memory of the window ten seconds after its start, of the engine beside it, and of a bare window. */
export async function restRows(folder: string): Promise<BenchRow[]> {
  const window: number[] = [];
  const engine: number[] = [];
  const bare: number[] = [];
  let others = 0;
  for (let round = 0; round < rounds; round++) {
    const program = await startProgram(application, join(folder, 'data'));
    await new Promise((resolve) => setTimeout(resolve, rest));
    const host = await enginePid(program.pid);
    others = Math.max(others, await othersOf(program.pid));
    window.push(await memoryBelow(program.pid, host));
    engine.push(await proportionalMegabytes(host));
    await program.close();

    const control = await startProgram(bareWindow, join(folder, 'bare'));
    await new Promise((resolve) => setTimeout(resolve, rest));
    bare.push(await memoryBelow(control.pid));
    await control.close();
  }
  // Another Electron shares pages with this one, which then count less.
  const details = others === 0 ? undefined : { 'other Electrons': others };
  return [
    rowOf('memory at rest, all processes without the engine', window, 'MB', 350, details),
    rowOf('memory at rest, the engine', engine, 'MB'),
    rowOf('control: memory at rest of a bare window', bare, 'MB', undefined, details),
  ];
}

async function memoryBelow(pid: number, without?: number): Promise<number> {
  let sum = await proportionalMegabytes(pid);
  for (const each of await descendants(pid)) if (each !== without) sum += await proportionalMegabytes(each);
  return sum;
}
