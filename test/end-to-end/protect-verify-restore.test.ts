import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage, readImage } from '../../src/ml/imaging/read-image.ts';
import { encodeLossless } from '../../src/ml/imaging/write-image.ts';
import { withSamples } from '../../src/ml/imaging/raster.ts';
import { jobEventSchema } from '../../src/shared/job-events.ts';
import { jsonLines, medlocker, type Ended } from './medlocker.ts';
import { makeWorkplace, protectArguments, publicTree, type Workplace } from './workplace.ts';

let place: Workplace;
let out: string;
let protectedRun: Ended;
let sourceBefore: Record<string, string>;

beforeAll(async () => {
  place = await makeWorkplace();
  out = place.path('out');
  sourceBefore = await publicTree(place.images);
  protectedRun = await medlocker(protectArguments(place, out, ['--json']));
});

afterAll(() => place.remove());

/** A copy of the protected folder in which one file was changed. */
async function altered(name: string, file: string, change: (bytes: Buffer) => Buffer): Promise<string> {
  const copy = place.path(name);
  await cp(out, copy, { recursive: true });
  await writeFile(join(copy, file), change(await readFile(join(copy, file))));
  return copy;
}

function flipBit(position: number): (bytes: Buffer) => Buffer {
  return (bytes) => {
    const changed = Buffer.from(bytes);
    const index = Math.floor(position * changed.length);
    changed[index] = (changed[index] ?? 0) ^ 1;
    return changed;
  };
}

describe('protect', () => {
  it('ends with code 0 and writes image, certificate and residual of each image, the tree mirrored', async () => {
    expect(protectedRun.stderr).not.toContain('error');
    expect(protectedRun.code).toBe(0);
    const files = ['a.png', 'b.png', 'deep/c.png'].flatMap((path) => [
      path,
      `${path}.certificate.json`,
      `${path}.mlr`,
    ]);
    expect(Object.keys(await publicTree(out))).toEqual([...files, 'medlocker-set.json'].sort());
  });

  it('leaves the source as it was', async () => {
    expect(await publicTree(place.images)).toEqual(sourceBefore);
  });

  it('tells its progress as numbered events, one JSON line each, and a result at the end', () => {
    const lines = jsonLines(protectedRun.stdout);
    const events = lines.slice(0, -1).map((line) => jobEventSchema.parse(line));
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter(({ kind }) => kind === 'image-finished')).toHaveLength(3);
    const finished = events.flatMap((event) => (event.kind === 'progress' ? [event.finished] : []));
    expect(finished).toEqual([1, 2, 3]);
    expect(lines.at(-1)).toMatchObject({
      kind: 'result',
      outcome: 'complete',
      totals: { done: 3, failed: 0 },
    });
  });

  it('keeps every finished image when it is started again, and writes the same bytes', async () => {
    const before = await publicTree(out);
    const again = await medlocker(protectArguments(place, out));
    expect(again.code).toBe(0);
    expect(again.stdout).toContain('3 protected (3 from an earlier run)');
    expect(await publicTree(out)).toEqual(before);
  });

  it('does a lost output again, with the same bytes', async () => {
    const copy = await altered('lost', 'b.png', () => Buffer.alloc(3));
    const again = await medlocker(protectArguments(place, copy));
    expect(again.stdout).toContain('3 protected (2 from an earlier run)');
    expect(await publicTree(copy)).toEqual(await publicTree(out));
  });

  it('refuses to go on with other settings, naming them', async () => {
    const other = await medlocker(protectArguments(place, out, ['--seed', '7']));
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('settings.seed 1 then, 7 now');
  });
});

