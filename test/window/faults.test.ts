// What goes wrong on a desk: each ends in words that say what to do, with nothing lost.
import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ensureElectron } from '../../scripts/bootstrap/electron.mjs';
import { sandboxSwitches, startApplication, type Application } from './application.ts';
import { asker } from './ask-page.ts';
import { quickChoice } from './choices.ts';
import { jobEnd } from './job-end.ts';

const root = join(import.meta.dirname, '..', '..');
const samples = join(root, 'assets', 'samples');
const names = ['retina-01.png', 'retina-02.png', 'retina-03.png', 'retina-06.png'];

let folder: string;
let app: Application;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medlocker-faults-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

afterEach(() => app.close());

describe('a damaged settings file', () => {
  it('is put aside, the defaults apply, and the window says so', async () => {
    const data = join(folder, 'damaged');
    await mkdir(data);
    await writeFile(join(data, 'settings.json'), '{"theme": "dark", ');
    app = await startApplication({ data });
    await app.page.getByText('settings file was damaged').waitFor();
    expect(await readFile(join(data, 'settings.json.damaged'), 'utf8')).toBe('{"theme": "dark", ');
    expect((await asker(app.page)('settings.get', {})).theme).toBe('system');
  });
});

describe('a second start', () => {
  it('shows the first window and hands over the folder it was given', async () => {
    const data = join(folder, 'twice');
    const images = await imageFolder('second-start');
    app = await startApplication({ data });
    const { program } = await ensureElectron();
    const second = spawn(program, [...sandboxSwitches(), `--user-data-dir=${data}`, root, images], {
      env: { ...process.env, DISPLAY: app.display },
      stdio: 'ignore',
    });
    expect(await new Promise((resolve) => second.once('exit', resolve))).toBe(0);
    expect(app.electron.windows()).toHaveLength(1);
    await app.page.getByText('4 images').first().waitFor();
  });
});

describe('a page that dies', () => {
  it('is opened anew; when it dies again and again, the person is asked', async () => {
    app = await startApplication();
    await app.page.getByText('Engine ready').waitFor();
    await answerBox(app);
    for (let time = 1; time <= 4; time++) {
      const { pid } = await pageOf(app);
      // 0 would be this process and its family.
      expect(pid).toBeGreaterThan(0);
      process.kill(pid, 'SIGKILL');
      const shown = async () => {
        const now = await pageOf(app);
        return now.pid === pid || now.pid === 0 ? 'not yet' : now.title;
      };
      await expect.poll(shown, { timeout: 20_000 }).toBe('Start - MedLocker');
      expect(await askedTimes(app)).toBe(time === 4 ? 1 : 0);
    }
    // A driver that has seen a page die waits for it for ever.
    const ended = new Promise((resolve) => app.electron.process().once('exit', resolve));
    await app.electron.evaluate(({ app: program }) => program.quit());
    expect(await ended).toBe(0);
  });
});

describe('an engine that is killed', () => {
  it('is told with a reason, and starts again by a button', async () => {
    app = await startApplication();
    await app.page.getByText('Engine ready').waitFor();
    await killEngine(app);
    await app.page.getByText('ended by the system').waitFor();
    await app.page.getByRole('button', { name: 'Start again' }).click();
    await app.page.getByText('Engine ready').waitFor();
    expect((await asker(app.page)('graders.list', {})).length).toBeGreaterThanOrEqual(3);
  });

  it('in the middle of a job leaves a job that goes on where it stopped', async () => {
    app = await startApplication();
    const ask = asker(app.page);
    const images = await imageFolder('killed');
    const key = await ask('keys.create', { kind: 'owner', name: 'Clinic', passphrase, remember: false });
    const choice = await quickChoice(app, images);
    const { id } = await ask('jobs.start', { choice, ownerKey: key.id, reviewRequired: false });
    while ((await ask('jobs.get', { job: id })).finished === 0) await app.page.waitForTimeout(100);
    await killEngine(app);
    await app.page.getByText('ended by the system').waitFor();
    await ask('app.restartEngine', {});
    await app.page.getByText('Engine ready').waitFor();
    const found = (await ask('jobs.list', {})).find((job) => job.id === id);
    expect(found?.state).toEqual({ status: 'interrupted' });
    await ask('keys.unlock', { key: key.id, passphrase, remember: false });
    await ask('jobs.resume', { job: id });
    const job = await jobEnd(app, id);
    expect(job.state).toEqual({ status: 'done' });
    expect(job.totals.kept).toBeGreaterThanOrEqual(1);
    expect(job.totals.done + job.totals.kept).toBe(names.length);
    const written = await readdir(`${images}-protected`);
    expect(written.filter((name) => name.endsWith('.png'))).toEqual(names);
    expect(written.filter((name) => name.includes('medlocker-tmp'))).toEqual([]);
  });
});

describe('a folder that vanishes', () => {
  it('between choosing and starting is named, and nothing is made in its place', async () => {
    app = await startApplication();
    const ask = asker(app.page);
    const images = await imageFolder('vanishing');
    const key = await ask('keys.create', { kind: 'owner', name: 'Clinic', passphrase, remember: false });
    const choice = await quickChoice(app, images);
    await rename(images, `${images}-elsewhere`);
    const { id } = await ask('jobs.start', { choice, ownerKey: key.id, reviewRequired: false });
    const job = await jobEnd(app, id);
    expect(job.state).toMatchObject({ status: 'failed', failure: { code: 'usage' } });
    expect(JSON.stringify(job.state)).toContain('does not exist');
    expect(await readdir(folder)).not.toContain('vanishing');
  });
});

const passphrase = 'words for a test';

async function imageFolder(name: string): Promise<string> {
  const images = join(folder, name);
  await mkdir(images);
  for (const image of names) await copyFile(join(samples, 'images', image), join(images, image));
  return images;
}

/** The page's process, 0 where there is none, and its title: the page gives itself one when its first screen is there. */
function pageOf({ electron }: Application): Promise<{ pid: number; title: string }> {
  return electron.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    // Before a new page has one, the title of the dead one stands.
    if (contents === undefined || contents.isLoading()) return { pid: 0, title: '' };
    return { pid: contents.getOSProcessId(), title: contents.getTitle() };
  });
}

/** Message boxes cannot be driven: they answer with their first button from now on. */
async function answerBox({ electron }: Application): Promise<void> {
  await electron.evaluate(({ dialog }) => {
    const holder = globalThis as unknown as { asked: number };
    holder.asked = 0;
    dialog.showMessageBox = () => {
      holder.asked++;
      return Promise.resolve({ response: 0, checkboxChecked: false });
    };
  });
}

function askedTimes({ electron }: Application): Promise<number> {
  return electron.evaluate(() => (globalThis as unknown as { asked: number }).asked);
}

/** Kills the engine as the system does when memory runs out; its job processes end with it. */
async function killEngine({ electron }: Application): Promise<void> {
  const parent = String(electron.process().pid);
  const { stdout } = await promisify(execFile)('pgrep', ['-P', parent, '-f', 'host\\.ts']);
  for (const pid of stdout.trim().split('\n')) process.kill(Number(pid), 'SIGKILL');
}
