import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isTemporaryName } from '../../src/engine/jobs/atomic-write.ts';
import { readHeader } from '../../src/engine/jobs/job-header.ts';
import type { Job, JobStatus, ProtectChoice } from '../../src/shared/contract/jobs.ts';
import { medlocker } from '../end-to-end/medlocker.ts';
import { publicTree, writeEye } from '../end-to-end/workplace.ts';
import { EngineProcess } from './engine-process.ts';
import { passphrase, readyEngine } from './protected-by-window.ts';

/** More than the interruptions below use up, whichever of the two is quicker. */
const names = 'a b deep/c deep/d e f g h i j k l m n'.split(' ').map((name) => `${name}.png`);

const bundledLogo = join(import.meta.dirname, '..', '..', 'assets', 'logos', 'medlocker.png');

let place: Awaited<ReturnType<typeof readyEngine>>;
let engine: EngineProcess;
let choice: ProtectChoice;
let job: string;

beforeAll(async () => {
  place = await readyEngine(names);
  ({ engine, choice } = place);
});
afterAll(async () => {
  await engine.end();
  await place.remove();
});

const start = (chosen: ProtectChoice = choice) =>
  engine.reply('jobs.start', { choice: chosen, ownerKey: place.owner.id, reviewRequired: false });
const state = async () => (await engine.ask('jobs.get', { job })).state.status;

/** From now on: the job in a state. */
function reaches(...wanted: JobStatus['status'][]): Promise<Job> {
  return engine.heard('jobs.changed', ({ id, state: { status } }) => id === job && wanted.includes(status));
}

/** From now on: as many further images are through. */
async function images(count: number): Promise<void> {
  const seen = new Set<number>();
  await engine.heard('jobs.item', ({ job: id, index }) => {
    if (id === job) seen.add(index);
    return seen.size >= count;
  });
}

/** Every event before is forgotten. */
function listenAnew(): void {
  engine.events.length = 0;
}

async function jobProcess(): Promise<number> {
  const lock: unknown = JSON.parse(await readFile(join(place.out, '.medlocker/lock-main'), 'utf8'));
  return z.object({ pid: z.int() }).parse(lock).pid;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a job of the window', () => {
  it('starts and can be followed image by image', async () => {
    const reply = await start();
    if (!reply.ok) throw new Error(reply.failure.message);
    job = reply.value.id;
    await images(1);
    expect(await state()).toBe('running');
  });

  it('pauses after the image at work and does nothing then', async () => {
    listenAnew();
    await engine.ask('jobs.pause', { job });
    await reaches('paused');
    const before = (await engine.ask('jobs.get', { job })).finished;
    await engine.ask('jobs.list', {});
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { finished, current } = await engine.ask('jobs.get', { job });
    expect({ finished, current }).toEqual({ finished: before, current: null });
    expect(finished).toBeLessThan(names.length);
  });

  it('lets no second job into its folder, shows previews and images while paused, and goes on', async () => {
    expect(await start()).toMatchObject({ ok: false, failure: { code: 'usage' } });
    const preview = await engine.ask('preview.make', { choice, path: 'h.png' });
    expect(preview.kind).toBe('preview');
    const page = await engine.ask('jobs.items', { job, from: 0, count: 500, only: 'all' });
    expect(page.items.map(({ path }) => path)).toEqual([...names].sort());
    expect(page.items.at(0)).toMatchObject({ state: 'done', thumbnail: { width: 160, height: 160 } });
    listenAnew();
    await engine.ask('jobs.resume', { job });
    await images(1);
  });

  it('is cancelled within seconds and leaves whole files only', async () => {
    listenAnew();
    const pid = await jobProcess();
    await engine.ask('jobs.cancel', { job });
    await reaches('cancelled');
    expect(isAlive(pid)).toBe(false);
    const files = await readdir(place.out, { recursive: true });
    expect(files.filter((file) => isTemporaryName(file))).toEqual([]);
    const pictures = files.filter((file) => file.endsWith('.png') && !file.startsWith('.medlocker'));
    for (const picture of pictures) {
      expect(files).toEqual(expect.arrayContaining([`${picture}.certificate.json`, `${picture}.mlr`]));
    }
    expect(files).not.toContain('medlocker-set.json');
  });

  it('survives the death of its process: the engine says so and the job can be resumed', async () => {
    listenAnew();
    await engine.ask('jobs.resume', { job });
    await images(1);
    process.kill(await jobProcess(), 'SIGKILL');
    const { state: failed } = await reaches('failed', 'interrupted');
    if (failed.status === 'failed') {
      expect(failed.failure.message).not.toBe('');
      expect(failed.failure.hint).not.toBeNull();
    }
    expect((await engine.ask('app.device', {})).cores).toBeGreaterThan(0);
    listenAnew();
    await engine.ask('jobs.resume', { job });
    await images(1);
  });

  it('is found again, interrupted, when the engine was killed, and needs its key unlocked to go on', async () => {
    const pid = await jobProcess();
    const ended = new Promise((resolve) => engine.child.once('exit', resolve));
    engine.child.kill('SIGKILL');
    await ended;
    engine = new EngineProcess(place.folder);
    const [found] = await engine.ask('jobs.list', {});
    expect(found).toMatchObject({ id: job, title: 'images', state: { status: 'interrupted' } });
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await engine.reply('jobs.resume', { job })).toMatchObject({ failure: { code: 'wrong-key' } });
    await engine.ask('keys.unlock', { key: place.owner.id, passphrase, remember: false });
    listenAnew();
    await engine.ask('jobs.resume', { job });
    expect(await reaches('done', 'failed')).toMatchObject({
      state: { status: 'done' },
      finished: names.length,
      totals: { total: names.length, failed: 0 },
    });
  });

  it('has after all that written the same bytes as `medlocker protect`, undisturbed', async () => {
    const header = await readHeader(join(place.out, '.medlocker/job.json'));
    const out = place.path('undisturbed');
    const { code, stderr } = await medlocker(
      [
        ...['protect', place.path('images'), '--out', out, '--logo', bundledLogo],
        ...['--surrogate', place.path('surrogate.onnx'), '--victim', place.path('victim.onnx')],
        ...['--preset', 'balanced', '--marks', '2', '--size', '0.1', '--budget', '12', '--seed', '1'],
        ...['--pipeline', 'direct', '--verify-pipeline', 'direct', '--verify-pipeline', 'jpeg:75'],
        ...['--zone', 'grad-cam', '--no-landmarks', '--format', 'png'],
        ...['--owner-key', place.path('engine', 'keys', `${place.owner.id}.key`)],
      ],
      // The one thing that differs by nature: when it was.
      { MEDLOCKER_PASSPHRASE: passphrase, SOURCE_DATE_EPOCH: `${Date.parse(header?.created ?? '') / 1000}` },
    );
    expect(code, stderr).toBe(0);
    const tree = await publicTree(out);
    expect(Object.keys(tree)).toHaveLength(3 * names.length + 1);
    expect(await publicTree(place.out)).toEqual(tree);
  });
});

