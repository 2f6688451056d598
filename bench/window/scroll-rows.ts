import { join } from 'node:path';
import { startApplication } from '../../test/window/application.ts';
import { answerDialogs } from '../../test/window/dialogs.ts';
import type { BenchRow } from '../harness.ts';
import { summarize } from '../measure.ts';
import { openBareWindow } from './bare-window.ts';
import { makeMany } from './folders.ts';
import { descendants, processorTime, runs } from './processes.ts';
import { timesSlower } from './rows.ts';
import { scroll, type Scrolling } from './scrolling.ts';
import { slowdown } from './slowdown.ts';

const files = 10_000;
const frames = 300;
const rounds = 3;
const size = { width: 1920, height: 1080 };

/** The list of a folder of 10,000 images scrolled from its top to its end, and a bare window's list beside it. */
export async function scrollRows(folder: string, say: (line: string) => void): Promise<BenchRow[]> {
  const many = join(folder, 'many');
  await makeMany(many, files);
  say(`${files} images made`);
  const app = await startApplication({ data: join(folder, 'data'), size });
  const bare = await openBareWindow(size);
  try {
    await app.page.keyboard.press('Control+2');
    await answerDialogs(app, many);
    await app.page
      .getByRole('button', { name: /open folder|other folder/i })
      .first()
      .click();
    await app.page
      .getByText(/10,000/)
      .first()
      .waitFor();
    await app.page.waitForTimeout(5000);
    const own: Measured[] = [];
    const control: Measured[] = [];
    for (let round = 0; round < rounds; round++) {
      own.push(await measured(app.page, app.electron.process().pid ?? 0));
      control.push(await measured(bare.page, bare.pid));
    }
    return [
      scrollRow(`scrolling a folder of ${files} images, between frames`, own, 17),
      scrollRow('control: scrolling in a bare window', control),
    ];
  } finally {
    await app.close();
    await bare.close();
  }
}

interface Measured extends Scrolling {
  /** Milliseconds of processor time of all of Electron's processes. */
  readonly processor: number;
  readonly slow: number;
}

async function measured(page: Parameters<typeof scroll>[0], main: number): Promise<Measured> {
  const slow = slowdown();
  const before = await windowTime(main);
  const scrolled = await scroll(page, '[role="listbox"]', frames);
  return { ...scrolled, processor: (await windowTime(main)) - before, slow };
}

/** Of the window's processes, not of the engine, which makes small pictures meanwhile. */
async function windowTime(main: number): Promise<number> {
  let sum = await processorTime(main);
  for (const pid of await descendants(main)) if (await runs(pid, '--type=')) sum += await processorTime(pid);
  return sum;
}

function scrollRow(what: string, all: readonly Measured[], atMost?: number): BenchRow {
  const gaps = all.flatMap(({ gaps: some }) => some).toSorted((a, b) => a - b);
  const at = (share: number) => gaps[Math.floor(gaps.length * share)] ?? Number.NaN;
  return {
    ...{ what, n: gaps.length, value: at(0.5), low: at(0.05), high: at(0.95), unit: 'ms' },
    spread: 'range',
    ...(atMost === undefined ? {} : { target: { atMost } }),
    details: {
      'processor (ms)': summarize(all.map(({ processor }) => processor / frames)).median,
      machine: timesSlower(summarize(all.map(({ slow }) => slow)).median),
      // A frame later than 25 ms after the one before is one missed at 60 Hz.
      'frames missed': `${((100 * gaps.filter((gap) => gap > 25).length) / gaps.length).toFixed(1)} %`,
    },
  };
}
