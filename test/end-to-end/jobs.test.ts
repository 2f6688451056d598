import { copyFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, medlocker, startMedlocker } from './medlocker.ts';
import { makeWorkplace, protectArguments, publicTree, writeEye, type Workplace } from './workplace.ts';

let place: Workplace;
/** What one undisturbed run over the four images writes. */
let whole: Record<string, string>;

beforeAll(async () => {
  place = await makeWorkplace(['a.png', 'b.png', 'deep/c.png', 'deep/d.png']);
  const run = await medlocker(protectArguments(place, place.path('whole')));
  if (run.code !== 0) throw new Error(run.stderr);
  whole = await publicTree(place.path('whole'));
});

afterAll(() => place.remove());

describe('an interrupted job', () => {
  it('ends with code 130 on Ctrl-C, leaves only whole files, and goes on to the same bytes', async () => {
    const out = place.path('interrupted');
    const run = startMedlocker(protectArguments(place, out));
    await run.untilSays('[1/4]');
    run.child.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
    const left = await publicTree(out);
    expect(Object.keys(left).length).toBeLessThan(Object.keys(whole).length);
    for (const [path, hash] of Object.entries(left)) expect([path, hash]).toEqual([path, whole[path]]);
    expect(Object.keys(left)).not.toContain('medlocker-set.json');
    expect((await medlocker(protectArguments(place, out))).code).toBe(0);
    expect(await publicTree(out)).toEqual(whole);
  });

  it('is not disturbed by a lock whose process is gone', async () => {
    const out = place.path('killed');
    const run = startMedlocker(protectArguments(place, out));
    await run.untilSays('[1/4]');
    run.child.kill('SIGKILL');
    await run.ended;
    expect(await readdir(join(out, '.medlocker'))).toContain('lock-main');
    expect((await medlocker(protectArguments(place, out))).code).toBe(0);
    expect(await publicTree(out)).toEqual(whole);
    expect(await readdir(join(out, '.medlocker'))).not.toContain('lock-main');
  });

  it('does not let a second process into the same job', async () => {
    const out = place.path('twice');
    const first = startMedlocker(protectArguments(place, out));
    await first.untilSays('protect: 4 images');
    const second = await medlocker(protectArguments(place, out));
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('is working on this job');
    expect((await first.ended).code).toBe(0);
  });
});

describe('shards', () => {
  it('merge to the bytes of one run', async () => {
    const out = place.path('sharded');
    for (const shard of ['1/3', '2/3', '3/3']) {
      const run = await medlocker(protectArguments(place, out, ['--shard', shard]));
      expect(run.code).toBe(0);
      if (shard !== '2/3') continue;
      const early = await medlocker(['merge', out, '--owner-key', place.ownerKey]);
      expect(early.code).toBe(1);
      expect(early.stderr).toContain('shard 3-of-3 has not run');
    }
    expect((await medlocker(['merge', out, '--owner-key', place.ownerKey])).code).toBe(0);
    expect(await publicTree(out)).toEqual(whole);
  });
});

describe('bad images', () => {
  it('fail with a reason each while the rest goes on, and are tried again on request', async () => {
    const images = place.path('mixed');
    await writeEye(join(images, 'good.png'), 3);
    await writeFile(join(images, 'empty.png'), '');
    await writeFile(join(images, 'words.jpg'), 'this is no photograph');
    await writeFile(join(images, 'notes.txt'), 'left out');
    const out = place.path('mixed-out');
    const args = protectArguments({ ...place, images }, out);
    const run = await medlocker([...args, '--json']);
    expect(run.code).toBe(3);
    const result = jsonLines(run.stdout).at(-1);
    expect(result).toMatchObject({ outcome: 'with-failures', totals: { done: 1, failed: 2 } });
    expect(result?.['failures']).toMatchObject([
      { path: 'empty.png', code: 'image-unreadable' },
      { path: 'words.jpg', code: 'image-unreadable' },
    ]);
    expect(result?.['skipped']).toMatchObject([{ path: 'notes.txt' }]);

    expect((await medlocker(args)).code).toBe(3);
    await copyFile(join(images, 'good.png'), join(images, 'empty.png'));
    await rm(join(images, 'words.jpg'));
    const fixed = await medlocker([...args, '--retry-failed']);
    expect(fixed.stdout).toContain('2 protected (1 from an earlier run), 0 without room, 0 failed');
    expect(fixed.code).toBe(0);
  });

  it('whose names would meet in the output get outputs of their own', async () => {
    const images = place.path('namesakes');
    await writeEye(join(images, 'eye.png'), 3);
    await copyFile(join(images, 'eye.png'), join(images, 'eye.tif'));
    const out = place.path('namesakes-out');
    expect((await medlocker(protectArguments({ ...place, images }, out))).code).toBe(0);
    expect(Object.keys(await publicTree(out))).toEqual(
      expect.arrayContaining(['eye.png.png', 'eye.tif.png']),
    );
  });
});

