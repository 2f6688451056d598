import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readPlainFile, whyUnread } from '../../ml/plain-file.ts';
import { readImage, type DecodedImage } from '../../ml/imaging/read-image.ts';
import { zoneFromPng } from '../../ml/lesions/zone-png.ts';
import type { BinaryMask } from '../../ml/imaging/plane.ts';
import { Failure } from '../../shared/failure.ts';
import { namesOf } from '../jobs/output-names.ts';
import { scanSource } from '../jobs/scan.ts';
import { manifestName, privateFolder } from './private-folder.ts';
import { wholeJob } from '../jobs/shard.ts';

/** A folder that `protect` wrote, or a copy of it, as `verify` and `restore` find it. */
export interface ProtectedFolder {
  readonly folder: string;
  /** Bytes of the manifest; null when there is none, or when a single image was named. */
  readonly manifest: Buffer | null;
  /** Paths of the images found, relative to the folder. */
  readonly images: readonly string[];
  /** Real path of a file of the set. */
  file(path: string): string;
}

/** @throws Failure usage when the path does not exist or holds nothing to look at */
export async function openProtectedFolder(path: string, signal?: AbortSignal): Promise<ProtectedFolder> {
  const real = await realpath(path).catch((error: unknown) => {
    throw new Failure('usage', `${path} does not exist or cannot be opened`, {
      subject: path,
      hint: 'Name the protected folder, or one protected image.',
      cause: error,
    });
  });
  const isFolder = (await stat(real)).isDirectory();
  const folder = isFolder ? real : dirname(real);
  const scan = await scanSource(folder, { onlyFile: isFolder ? undefined : basename(real), signal });
  const manifest = isFolder ? await bytesOrNull(join(folder, manifestName)) : null;
  if (scan.files.length === 0 && manifest === null) {
    throw new Failure('usage', `${path} holds neither an image nor a manifest`, {
      subject: path,
      hint: 'Name the protected folder, or one protected image.',
    });
  }
  return {
    folder,
    manifest,
    images: scan.files.map((file) => file.path),
    file: (relative) => join(folder, ...relative.split('/')),
  };
}

export interface SetFiles {
  readonly certificate: Buffer | null;
  readonly residual: Buffer | null;
  readonly image: DecodedImage | Failure | null;
}

/** What belongs to one image of the set; nothing is judged. */
export async function loadSetFiles(set: ProtectedFolder, path: string): Promise<SetFiles> {
  const names = namesOf(path);
  return {
    certificate: await bytesOrNull(set.file(names.certificate)),
    residual: await bytesOrNull(set.file(names.residual)),
    image: await imageOrFailure(set.file(path)),
  };
}

/** The forbidden zone the owner keeps beside the set; undefined in a copy without the private folder. */
export async function keptZone(
  set: ProtectedFolder,
  path: string,
  size: { readonly width: number; readonly height: number },
): Promise<{ mask: BinaryMask; sha256: string } | undefined> {
  const file = privateFolder(set.folder, wholeJob).zone(path);
  return zoneFromPng(file, size).catch(() => undefined);
}

async function imageOrFailure(path: string): Promise<DecodedImage | Failure | null> {
  try {
    if ((await stat(path).catch(() => null)) === null) return null;
    return await readImage(path);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

async function bytesOrNull(path: string): Promise<Buffer | null> {
  try {
    return await readPlainFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new Failure('certificate-unreadable', `${path} cannot be read: ${whyUnread(error)}`, {
      subject: path,
      hint: 'Check the file and its permissions.',
      cause: error,
    });
  }
}
