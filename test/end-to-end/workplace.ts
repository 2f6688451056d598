import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { encodeLossless } from '../../src/ml/imaging/write-image.ts';
import { synthesizeFundus } from '../../src/ml/imaging/synthetic-fundus.ts';
import { medlocker } from './medlocker.ts';
import { writeTinyGrader } from './tiny-grader.ts';

/** A folder of its own with everything a job needs: images, two graders, a logo and an owner key. */
export interface Workplace {
  readonly folder: string;
  readonly images: string;
  readonly surrogate: string;
  readonly victim: string;
  readonly logo: string;
  readonly ownerKey: string;
  readonly ownerPublic: string;
  path(...parts: string[]): string;
  remove(): Promise<void>;
}

export async function makeWorkplace(
  names: readonly string[] = ['a.png', 'b.png', 'deep/c.png'],
): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), 'medlocker-test-'));
  const path = (...parts: string[]) => join(folder, ...parts);
  const workplace: Workplace = {
    folder,
    images: path('images'),
    surrogate: path('surrogate.onnx'),
    victim: path('victim.onnx'),
    logo: path('logo.svg'),
    ownerKey: path('owner.key'),
    ownerPublic: path('owner.pub'),
    path,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
  for (const [index, name] of names.entries()) await writeEye(join(workplace.images, name), index + 1);
  await writeTinyGrader(workplace.surrogate, 1);
  await writeTinyGrader(workplace.victim, 2);
  await writeFile(workplace.logo, logo);
  const made = await medlocker(['keys', 'create-owner', '--name', 'Test clinic', '--out', path('owner')]);
  if (made.code !== 0) throw new Error(`no owner key: ${made.stderr}`);
  return workplace;
}

/** A synthetic eye as a PNG of 160 x 160 pixels. */
export async function writeEye(path: string, seed: number, size = 160): Promise<void> {
  const grade = ([0, 1, 2, 3, 4] as const)[seed % 5] ?? 0;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await encodeLossless(synthesizeFundus({ grade, seed, size }).raster, 'png', null));
}

/** Arguments of a quick protect job; further ones can follow. */
export function protectArguments(workplace: Workplace, out: string, more: readonly string[] = []): string[] {
  return [
    ...['protect', workplace.images, '--out', out, '--logo', workplace.logo],
    ...['--surrogate', workplace.surrogate, '--victim', workplace.victim, '--owner-key', workplace.ownerKey],
    ...['--preset', 'balanced', '--marks', '2', '--size', '0.1', '--budget', '12', '--pipeline', 'direct'],
    ...['--threads', '1', '--no-landmarks', '--zone', 'grad-cam'],
    ...more,
  ];
}

/** SHA-256 of every file below a folder, the private one left out, by path. */
export async function publicTree(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hashes: Record<string, string> = {};
  for (const file of files.sort()) {
    const name = relative(folder, file).split(sep).join('/');
    if (!name.startsWith('.medlocker/'))
      hashes[name] = createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
  }
  return hashes;
}

const logo = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64">
<rect x="8" y="8" width="48" height="48" rx="10" fill="white"/><circle cx="32" cy="32" r="12" fill="black"/></svg>`;