describe('verify', () => {
  it('says verified, with code 0, for the untouched folder and a trusted key', async () => {
    const run = await medlocker(['verify', out, '--trust', place.ownerPublic, '--json']);
    expect(run.code).toBe(0);
    const valid = { status: 'valid' };
    expect(jsonLines(run.stdout).at(-1)).toMatchObject({
      verified: true,
      set: { integrity: valid, signature: valid, trust: valid },
    });
  });

  it('does not say verified when no key is trusted', async () => {
    const run = await medlocker(['verify', out]);
    expect(run.code).toBe(4);
    expect(run.stdout).toMatch(/integrity {2}valid/);
    expect(run.stdout).toMatch(/trust {6}unknown .*no-trusted-keys/);
    expect(run.stdout).toContain('NOT VERIFIED');
  });

  it.each([
    ['certificate', 'a.png.certificate.json'],
    ['residual', 'a.png.mlr'],
    ['manifest', 'medlocker-set.json'],
  ])('answers with code 4 when one bit of the %s is flipped', async (name, file) => {
    const copy = await altered(`flipped-${name}`, file, flipBit(0.6));
    const run = await medlocker(['verify', copy, '--trust', place.ownerPublic]);
    expect(run.code).toBe(4);
    expect(run.stdout).toContain('NOT VERIFIED');
  });

  it('answers with code 4 when one sample of a protected image differs by one', async () => {
    const { raster } = await readImage(join(out, 'a.png'));
    const samples = raster.data.slice();
    samples[5000] = (samples[5000] ?? 0) ^ 1;
    const bytes = await encodeLossless(withSamples(raster, samples), 'png', null);
    const copy = await altered('sample', 'a.png', () => bytes);
    const run = await medlocker(['verify', join(copy, 'a.png'), '--trust', place.ownerPublic, '--json']);
    expect(run.code).toBe(4);
    expect(run.stdout).toContain('"code":"pixels-altered"');
  });
});

describe('restore', () => {
  it('gives every original back bit for bit with the owner key', async () => {
    const run = await medlocker([
      'restore',
      out,
      '--out',
      place.path('originals'),
      '--owner-key',
      place.ownerKey,
    ]);
    expect(run.code).toBe(0);
    for (const path of ['a.png', 'b.png', 'deep/c.png']) {
      const { raster: original } = await readImage(join(place.images, path));
      const { raster: restored } = await decodeImage(await readFile(place.path('originals', path)), path);
      expect(restored).toEqual(original);
      expect((await readImage(join(out, path))).raster.data).not.toEqual(original.data);
    }
  });

  it('works with a licence for the right recipient and for nobody else', async () => {
    for (const name of ['ada', 'eve']) {
      await medlocker(['keys', 'create-recipient', '--name', name, '--out', place.path(name)]);
    }
    const licence = place.path('ada.licence.json');
    const granted = await medlocker([
      ...['licence', 'grant', out, '--owner-key', place.ownerKey, '--recipient', place.path('ada.pub')],
      ...['--licensee', 'Ada', '--expires', '2099-12-31', '--out', licence],
    ]);
    expect(granted.code).toBe(0);
    const restore = (key: string) => [
      ...[
        'restore',
        out,
        '--out',
        place.path(`by-${key}`),
        '--licence',
        licence,
        '--trust',
        place.ownerPublic,
      ],
      ...['--recipient-key', place.path(`${key}.key`)],
    ];
    expect((await medlocker(restore('ada'))).code).toBe(0);
    expect((await medlocker(restore('eve'))).code).toBe(4);
    expect(await publicTree(place.path('by-eve')).catch(() => ({}))).toEqual({});
  });

  it('refuses an expired licence', async () => {
    const licence = place.path('old.licence.json');
    await writeFile(place.path('pass.txt'), 'a long enough passphrase\n');
    const pass = ['--licence-passphrase-file', place.path('pass.txt')];
    await medlocker([
      ...[
        'licence',
        'grant',
        out,
        '--owner-key',
        place.ownerKey,
        '--licensee',
        'Late',
        '--expires',
        '2020-01-01',
      ],
      ...['--out', licence, ...pass],
    ]);
    const run = await medlocker([
      ...['restore', out, '--out', place.path('late'), '--licence', licence, '--trust', place.ownerPublic],
      ...['--passphrase-file', place.path('pass.txt')],
    ]);
    expect(run.code).toBe(4);
    expect(run.stderr).toContain('the licence ended');
  });

  it('refuses an altered image, restores the others, and writes a preview only when asked', async () => {
    const { raster } = await readImage(join(out, 'a.png'));
    const samples = raster.data.slice();
    samples[10] = (samples[10] ?? 0) ^ 1;
    const bytes = await encodeLossless(withSamples(raster, samples), 'png', null);
    const copy = await altered('repainted', 'a.png', () => bytes);
    const restore = ['restore', copy, '--owner-key', place.ownerKey];
    const refused = await medlocker([...restore, '--out', place.path('refused')]);
    expect(refused.code).toBe(4);
    expect(Object.keys(await publicTree(place.path('refused')))).toEqual(['b.png', 'deep/c.png']);
    const preview = await medlocker([...restore, '--out', place.path('preview'), '--preview']);
    expect(preview.code).toBe(4);
    expect(Object.keys(await publicTree(place.path('preview')))).toContain('a.approximate-preview.png');
  });
});