describe('before any image is touched', () => {
  it('a dry run tells files, time and disk and writes nothing', async () => {
    const out = place.path('planned');
    const args = protectArguments(place, out, ['--dry-run', '--json']).filter(
      (word, index, all) => word !== '--owner-key' && all[index - 1] !== '--owner-key',
    );
    const run = await medlocker(args);
    expect(run.code).toBe(0);
    const plan = jsonLines(run.stdout).at(-1);
    expect(plan).toMatchObject({ kind: 'plan', images: [{ path: 'a.png', width: 160 }, {}, {}, {}] });
    expect(plan?.['estimate']).toMatchObject({
      basis: expect.stringContaining('tried in memory') as unknown,
    });
    expect(await readdir(out).catch(() => 'nothing')).toBe('nothing');
  });

  it.each([
    [
      'the output in the source',
      (at: Workplace) => protectArguments(at, join(at.images, 'out')),
      'lies in the source',
    ],
    ['the source in the output', (at: Workplace) => protectArguments(at, at.folder), 'lies in --out'],
    [
      'an output that holds other files',
      (at: Workplace) => protectArguments(at, at.images + '-mine'),
      'holds other files',
    ],
    [
      'a missing source',
      (at: Workplace) => ['protect', at.path('nowhere'), ...protectArguments(at, at.path('x')).slice(2)],
      'does not exist',
    ],
    [
      'an unknown preset',
      (at: Workplace) => protectArguments(at, at.path('x'), ['--preset', 'loud']),
      'Allowed choices',
    ],
    [
      'a missing logo',
      (at: Workplace) => protectArguments({ ...at, logo: at.path('no.png') }, at.path('x')),
      'no.png',
    ],
    [
      'a grader that is none',
      (at: Workplace) => protectArguments({ ...at, surrogate: at.logo }, at.path('x')),
      'logo.svg',
    ],
  ])('%s is refused with code 2', async (_name, args, words) => {
    await writeEye(place.images + '-mine/own.png', 1);
    const run = await medlocker(args(place));
    expect(run.stderr).toContain(words);
    expect(run.code).toBe(2);
  });

  it('an output that cannot be made is explained, with code 1', async () => {
    const run = await medlocker(protectArguments(place, join(place.logo, 'out')));
    expect(run.stderr).toContain('a file stands where a folder is needed');
    expect(run.code).toBe(1);
  });

  it('a wrong passphrase is refused with code 4', async () => {
    const run = await medlocker(protectArguments(place, place.path('x')), {
      MEDLOCKER_PASSPHRASE: 'not the one',
    });
    expect(run.stderr).toContain('the passphrase does not open this key file');
    expect(run.code).toBe(4);
  });

  it('help teaches: every command has examples or options, and the exit codes are told', async () => {
    const help = await medlocker(['--help']);
    expect(help.code).toBe(0);
    expect(help.stdout).toMatch(/130 {2}cancelled/);
    for (const command of ['protect', 'verify', 'restore', 'inspect', 'merge']) {
      expect((await medlocker([command, '--help'])).stdout).toContain('Example');
    }
  });
});
