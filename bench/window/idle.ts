import { readFile } from 'node:fs/promises';
import { startApplication } from '../../test/window/application.ts';

/** Milliseconds from the start of the process to the first paint of the page's own content: it can be used from then on. */
export async function startTime(data: string): Promise<number> {
  const app = await startApplication({ data });
  try {
    const created = await app.electron.evaluate(() => process.getCreationTime());
    const painted = await app.page.evaluate(async () => {
      while (document.querySelector('nav button, nav a') === null) await new Promise(requestAnimationFrame);
      const found = performance.getEntriesByName('first-contentful-paint')[0];
      return performance.timeOrigin + (found?.startTime ?? performance.now());
    });
    return painted - (created ?? Number.NaN);
  } finally {
    await app.close();
  }
}

/** Proportional set size in MB of all of Electron's processes (shared pages counted once), the engine left out, after `rest` milliseconds. */
export async function idleMemory(data: string, rest: number): Promise<number> {
  const app = await startApplication({ data });
  try {
    await app.page.waitForTimeout(rest);
    const pids = await app.electron.evaluate(({ app: electron }) =>
      electron.getAppMetrics().map(({ pid }) => pid),
    );
    const sizes = await Promise.all(pids.map(proportionalMegabytes));
    return sizes.reduce((sum, size) => sum + size, 0);
  } finally {
    await app.close();
  }
}

async function proportionalMegabytes(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) / 1024;
}
