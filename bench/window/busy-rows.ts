import { join } from 'node:path';
import { startApplication, type Application } from '../../test/window/application.ts';
import { asker } from '../../test/window/ask-page.ts';
import type { BenchRow } from '../harness.ts';
import { listenBeside } from './listening.ts';
import { timesSlower } from './rows.ts';
import { sampleChoice } from '../../test/window/choices.ts';
import { jobEnd } from '../../test/window/job-end.ts';
import { slowdown } from './slowdown.ts';
import { traceTasks, type Task } from './tasks.ts';

/** The tasks of page and main while a job protects the sample set and the page shows it. */
export async function busyRows(folder: string): Promise<BenchRow[]> {
  const app = await startApplication({ data: join(folder, 'data') });
  try {
    const listened = await listenBeside();
    const traced = await traceTasks(app.electron);
    const slow = slowdown();
    await protectSamples(app);
    const { page, main } = await traced();
    const machine = timesSlower((slow + slowdown()) / 2);
    const delay = await listened();
    return [
      ...taskRows('the page', page, 100, machine),
      ...taskRows('main', main, 50, machine),
      {
        ...{ what: 'control: longest delay of an idle Node process', n: 1, unit: 'ms', spread: 'exact' },
        ...{ value: delay, low: delay, high: delay, details: { machine } },
      },
    ];
  } finally {
    await app.close();
  }
}

function taskRows(whose: string, tasks: readonly Task[], atMost: number, machine: string): BenchRow[] {
  const row = (what: string, values: number[]): BenchRow => {
    const sorted = values.toSorted((a, b) => a - b);
    const longest = sorted.at(-1) ?? Number.NaN;
    return {
      ...{ what, n: sorted.length, value: longest, low: sorted[sorted.length >> 1] ?? longest },
      ...{ high: longest, spread: 'range', unit: 'ms', target: { atMost }, details: { machine } },
    };
  };
  return [
    row(
      `longest task of ${whose} while a job runs`,
      tasks.map(({ wall }) => wall),
    ),
    row(
      `the same, its processor time`,
      tasks.map(({ processor }) => processor),
    ),
  ];
}

async function protectSamples(app: Application): Promise<void> {
  const ask = asker(app.page);
  const choice = await sampleChoice(app);
  const key = await ask('keys.create', {
    kind: 'owner',
    name: 'bench',
    passphrase: 'only for benches',
    remember: false,
  });
  await app.page.keyboard.press('Control+2');
  const { id } = await ask('jobs.start', { choice, ownerKey: key.id, reviewRequired: false });
  const { state } = await jobEnd(app, id);
  if (state.status !== 'done') throw new Error(JSON.stringify(state));
}
