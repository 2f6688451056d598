import { readdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabRun } from '../../src/shared/contract/lab.ts';
import { writeEye } from '../end-to-end/workplace.ts';
import { EngineProcess } from './engine-process.ts';
import { protectedByWindow, type ProtectedByWindow } from './protected-by-window.ts';

let place: ProtectedByWindow;

beforeAll(async () => {
  place = await protectedByWindow();
});
afterAll(() => place.remove());

const ended = (run: LabRun, engine = place.engine) =>
  engine.heard('lab.changed', ({ id, state }) => id === run.id && !/running|canceling/.test(state.status));

async function graderId(name: string): Promise<string> {
  const found = (await place.engine.ask('graders.list', {})).find((grader) => grader.name === name);
  return found?.id ?? 'missing';
}

describe('graders', () => {
  it('lists bundled graders with the figures of their cards, and imported ones without', async () => {
    const listed = await place.engine.ask('graders.list', {});
    const card = JSON.parse(await readFile('assets/graders/demo-resnet.card.json', 'utf8')) as {
      heldOut: { accuracy: { rate: number; low: number; high: number } };
      sha256: string;
    };
    const { rate: value, low, high } = card.heldOut.accuracy;
    expect(listed.find(({ name }) => name === 'demo-resnet')).toMatchObject({
      ...{ source: 'bundled', usable: true, classes: 5, inputWidth: 128, sha256: card.sha256 },
      metrics: expect.arrayContaining([{ name: 'accuracy', value, low, high }]) as unknown,
    });
    expect(listed.find(({ name }) => name === 'victim')).toMatchObject({
      ...{ source: 'imported', usable: true, inputWidth: 32, metrics: [] },
    });
  });

  it('refuses a broken grader with the reason and does not list it', async () => {
    const { engine, path } = place;
    const whole = await readFile(path('victim.onnx'));
    await writeFile(path('broken.onnx'), whole.subarray(0, whole.length >> 1));
    const reply = await engine.reply('graders.import', { file: engine.grant(path('broken.onnx')) });
    expect(reply).toMatchObject({ ok: false, failure: { code: 'model-unreadable' } });
    expect(!reply.ok && reply.failure.message).toMatch(/broken\.onnx/);
    expect((await engine.ask('graders.list', {})).map(({ name }) => name)).not.toContain('broken');
  });

  it('shows what a grader sees and answers, for images spread over a folder', async () => {
    const { engine, path } = place;
    const shown = await engine.ask('graders.preview', {
      ...{ grader: await graderId('victim'), folder: engine.grant(path('images')), images: 2 },
    });
    expect(shown.map(({ name }) => name)).toEqual(['a.png', 'b.png']);
    for (const { seen, probabilities, answer } of shown) {
      expect([seen.width, seen.height]).toEqual([32, 32]);
      expect(probabilities.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 5);
      expect(probabilities[answer]).toBe(Math.max(...probabilities));
    }
    const { facts } = await engine.ask('graders.inspect', { grader: await graderId('victim') });
    expect(facts).toContainEqual({ name: 'classes', value: 5 });
  });
});

