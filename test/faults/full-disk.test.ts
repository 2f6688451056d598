import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { medlocker } from '../end-to-end/medlocker.ts';
import {
  makeWorkplace,
  protectArguments,
  publicTree,
  writeEye,
  type Workplace,
} from '../end-to-end/workplace.ts';
import { bindingIsInstalled } from '../../src/ml/runtime/tensorflow.ts';
import { mountSmallDisk, noSmallDisk } from './small-disk.ts';

const room = 64 * 2 ** 20;
const page = 4096;

describe.skipIf(noSmallDisk !== null)(`a full disk under protect (${noSmallDisk ?? 'a real one'})`, () => {
  let place: Workplace;
  let whole: Record<string, string>;
  let pages: number;

  beforeAll(async () => {
    place = await makeWorkplace(['a.png', 'b.png', 'deep/c.png']);
    const run = await medlocker(protectArguments(place, place.path('whole')));
    if (run.code !== 0) throw new Error(run.stderr);
    whole = await publicTree(place.path('whole'));
    pages = await pagesOf(place.path('whole'));
  });
  afterAll(() => place.remove());

  it.each([0, 0.2, 0.4, 0.9])(
    'with room for a share of %f it names file, reason and next step, leaves no half file, and finishes once there is room',
    async (share) => {
      const name = `disk-${share}`;
      const disk = mountSmallDisk(place.path(name), page * (2 + Math.floor(share * pages)));
      try {
        const out = join(disk.path, 'out');
        const full = await medlocker(protectArguments(place, out));
        expect([full.code, full.stderr]).toEqual([1, expect.stringMatching(told(disk.path)) as string]);
        const left = await publicTree(out);
        expect(whole).toMatchObject(left);
        expect((await readdir(disk.path, { recursive: true })).filter(isTemporary)).toEqual([]);

        disk.resize(room);
        const again = await medlocker(protectArguments(place, out));
        expect([again.code, again.stderr]).toEqual([0, '']);
        expect(await publicTree(out)).toEqual(whole);
      } finally {
        disk.remove();
      }
    },
  );

  it('a folder for the output that was full from the start is told before any work', async () => {
    const disk = mountSmallDisk(place.path('full'), page);
    try {
      const full = await medlocker(protectArguments(place, join(disk.path, 'out')));
      expect([full.code, full.stdout]).toEqual([1, '']);
      expect(full.stderr).toMatch(told(disk.path));
    } finally {
      disk.remove();
    }
  });
});

describe.skipIf(noSmallDisk !== null || !bindingIsInstalled())(
  `a full disk under train (${noSmallDisk ?? 'a real one; left out without libtensorflow'})`,
  () => {
    let place: Workplace;

    beforeAll(async () => {
      place = await makeWorkplace(['a.png']);
      const lines = ['file,grade,patient'];
      for (let i = 0; i < 20; i++) {
        await writeEye(place.path('eyes', `${i}.png`), i, 64);
        lines.push(`${i}.png,${i % 5},patient ${i}`);
      }
      await writeFile(place.path('labels.csv'), lines.join('\n'));
    });
    afterAll(() => place.remove());

    const train = (out: string) =>
      medlocker([
        ...['train', place.path('eyes'), '--labels', place.path('labels.csv'), '--out', out],
        ...['--arch', 'small-mobilenet', '--name', 'tiny', '--size', '32', '--batch', '8', '--threads', '1'],
        ...['--epochs', '4', '--patience', '0', '--json'],
      ]);

    it('keeps the checkpoint before it, names the one that does not fit, and goes on to the same weights', async () => {
      const whole = await train(place.path('whole'));
      expect(whole.code).toBe(0);
      const { size } = await stat(place.path('whole', 'state-00004.bin'));
      const disk = mountSmallDisk(place.path('disk'), Math.ceil((2.5 * size) / page) * page);
      try {
        const out = join(disk.path, 'out');
        const full = await train(out);
        expect(full.code).toBe(1);
        expect(full.stderr).toMatch(told(disk.path));
        expect(full.stderr).toMatch(/state-0000\d\.bin: the disk is full/);
        const left = await readdir(out);
        expect(left.filter((name) => name.startsWith('state-')).length).toBeGreaterThan(0);
        expect(left.filter(isTemporary)).toEqual([]);

        disk.resize(room);
        const again = await train(out);
        expect(again.code).toBe(0);
        expect(again.stdout).toMatch(/"resumed":[1-3]/);
        const weights = (folder: string) => readFile(join(folder, 'model', 'weights.bin'), 'base64');
        expect(await weights(out)).toBe(await weights(place.path('whole')));
      } finally {
        disk.remove();
      }
    });
  },
);

const isTemporary = (path: string): boolean => /tmp|partial/.test(path);

function told(folder: string): RegExp {
  return new RegExp(
    `cannot write ${folder}/\\S+: the disk is full[\\s\\S]*Free some space[\\s\\S]*same command again`,
  );
}

/** Pages a tree takes on a memory file system, which gives every file whole ones. */
async function pagesOf(folder: string): Promise<number> {
  let pages = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    pages += Math.ceil((await stat(join(entry.parentPath, entry.name))).size / page);
  }
  return pages;
}
