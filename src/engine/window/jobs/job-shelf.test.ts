import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { presetSettings } from '../../../shared/presets.ts';
import type { ProtectJob } from '../../../shared/protect-job.ts';
import { PathBook } from '../path-book.ts';
import { PictureStore } from '../picture-store.ts';
import type { WindowHost } from '../topic.ts';
import { JobShelf } from './job-shelf.ts';

let folder: string;
let notices: string[];
let host: WindowHost;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medlocker-shelf-'));
  notices = [];
  host = {
    data: folder,
    paths: new PathBook(),
    pictures: await PictureStore.open(join(folder, 'pictures')),
    threads: () => 1,
    emit: (event, payload) => notices.push(`${event} ${JSON.stringify(payload)}`),
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = () => JobShelf.open(join(folder, 'jobs'), host);
const key = 'a'.repeat(64);

describe('the shelf of jobs', () => {
  it('finds every job again after a restart, newest first, one that was running as interrupted', async () => {
    const shelf = await open();
    const first = await shelf.add(jobInto('one'), key, false);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await shelf.add(jobInto('two'), key, true);
    first.record = { ...first.record, status: 'done', finished: 3, notes: ['a.png: no disc found'] };
    await shelf.save(first);
    const found = (await open()).list();
    expect(found.map(({ record }) => record)).toEqual([second.record, first.record]);
    expect(found.map(({ state }) => state.status)).toEqual(['interrupted', 'done']);
    expect(found.map((job) => shelf.shown(job).notes)).toEqual([0, 1]);
  });

  it('does not bring a removed job back by a write that was on its way', async () => {
    const shelf = await open();
    const job = await shelf.add(jobInto('one'), key, false);
    const writes = [shelf.save(job), shelf.save(job)];
    await Promise.all([shelf.remove(job.record.id), ...writes, shelf.save(job)]);
    expect(await readdir(join(folder, 'jobs'))).toEqual([]);
    expect((await open()).list()).toEqual([]);
  });

  it('goes on writing after a write that failed', async () => {
    const shelf = await open();
    const job = await shelf.add(jobInto('one'), key, false);
    await rm(join(folder, 'jobs'), { recursive: true });
    await writeFile(join(folder, 'jobs'), 'in the way');
    await expect(shelf.save(job)).rejects.toThrow();
    await rm(join(folder, 'jobs'));
    await shelf.save(job);
    expect((await open()).list()).toHaveLength(1);
  });

  it('puts a damaged entry aside and says so', async () => {
    await (await open()).add(jobInto('one'), key, false);
    await writeFile(join(folder, 'jobs', `${'f'.repeat(32)}.json`), '{"id": "ffff');
    expect((await open()).list()).toHaveLength(1);
    expect(notices.join()).toContain('damaged');
    expect(await readdir(join(folder, 'jobs'))).toContain(`${'f'.repeat(32)}.json.damaged`);
  });
});

function jobInto(out: string): ProtectJob {
  return {
    source: join(folder, 'images'),
    out: join(folder, out),
    settings: { preset: 'balanced', seed: 1, ...presetSettings('balanced') },
    logo: join(folder, 'logo.png'),
    surrogates: [join(folder, 'grader.onnx')],
    victims: [],
    verifyPipelines: ['direct'],
    labels: null,
    annotations: null,
    zoneSource: 'auto',
    lesionNetwork: null,
    camThreshold: null,
    dilation: null,
    allowUnannotated: false,
    landmarks: true,
    format: 'png',
    stripMetadata: false,
    owner: null,
    rights: null,
    threads: 1,
    shard: null,
    retryFailed: false,
    limit: null,
  };
}