describe('transfer', () => {
  it('gives a matrix whose cells open the images they were counted from', async () => {
    const { engine, job } = place;
    const matrix = await engine.ask('lab.transferMatrix', { job: job.id });
    expect(matrix.graders).toEqual([
      { name: 'surrogate', role: 'surrogate' },
      { name: 'victim', role: 'victim' },
    ]);
    expect(matrix.pipelines).toEqual(['direct', 'jpeg:75']);
    expect(matrix.cells).toHaveLength(4);
    for (const cell of matrix.cells) {
      const { grader, pipeline } = cell;
      const images = await engine.ask('lab.cellImages', { job: job.id, grader, pipeline });
      const counted = images.filter((image) => image.counted);
      expect(images.map(({ path }) => path)).toEqual(['a.png', 'b.png', 'deep/c.png']);
      expect(cell.protected).toMatchObject({
        n: counted.length,
        k: counted.filter((image) => image.protected !== image.reference).length,
      });
    }
  });

  it('measured again with the same graders finds what the job found, control included', async () => {
    const { engine, job } = place;
    const run = await engine.ask('lab.start', {
      kind: 'transfer',
      settings: {
        job: job.id,
        graders: [await graderId('surrogate'), await graderId('victim')],
        pipelines: ['direct', 'jpeg:75'],
      },
    });
    expect(run).toMatchObject({
      state: { status: 'running' },
      settings: { job: 'images', graders: ['surrogate', 'victim'] },
    });
    const done = await ended(run);
    expect(done).toMatchObject({ state: { status: 'done' }, progress: 1 });
    const records = JSON.parse(await readFile(`${done.out?.shown}/transfer.json`, 'utf8')) as {
      images: { path: string; transfer: unknown }[];
    };
    const journal = await readFile(`${place.out}/.medlocker/journal-main.jsonl`, 'utf8');
    const measured = journal
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { state?: string; path: string; report: { transfer: unknown } })
      .filter(({ state }) => state === 'done')
      .map(({ path, report }) => ({ path, transfer: report.transfer }));
    expect(records.images).toEqual(measured);
    const { cells } = await engine.ask('lab.transferMatrix', { job: job.id });
    for (const { grader, pipeline, protected: rate } of cells) {
      const row = done.tables[0]?.rows.find((one) => one[0] === grader && one[2] === pipeline);
      expect(row?.slice(3, 7)).toEqual([rate.n, rate.rate, rate.low, rate.high]);
    }
  });

  it('says which setting is wrong before anything starts', async () => {
    const { engine, job } = place;
    const settings = { job: job.id, graders: [] };
    const reply = await engine.reply('lab.start', { kind: 'transfer', settings });
    expect(reply).toMatchObject({ ok: false, failure: { code: 'settings-invalid' } });
    expect(!reply.ok && reply.failure.message).toMatch(/^Graders: /);
    const slip = { job: job.id, graders: [await graderId('victim')], pipelines: ['jpeg:75', 'jpg:75'] };
    expect(await engine.reply('lab.start', { kind: 'transfer', settings: slip })).toMatchObject({
      failure: {
        code: 'settings-invalid',
        message: expect.stringMatching(/^Pipelines: .*"jpg:75"/) as unknown,
      },
    });
    const unknown = { job: '0'.repeat(32), graders: [await graderId('victim')] };
    expect(await engine.reply('lab.start', { kind: 'transfer', settings: unknown })).toMatchObject({
      ...{ ok: false, failure: { code: 'usage' } },
    });
  });

  it('describes every kind as a form with defaults that need no more than what is chosen', async () => {
    for (const { settings } of await place.engine.ask('lab.kinds', {})) {
      const form = settings as { type: string; properties: Record<string, object>; required: string[] };
      expect(form.type).toBe('object');
      for (const name of form.required) {
        const field = form.properties[name] as { format?: string; items?: { format?: string } };
        expect(field.format ?? field.items?.format, name).toMatch(/-handle$|^grader$|^job$/);
      }
      for (const field of Object.values(form.properties)) expect(field).toHaveProperty('title');
    }
  });
});