describe('an image that fails', () => {
  it('is listed with reason and hint, and done when it is mended and tried again', async () => {
    const source = place.path('patients');
    await writeEye(join(source, 'one.png'), 3);
    await writeEye(join(source, 'two.png'), 4);
    await truncate(join(source, 'two.png'), 900);
    const out = engine.grant(place.path('patients-out'));
    const reply = await start({ ...(await chosenAgain()), source: engine.grant(source), out });
    if (!reply.ok) throw new Error(reply.failure.message);
    job = reply.value.id;
    const ended = await reaches('done', 'failed');
    expect(ended).toMatchObject({ state: { status: 'done' }, totals: { total: 2, done: 1, failed: 1 } });
    const failed = await engine.ask('jobs.items', { job, from: 0, count: 10, only: 'failed' });
    expect(failed).toMatchObject({
      total: 1,
      items: [{ path: 'two.png', state: 'failed', code: 'image-unreadable', thumbnail: null }],
    });
    expect(failed.items[0].reason).not.toBe('');
    await writeEye(join(source, 'two.png'), 4);
    listenAnew();
    await engine.ask('jobs.retryFailed', { job });
    expect(await reaches('done', 'failed')).toMatchObject({
      totals: { total: 2, done: 1, kept: 1, failed: 0 },
    });
  });
});

describe('an output folder that vanishes', () => {
  it('ends the job with a reason instead of a signed set with holes, and the next start makes it whole', async () => {
    const out = place.path('vanishing');
    const chosen = await chosenAgain();
    const source = engine.grant(place.path('images'));
    const reply = await start({ ...chosen, source, out: engine.grant(out), limit: 6 });
    if (!reply.ok) throw new Error(reply.failure.message);
    job = reply.value.id;
    await images(1);
    await rm(out, { recursive: true, force: true, maxRetries: 5 });
    const { state: ended } = await reaches('done', 'failed');
    expect(ended).toMatchObject({ status: 'failed', failure: { code: 'job-inconsistent' } });
    expect(await readdir(out).catch(() => [])).not.toContain('medlocker-set.json');
    listenAnew();
    await engine.ask('jobs.resume', { job });
    expect(await reaches('done', 'failed')).toMatchObject({
      state: { status: 'done' },
      totals: { failed: 0 },
    });
    expect(Object.keys(await publicTree(out))).toHaveLength(3 * 6 + 1);
    await engine.ask('jobs.discard', { job });
  });
});

describe('the list of jobs', () => {
  it('is newest first and forgets a discarded job, whose files stay', async () => {
    const list = await engine.ask('jobs.list', {});
    expect(list.map(({ title }) => title)).toEqual(['patients', 'images']);
    const scan = await engine.ask('source.scan', { source: engine.grant(place.path('images')) });
    expect(scan.images).toHaveLength(names.length);
    const before = await publicTree(place.path('patients-out'));
    await engine.ask('jobs.discard', { job: list[0].id });
    expect((await engine.ask('jobs.list', {})).map(({ title }) => title)).toEqual(['images']);
    expect(await publicTree(place.path('patients-out'))).toEqual(before);
  });

  it('puts a damaged entry aside, says so, and keeps the others', async () => {
    await writeFile(join(place.folder, 'engine/jobs', `${'f'.repeat(32)}.json`), '{"id": "ffff');
    await engine.end();
    engine = new EngineProcess(place.folder);
    expect((await engine.ask('jobs.list', {})).map(({ title }) => title)).toEqual(['images']);
    const { message, hint } = await engine.heard('app.notice', () => true);
    expect(`${message} ${hint}`).toContain('damaged');
    expect(await readdir(join(place.folder, 'engine/jobs'))).toContain(`${'f'.repeat(32)}.json.damaged`);
  });
});

/** The choice with ids of the engine that runs now. */
async function chosenAgain(): Promise<ProtectChoice> {
  const graders = await engine.ask('graders.list', {});
  const own = (name: string) => graders.find((grader) => grader.name.includes(name))?.id ?? '';
  return { ...choice, surrogates: [own('surrogate')], victims: [own('victim')] };
}
