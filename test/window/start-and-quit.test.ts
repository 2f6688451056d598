// How a person comes and goes: with a folder named at the start, and while a job runs.
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isTemporaryName } from '../../src/engine/jobs/atomic-write.ts';
import { startApplication } from './application.ts';
import { asker } from './ask-page.ts';
import { quickChoice } from './choices.ts';
import { jobEnd } from './job-end.ts';

const samples = join(import.meta.dirname, '..', '..', 'assets', 'samples', 'images');
const names = ['retina-01.png', 'retina-02.png', 'retina-03.png', 'retina-06.png'];
const passphrase = 'words for a test';

let folder: string;
let images: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medlocker-come-and-go-'));
  images = join(folder, 'eyes');
  await mkdir(images);
  for (const name of names) await copyFile(join(samples, name), join(images, name));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('opens the folder that the program was started with', async () => {
  const app = await startApplication({ args: [images] });
  try {
    await app.page.getByText('4 images').first().waitFor();
    expect(await app.page.title()).toContain('Protect');
  } finally {
    await app.close();
  }
});

it('ends engine and job with the last window, and the job is found again and goes on', async () => {
  const data = join(folder, 'data');
  const first = await startApplication({ data });
  const ask = asker(first.page);
  const key = await ask('keys.create', { kind: 'owner', name: 'Clinic', passphrase, remember: false });
  const choice = await quickChoice(first, images);
  const { id } = await ask('jobs.start', { choice, ownerKey: key.id, reviewRequired: false });
  while ((await ask('jobs.get', { job: id })).finished === 0) await first.page.waitForTimeout(50);
  const processes = await descendants(first.electron.process().pid ?? 0);
  const commands = await Promise.all(processes.map(commandOf));
  expect(commands.filter((command) => command.includes('host.ts'))).toHaveLength(1);
  expect(commands.filter((command) => command.includes('job-process.ts'))).toHaveLength(1);

  const ended = new Promise((resolve) => first.electron.process().once('exit', resolve));
  await first.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  expect(await ended).toBe(0);
  const left = await Promise.all(processes.map(commandOf));
  expect(left.filter((command) => command.includes('.ts'))).toEqual([]);
  await first.close();
  // What the engine was compiled to, for the next start.
  expect(await readdir(join(data, 'compiled'))).not.toEqual([]);

  const second = await startApplication({ data });
  try {
    const askAgain = asker(second.page);
    expect(await askAgain('jobs.get', { job: id })).toMatchObject({ state: { status: 'interrupted' } });
    await askAgain('keys.unlock', { key: key.id, passphrase, remember: false });
    await askAgain('jobs.resume', { job: id });
    const job = await jobEnd(second, id);
    expect(job).toMatchObject({ state: { status: 'done' }, finished: names.length });
    expect(job.totals.kept).toBeGreaterThanOrEqual(1);
    const written = await readdir(`${images}-protected`);
    expect(written.filter((name) => name.endsWith('.png'))).toEqual(names);
    expect(written.filter(isTemporaryName)).toEqual([]);
  } finally {
    await second.close();
  }
});

/** The processes that a process has started, and theirs. */
async function descendants(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = text.split(' ').filter(Boolean).map(Number);
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}

/** Command line of a process, empty when there is none any more. */
function commandOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}