describe('training', () => {
  let trained: LabRun;

  const settings = (more: object) => ({
    ...{
      source: place.engine.grant(place.path('eyes')),
      labels: place.engine.grant(place.path('labels.csv')),
    },
    ...{ name: 'tiny', architecture: 'small-mobilenet', inputSize: 32, batchSize: 4, classes: 5 },
    ...{ validationShare: 0.4, augmentation: 'light', patience: 0 },
    ...more,
  });

  beforeAll(async () => {
    const lines = ['file,grade'];
    for (let index = 0; index < 10; index++) {
      await writeEye(place.path('eyes', `${index}.png`), index, 96);
      lines.push(`${index}.png,${index % 5}`);
    }
    await writeFile(place.path('labels.csv'), lines.join('\n'));
  });

  it('tells each epoch while it runs, and its grader enters the list', async () => {
    const { engine } = place;
    const started = await engine.ask('lab.start', { kind: 'train', settings: settings({ epochs: 3 }) });
    const done = await ended(started);
    trained = done;
    expect(done.state).toEqual({ status: 'done' });
    const loss = done.series.find(({ name }) => name === 'training loss');
    expect(loss?.points.map(({ x }) => x)).toEqual([1, 2, 3]);
    expect(loss?.points.every(({ y }) => y !== null && y > 0)).toBe(true);
    expect(done.tables.map(({ title }) => title)).toContain('Confusion on the validation images');
    const grader = (await engine.ask('graders.list', {})).find(({ name }) => name === 'tiny');
    expect(grader).toMatchObject({ source: 'trained', usable: true, inputWidth: 32 });
    expect(grader?.metrics.map(({ name }) => name)).toContain('accuracy');

    const export_ = async (format: 'csv' | 'json') => {
      const file = engine.grant(place.path(`run.${format}`));
      const handle = await engine.ask('lab.export', { run: started.id, format, file });
      return readFile(handle.shown, 'utf8');
    };
    const json = JSON.parse(await export_('json')) as LabRun;
    expect(json.series).toEqual(done.series);
    expect((await export_('csv')).split('\r\n')).toContain('training loss');
  });

  it.runIf(process.platform === 'linux')(
    'ends with its engine, says so after the next start, and goes on when asked to',
    async () => {
      const engine = new EngineProcess(place.path('killed'));
      const grant = {
        source: engine.grant(place.path('eyes')),
        labels: engine.grant(place.path('labels.csv')),
      };
      const run = await engine.ask('lab.start', {
        kind: 'train',
        settings: settings({ ...grant, epochs: 5000 }),
      });
      await engine.heard('lab.changed', ({ id, series }) => id === run.id && series.length > 0);
      const { pid } = engine.child;
      const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'))
        .trim()
        .split(' ')
        .map(Number);
      expect(children).toHaveLength(1);
      engine.child.kill('SIGKILL');
      await Promise.all(children.map(gone));
      const next = new EngineProcess(place.path('killed'));
      try {
        const [found] = await next.ask('lab.list', {});
        expect(found).toMatchObject({
          id: run.id,
          state: { status: 'failed', failure: { code: 'cancelled' } },
          resumable: true,
        });
        const known = epochsOf(found);
        await next.ask('lab.resume', { run: run.id });
        const further = await next.heard(
          'lab.changed',
          (now) => now.id === run.id && epochsOf(now).length > known.length,
        );
        const epochs = epochsOf(further);
        expect(epochs).toEqual(epochs.map((_, index) => index + 1));
        expect(further.settings).toEqual(run.settings);
      } finally {
        await next.end();
      }
    },
  );

  it('goes on to its end after it was cancelled, and is done as if it had never stopped', async () => {
    const { engine } = place;
    const given = settings({ name: 'resumed', epochs: 30 });
    const run = await engine.ask('lab.start', { kind: 'train', settings: given });
    await engine.heard('lab.changed', ({ id, series }) => id === run.id && series.length > 0);
    await engine.ask('lab.cancel', { run: run.id });
    const stopped = await ended(run);
    expect(stopped).toMatchObject({ state: { status: 'cancelled' }, resumable: true });
    engine.events.length = 0;
    const resumed = await engine.ask('lab.resume', { run: run.id });
    expect(resumed).toMatchObject({ state: { status: 'running' }, resumable: false });
    const done = await ended(run);
    expect(done).toMatchObject({ state: { status: 'done' }, resumable: false });
    expect(epochsOf(done)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect((await engine.ask('graders.list', {})).map(({ name }) => name)).toContain('resumed');
    expect(await engine.reply('lab.resume', { run: run.id })).toMatchObject({
      ...{ ok: false, failure: { code: 'usage' } },
    });
  });

  it('is cancelled, and both runs are found again after a restart', async () => {
    const { engine, folder } = place;
    const run = await engine.ask('lab.start', { kind: 'train', settings: settings({ epochs: 5000 }) });
    await engine.heard('lab.changed', ({ id, series }) => id === run.id && series.length > 0);
    expect(await engine.ask('lab.cancel', { run: run.id })).toMatchObject({ state: { status: 'canceling' } });
    const cancelled = await ended(run);
    expect(cancelled.state).toEqual({ status: 'cancelled' });
    expect(await engine.reply('lab.remove', { run: trained.id })).toMatchObject({
      ...{ ok: false, failure: { code: 'usage' } },
    });
    await engine.end();
    const next = new EngineProcess(folder);
    try {
      const [newest, ...others] = await next.ask('lab.list', {});
      expect(newest).toMatchObject({ id: run.id, state: { status: 'cancelled' } });
      expect(newest?.series).toEqual(cancelled.series);
      expect(others.find(({ id }) => id === trained.id)).toMatchObject({ state: { status: 'done' } });
      await next.ask('lab.remove', { run: run.id });
      expect((await next.ask('lab.list', {})).map(({ id }) => id)).not.toContain(run.id);
      expect(await readdir(place.path('engine', 'runs'))).not.toContain(run.id);
    } finally {
      await next.end();
    }
  });
});

/** Epochs on the curve of the training loss. */
function epochsOf(run: LabRun | undefined): number[] {
  return run?.series.find(({ name }) => name === 'training loss')?.points.map(({ x }) => x) ?? [];
}

/** Waits until a process is no more. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    // A process that has ended and that nobody has asked about yet is no more either.
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (state === '' || state.includes(') Z ')) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
